// Package markdown cuts the agent's Markdown into messages and takes out of it what would disturb people. It knows the
// block structure of CommonMark and of GitHub's tables, and how Slack marks mentions; it knows nothing of posting, and
// changes nothing about how a text looks.
//
// # Where a text is cut
//
// Split fills a part as far as the limit lets it and then looks back for the best place: before a block, before a list
// item, before a block within an item or a quote (from a quarter of the limit on); before a line, between two
// sentences, between two words (from half of it on). Only where there is nothing of that kind it takes any such place,
// then one between a heading and what it is about, then one within a code span or a link, and at last one between two
// characters as people see them, so that an emoji with a skin tone stays whole.
//
// Each part is a text of its own:
//
//   - A fence that is cut is closed and opened again, with its run, its info string and within its quotes. One that the
//     text leaves open is closed at its end.
//   - A table that is cut between its rows gets its head again, unless that is longer than a quarter of the limit.
//   - A quote goes on being one.
//   - What belongs to a list item, but comes after the cut, is moved to the left by the item's indentation, as long as
//     the item lasts. Otherwise it would be read as indented code.
//   - Where the rest of a paragraph would begin something new ("- ", "#", "```"), a WORD JOINER stands before it.
//
// # What is promised
//
// A part says what was left out before it (the gap), added around it (prefix and suffix), and replaced at the beginning
// of its lines. With the lines put back, the gaps and texts of all parts in their order are exactly the text after
// these changes: broken UTF-8 and NUL become U+FFFD, all line ends are line feeds, and white space at the end is gone.
// Gaps are white space. Every part is within the limit, holds more than white space, and ends with no fence open. The
// time is linear in the length of the text: no line is read more often than a part may be shorter than the limit.
//
// The limit is in UTF-16 code units. Slack says "characters" and not what it counts; no text has more code points than
// UTF-16 code units, and counting bytes would halve what Cyrillic and Arabic have room for.
//
// Not promised: emphasis that is cut in two shows its asterisks, and a link whose target is defined elsewhere in the
// text ([words][1]) is one only in the part with the definition. HTML blocks are text. Nesting is followed eight levels
// deep. A fence of more than 64 backticks is no fence to us, since it takes two of them to hold anything; Slack is kept
// from seeing one by a WORD JOINER.
//
// # Why nothing notifies anybody
//
// Slack reads its own marks in a markdown block too: <!here> there is a mention of everybody present
// (measured in https://github.com/PostHog/posthog/pull/95054). Neutralize breaks the marks with a WORD JOINER, U+2060,
// behind their sign. That is invisible everywhere, in code too, where escapes like &lt; would be shown as they are; it
// works without knowing where code begins, about which Slack's parser and ours might disagree; and unlike ZERO WIDTH
// SPACE it is no place where a line may be broken, and isn't taken for white space and trimmed. Its price is that what
// is copied from a code block has it, so only what Slack reacts to is changed: <@NonNull T>, <!DOCTYPE html>, <#if>,
// addresses of mail and https://example.com/@here stay as they are. Names such as @channel don't notify as plain text
// unless the message asks for it (link_names, parse); whether they do in a markdown block isn't documented, so they are
// broken as well.
//
// Neutralize comes before Split: what it wrote is only longer afterwards.
package markdown
