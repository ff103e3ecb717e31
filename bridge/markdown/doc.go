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
//   - within a code span or a link;
//   - between two characters as people see them, so that an emoji with a skin tone stays whole.
//
// Each part is a document of its own:
//
//   - A fence that is cut is closed and opened again, with its run, its info string and within its quotes. A fence that
//     the text leaves open is closed at its end.
//   - A table that is cut between its rows gets its head again, unless that is longer than a quarter of the limit.
//   - A quote stays a quote.
//   - The rest of a list item is moved to the left by the item's indentation. Otherwise it would be read as indented
//     code.
//   - If the rest of a paragraph would begin something new ("- ", "#", "```"), a WORD JOINER stands before it.
//
// # What is promised
//
// A part records what was left out before it (the gap), added around it (prefix and suffix), and replaced at the
// beginning of its lines. With the lines put back, the gaps and texts of all parts in their order are exactly the text
// after three changes: broken UTF-8 and NUL become U+FFFD, all line ends are line feeds, and white space at the end is
// gone. Gaps are white space. Every part is within the limit, holds more than white space, and ends with no fence open.
// The time is linear in the length of the text: no part takes more reading than a few times the limit.
//
// The limit is in UTF-16 code units. Slack says "characters" without saying which. No text has more code points than
// UTF-16 code units, and counting bytes would halve the room for Cyrillic and Arabic.
//
// Not promised: emphasis that is cut in two shows its asterisks, and a link whose target is defined elsewhere in the
// text ([words][1]) is a link only in the part with the definition. HTML blocks are text. Nesting is followed eight
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
// (measured in https://github.com/PostHog/posthog/pull/95054). Neutralize puts a WORD JOINER, U+2060, behind the sign of
// such a mark:
//
//   - It is invisible everywhere, in code too, where an escape like &lt; would be shown as it is.
//   - It works without knowing where code begins, about which Slack's parser and ours might disagree.
//   - Unlike at ZERO WIDTH SPACE, no line is broken at it, and it isn't white space that could be trimmed.
//
// The price is that what people copy from a code block contains it. So only what Slack reacts to is changed:
// <@NonNull T>, <!DOCTYPE html>, <#if>, mail addresses and https://example.com/@here stay as they are. Names such as
// @channel don't notify as plain text unless the message asks for it (link_names, parse). Whether they do in a markdown
// block isn't documented, so they are broken as well.
//
// Neutralize comes before Split, since it makes a text longer.
package markdown
