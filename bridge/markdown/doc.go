// Package markdown splits the agent's Markdown into messages and neutralizes what could notify people. It knows the
// block structure of CommonMark and of GitHub's tables, and how Slack marks mentions. It knows nothing of posting, and
// doesn't change how a text looks.
//
// # Where a text is cut
//
// Split fills a part as far as the limit allows and then takes the best place for its end, in this order:
//
//   - before a block, a list item, or a block within an item or a quote, if the part then has a quarter of the limit;
//   - before a line, between two sentences, or between two words, if it has half of the limit;
//   - at any such place;
//   - between lines that belong together, such as a heading and its text;
//   - between two characters as people see them, so that an emoji with a skin tone stays whole.
//
// A code span, a link and emphasized words are cut only if they don't fit into a part alone.
//
// A part also ends before it would have more than MaxBlocks rendered blocks, which Slack counts. Then a quarter, or half, of
// those is as good as that of the limit.
//
// Each part is a document of its own:
//
//   - A fence that is cut is closed and opened again, with its run, its info string and within its quotes. A fence that
//     the text leaves open is closed at its end.
//   - A table that is cut between its rows gets its head again, unless that is longer than a quarter of the limit.
//   - A quote stays a quote. Quotes with nothing in them are left out where a part would begin with them.
//   - The rest of a list item is moved to the left by the item's indentation. Otherwise it would be read as indented
//     code. If the next item would then be read as a part of the paragraph, a blank line is put before it.
//   - The definitions that a part's links need stand at its end, as far as they fit into half of the limit. A part of
//     nothing but definitions, in which there is nothing to see, is left out.
//   - If the rest of a paragraph would begin something new ("- ", "#", "```"), a WORD JOINER stands before it.
//
// # What is promised
//
// A part records what was left out before it (the gap), added around it (prefix and suffix), and replaced at the
// beginning of its lines. With the lines put back, the gaps and texts of all parts in their order are exactly the text
// after four changes: broken UTF-8 and NUL become U+FFFD, all line ends are line feeds, white space at the end is gone,
// and indented code that might have to be cut is in a fence, since blank lines at a cut would be lost. Gaps are white space, and the marks of quotes that are repeated or have nothing in them. Every part is within the limit, holds something to
// see, and ends with no fence open.
// The time is linear in the length of the text: no part takes more reading than a few times the limit.
//
// The limit is in UTF-16 code units. Slack says "characters" without saying which. No text has more code points than
// UTF-16 code units, and counting bytes would halve the room for Cyrillic and Arabic.
//
// Not promised: indented code that a list item begins with stays as it is, and loses the blank lines at a cut. Emphasis of more than 500 characters that is cut in two shows its asterisks, and a code span that is longer
// than a part shows its backticks. A list whose items all have the number 1 begins again at 1 in each part. Nesting is followed eight
// levels deep. A fence of more than 64 backticks is not followed, since a part has no room for two of them; a WORD
// JOINER keeps Slack from reading it as a fence.
//
// # Why the splitter reads lines itself
//
// It asks what a line would be in a part: behind a prefix, without the marks of its list item, or cut at some byte.
// A parser of documents answers that only by parsing the part again for each question. Goldmark's tree doesn't tell the
// run and indentation of a fence, where a fence ends, or the marks of each line either. And its time grows with the
// square of the nesting: for 1 MB of ">" in parts of 12,000 characters, parsing alone takes 250 times as long as
// splitting does here. The tests read the parts with goldmark as a second opinion.
//
// # Why nothing notifies anybody
//
// Slack reads its own marks in a markdown block too: <!here> there is a mention of everybody present
// (measured in https://github.com/PostHog/posthog/pull/95054). Split puts a WORD JOINER, U+2060, behind the sign of such a
// mark. It is invisible, no line is broken at it, and it isn't white space that could be trimmed.
//
// What people copy must not contain it, so only what notifies is changed: <@U012AB3CD>, <!here>, <!channel>,
// <!everyone>, <!group> and <!subteam^S012AB3CD>. Slack links a bare @here only if a message asks for it (link_names,
// parse), and ours don't. <#C012AB3CD>, <!date^…>, <@layout> and mail addresses notify nobody.
//
// Code is never changed. What is code is decided as CommonMark says: fences, indented code, and code spans, with all that
// binds as tight as they do. The tests compare that with goldmark on random texts. It isn't known which parser Slack uses,
// so doubt makes text of code, and never code of text:
//
//   - A run of backticks that isn't closed in its paragraph or cell is text.
//   - A fence that isn't closed is code to the end, and Split closes it, so that every parser agrees.
//   - HTML is text, also where a fence or backticks are in it.
//   - A backtick in the target of a link, in a label or in a bare address makes text of the rest of its paragraph.
//   - A paragraph with a line of nothing but hyphens, colons and bars is text unless it is a table, and so is indented
//     code right behind the mark of a list item, and whatever is nested eight levels deep.
//   - Behind a tab in a tag or behind the mark of a list item, all is text until a line without indentation after a blank
//     one; to the end, if a fence or HTML began meanwhile.
//
// A code span that is cut in two is text in both parts, so each part is neutralized again.
package markdown
