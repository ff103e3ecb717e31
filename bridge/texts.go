package bridge

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge/spelling"
)

// Every word that people read in Slack stands in this file, so that it reads
// as one voice: "Agen" and "the agent", first what happened to the message,
// then what to do. It is Slack's mrkdwn
// (https://docs.slack.dev/messaging/formatting-message-text).

const textTakenBack = "The messages this was about have been taken back or decided on."

// person shows somebody by name.
func person(id string) string { return "<@" + id + ">" }

// clock shows an instant in the reader's own time zone
// (https://docs.slack.dev/messaging/formatting-message-text#date-formatting).
func clock(t time.Time) string {
	return fmt.Sprintf("<!date^%d^{time}|%s UTC>", t.Unix(), t.UTC().Format("15:04"))
}

// dayClock shows an instant that may be days away.
func dayClock(t time.Time) string {
	return fmt.Sprintf("<!date^%d^{date_short_pretty} {time}|%s UTC>", t.Unix(), t.UTC().Format("2006-01-02 15:04"))
}

// writtenAt is when the message was written: its ts says so.
func (m *MessageRecord) writtenAt() time.Time { return parseTS(m.TS, m.Accepted) }

// parseTS reads the seconds of a ts, or returns what is said otherwise.
func parseTS(ts string, otherwise time.Time) time.Time {
	seconds, _, _ := strings.Cut(ts, ".")
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return otherwise
	}
	return time.Unix(n, 0)
}

// label chooses by number.
func label(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// counted is a number of messages in words that fit behind it.
func counted(n int) string { return fmt.Sprintf("%d %s", n, label(n, "message", "messages")) }

// escape makes a remote's words harmless in mrkdwn: no mention, no link, no
// line of their own.
func escape(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// textGreeting introduces the bot to a channel.
func (p *Policy) textGreeting() string {
	along := ""
	if p.Earlier > 0 {
		along = fmt.Sprintf(", with up to %d earlier %s of the same thread,", p.Earlier, label(p.Earlier, "message", "messages"))
	}
	return "Hi, I'm Agen, a coding agent. Mention me with a task and I work on it in that thread: `@Agen the login test is flaky, please fix it`\n" +
		"I act only in threads where somebody mentions me. What is said to me there" + along + " is sent to Agen. More: `@Agen help`"
}

// textHelp says what people can do.
func (p *Policy) textHelp() string {
	contact, emoji := p.Contact, p.Reactions
	var signs []string
	for _, s := range []struct {
		sign ReactionKind
		says string
	}{
		{ReactionQueued, "waiting its turn"},
		{ReactionProcessing, "the agent is on it"},
		{ReactionCompleted, "dealt with"},
		{ReactionCanceled, "canceled"},
		{ReactionDelayed, "Agen can't be reached, I keep trying"},
		{ReactionFailed, "not sent, a note says why"},
	} {
		if emoji[s.sign] != "" {
			signs = append(signs, fmt.Sprintf(":%s: %s", emoji[s.sign], s.says))
		}
	}
	lines := []string{
		"*Mention me with a task* and the thread becomes one Agen session. Anyone here may steer it.",
		"• Every reply in the thread goes to the agent, from anyone who may use it. `@Agen quiet`: only messages that mention me. `@Agen listen`: every reply again.",
	}
	if len(signs) > 0 {
		lines = append(lines, "• *The reaction tells where your message is:* "+strings.Join(signs, " · ")+". *No reaction: the agent did not get it.*")
	}
	lines = append(lines,
		"• To talk among yourselves, start with `!aside` or with somebody's @name.",
		"• Alone in a message: `@Agen status` · `list` · `stop` · `new` · `retry`."+p.helpOptions())
	last := "The agent is an AI and makes mistakes: read its changes before you merge."
	if contact != "" {
		last += " Questions: " + contact
	}
	return strings.Join(append(lines, last), "\n")
}

// helpOptions says what the first message may begin with.
func (p *Policy) helpOptions() string {
	if len(p.Options) == 0 {
		return ""
	}
	examples := map[string]string{OptionBranch: "branch=main", OptionModel: "model=…"}
	var given []string
	for _, name := range p.Options {
		given = append(given, examples[name])
	}
	return " In your first message: `[" + strings.Join(given, " ") + "]`"
}

func textDelayed(n int, until time.Time) string {
	return fmt.Sprintf("🔌 I can't reach Agen. %s in this thread %s waiting. %s safe and %s out by %s as soon as Agen answers; I keep trying until %s.",
		counted(n), label(n, "is", "are"), label(n, "It is", "They are"),
		label(n, "goes", "go"), label(n, "itself", "themselves, in order,"), dayClock(until))
}

func textOver(from, to time.Time, sent, of int) string {
	out := fmt.Sprintf("Agen was out of reach from %s to %s. ", clock(from), clock(to))
	switch {
	case of == 0:
		return out + "No message is waiting any more."
	case sent == of && of == 1:
		return out + "The waiting message has been sent."
	case sent == of:
		return out + fmt.Sprintf("All %d waiting messages have been sent, in order.", of)
	default:
		return out + fmt.Sprintf("%d of %d waiting messages have been sent.", sent, of)
	}
}

func textDropped(n int, by string, at time.Time) string {
	return fmt.Sprintf("%s decided not to send %s, %s. The agent has not seen %s.",
		person(by), label(n, "the waiting message", "the "+strconv.Itoa(n)+" waiting messages"), clock(at), label(n, "it", "them"))
}

// textMissed asks whether messages that nobody heard are still wanted. It
// mentions one person only, so the others are told by their times.
func textMissed(asker string, rows []*MessageRecord) string {
	first, last := dayClock(rows[0].writtenAt()), dayClock(rows[len(rows)-1].writtenAt())
	which := "a message in this thread, written " + first
	if len(rows) > 1 {
		which = fmt.Sprintf("%s in this thread, written from %s to %s", counted(len(rows)), first, last)
	}
	return fmt.Sprintf("%s, I missed %s. The agent has not seen %s. Should it? What you write from now on goes out at once either way.",
		person(asker), which, label(len(rows), "it", "them"))
}

func textLate(n int, by string, at time.Time) string {
	return fmt.Sprintf("%s sent late by %s, %s.", label(n, "The message was", "The "+strconv.Itoa(n)+" messages were"), person(by), clock(at))
}

// textSkipped tells who decided against messages that were missed; by is empty
// where nobody did.
func textSkipped(n int, by string, at time.Time) string {
	were := label(n, "the message was", "the "+strconv.Itoa(n)+" messages were")
	if by == "" {
		return "Nobody decided for 24 hours, so " + were + " not sent."
	}
	return "Skipped by " + person(by) + ", " + clock(at) + ": " + were + " not sent."
}

// textFailed is the note about messages that did not reach the agent. Each
// author is mentioned once.
func (p *Policy) textFailed(rows []*MessageRecord, thread ThreadKey) string {
	var b strings.Builder
	fmt.Fprintf(&b, "⚠️ %s", whose(rows))
	if slices.ContainsFunc(rows, func(m *MessageRecord) bool { return m.Fault == ClassUnsure || !m.InFlightSince.IsZero() }) {
		b.WriteString(" may or may not have reached the agent, and I can't tell which.")
	} else {
		b.WriteString(" did not reach the agent.")
	}
	if why := reasonFor(rows); why != "" {
		b.WriteString(" " + why)
	}
	if rows[len(rows)-1].Fault == HoldNoRoute {
		b.WriteString(" Try again when it is, or begin a new thread.")
	} else {
		fmt.Fprintf(&b, " Later messages in this thread went on without %s.", label(len(rows), "it", "them"))
	}
	if p.Contact != "" {
		fmt.Fprintf(&b, "\nIf it keeps failing: %s, reference `%s`", p.Contact, reference(thread, rows))
	}
	return b.String()
}

// reasonFor says why, in Agen's words where there are some.
func reasonFor(rows []*MessageRecord) string {
	last := rows[len(rows)-1]
	switch {
	case last.Fault == ClassTemporary:
		return "Agen could not be reached for too long."
	case last.Fault == ClassForbidden && last.Reason == "":
		return "Agen doesn't allow it in this session."
	case last.Fault == ClassNotFound:
		return "Its session could not be opened."
	case last.Fault == HoldNoRoute:
		return "This thread belongs to an Agen workspace that isn't set up here any more."
	case last.Fault == ClassPanic:
		return "That is a mistake in me and not Agen's; it is in my log."
	case last.Reason != "":
		return "Agen said: “" + escape(last.Reason) + "”."
	default:
		return ""
	}
}

// whose names authors and times, in the order of the messages.
func whose(rows []*MessageRecord) string {
	if len(rows) == 1 {
		return fmt.Sprintf("%s, your message from %s", person(rows[0].Author), clock(rows[0].writtenAt()))
	}
	parts := make([]string, 0, len(rows))
	for _, m := range rows {
		parts = append(parts, fmt.Sprintf("%s’s from %s", person(m.Author), clock(m.writtenAt())))
	}
	return fmt.Sprintf("%s (%s)", counted(len(rows)), strings.Join(parts, ", "))
}

// reference lets the operator find the message: trace takes it.
func reference(thread ThreadKey, rows []*MessageRecord) string {
	return string(thread) + " " + rows[len(rows)-1].ID()
}

func textRetried(n int, by string, at time.Time) string {
	return fmt.Sprintf("%s had %s sent again, %s. The reaction tells how it stands.",
		person(by), label(n, "the message", "the "+strconv.Itoa(n)+" messages"), clock(at))
}

func textLeft(by string, at time.Time) string {
	return fmt.Sprintf("Not sent: %s left it at that, %s.", person(by), clock(at))
}

func textClosed(rows []*MessageRecord, moved bool) string {
	was := "your message from " + clock(rows[0].writtenAt()) + " was"
	if len(rows) > 1 {
		was = whose(rows) + " were"
	}
	why := "is closed"
	if moved {
		why = "went on in another thread"
	}
	return fmt.Sprintf("This session %s, so %s not sent to the agent. "+
		"A new session in this thread starts with what was said here as background.", why, was)
}

func textRestarted(n int, by string, at time.Time) string {
	return fmt.Sprintf("%s started a new session with %s, %s.",
		person(by), label(n, "the waiting message", "the "+strconv.Itoa(n)+" waiting messages"), clock(at))
}

// What led to nothing when somebody was refused.
const (
	messageRefused = "Your message did not go to the agent"
	clickRefused   = "Your click did nothing"
)

func (p *Policy) textRefused(what string, why Refusal) string {
	reason := map[Refusal]string{
		RefusedGuest:    "guests can't use Agen in this workspace",
		RefusedExternal: "people of other organizations can't use Agen here",
		RefusedShared:   "this channel is shared with another company, and the agent's answers would be visible there",
		RefusedChannel:  "Agen isn't switched on in this channel",
		RefusedPerson:   "your account isn't on the list of people who may use it",
		RefusedDirect:   "Agen doesn't take direct messages in this workspace",
		RefusedPace:     fmt.Sprintf("you wrote more than %d messages in a minute, the limit. Write it again in a minute", p.MessagesPerMinute),
		RefusedSessions: fmt.Sprintf("you have started %d sessions today, the limit", p.SessionsPerDay),
		RefusedFull:     fmt.Sprintf("%d messages are waiting in this thread already, the limit", maxWaiting),
	}[why]
	text := private + what + ": " + reason + "."
	if p.Contact != "" {
		text += " Ask " + p.Contact + " if you need it."
	}
	return text
}

func textUnread(names []string) string {
	safe := make([]string, 0, len(names))
	for _, n := range names {
		safe = append(safe, "“"+escape(n)+"”")
	}
	return fmt.Sprintf("Only you can see this. The agent got your message, but it can't open %s in Slack: %s. Paste what matters as text.",
		label(len(safe), "this file", "these files"), strings.Join(safe, ", "))
}

func textUnfollowed(silence time.Duration) string {
	return fmt.Sprintf("Nothing has happened in this session for %d days, so I stopped looking. Write here to go on.", int(silence.Hours()/24))
}

// What follows until textOutcome is Markdown: the agent's words, or somebody
// else's for the agent.

const textShortened = "_The agent has shortened this message._"

func textMirror(message string) string {
	lines := strings.Split(strings.TrimSpace(message), "\n")
	return "*Written in the Agen app:*\n\n> " + strings.Join(lines, "\n> ")
}

// maxButtonLabel is how long an option may be to stand on its button.
const maxButtonLabel = 40

// maxChoices is how many options a list in Slack takes
// (https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element).
const maxChoices = 100

// numbered reports whether the options are too long for their buttons: then
// they stand above, in full, and the buttons have numbers.
func numbered(options []agen.Option) bool {
	return len(options) > maxChoices || slices.ContainsFunc(options, func(o agen.Option) bool { return len([]rune(o.Label)) > maxButtonLabel })
}

func optionLabel(options []agen.Option, n int) string {
	if numbered(options) {
		return strconv.Itoa(n + 1)
	}
	return strings.Join(strings.Fields(options[n].Label), " ")
}

// textQuestion asks what the agent asks, the one who asked last.
func textQuestion(q agen.Question, asker string) string {
	text := "🙋 The agent asks:"
	if asker != "" {
		text = "🙋 " + person(asker) + ", the agent asks:"
	}
	text += "\n" + bold(first(q.Text, "How should I go on?"))
	if numbered(q.Options) {
		for i, o := range q.Options {
			text += fmt.Sprintf("\n%d. %s", i+1, escape(o.Label))
		}
	}
	if len(q.Options) == 0 {
		return text + "\nReply in your own words. Anyone in this thread may answer; the first answer counts."
	}
	return text + "\nOr reply in your own words. Anyone in this thread may answer; the first answer counts."
}

// bold is mrkdwn in bold, line by line: a pair of stars does not reach over a
// line's end.
func bold(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	for i, line := range lines {
		if line = escape(strings.ReplaceAll(line, "*", "∗")); line != "" {
			lines[i] = "*" + line + "*"
		}
	}
	return strings.Join(lines, "\n")
}

// textAnswer is a question that was answered.
func textAnswer(text, by, answer string, at time.Time) string {
	question := questionOf(text)
	switch {
	case by == "" && answer == "":
		return question + "\nAnswered in the Agen app, " + clock(at) + "."
	case by == "":
		return question + "\nAnswered in the Agen app: *" + escape(answer) + "*, " + clock(at)
	case answer == "":
		return question + "\n" + person(by) + " answered in the thread, " + clock(at)
	default:
		return question + "\n" + person(by) + ": *" + escape(answer) + "*, " + clock(at)
	}
}

// questionOf is what was asked, without how to answer and whom.
func questionOf(text string) string {
	if i := strings.LastIndexByte(text, '\n'); i > 0 {
		text = text[:i]
	}
	_, text, _ = strings.Cut(text, "\n")
	return text
}

// textStuck tells that an answer may stand behind the question that it answers.
func textStuck(by, link string) string {
	where := "in the Agen app"
	if link != "" {
		where = "there: " + linked(link, "Open session")
	}
	return "Agen has put the answer of " + person(by) + " into its queue, where it may wait for the very question that it answers. If the agent doesn't go on, answer " + where + "."
}

const textUnstuck = "The agent has the answer now."

// textUnanswered is a question whose session ended.
func textUnanswered(text string) string {
	return questionOf(text) + "\nThe session ended before this was answered."
}

// textAnswered tells somebody who came later.
func textAnswered(about []string) string {
	already := "This has been answered already."
	if len(about) == 2 && about[0] != "" {
		already = person(about[0]) + " has already answered"
		if about[1] != "" {
			already += ": " + escape(about[1])
		}
		already += "."
	}
	return "Only you can see this. " + already + " If you see it differently, reply in the thread: it goes to the agent."
}

// textOutcome is the one line about an outcome, empty where there is none.
func textOutcome(e *agen.Event) string {
	switch e.Type {
	case agen.EventMergeRequestMerged:
		line := "🔀 Merged: " + mergeRequest(e)
		if into := e.Lookup("target_branch", "into", "base"); into != "" {
			line += " into `" + escape(into) + "`"
		}
		return line + "."
	case agen.EventMergeRequestClosed:
		return "Merge request closed without merging: " + mergeRequest(e) + "."
	case agen.EventAgentAlertCreated:
		return oneLiner("⚠️ Agen: ", e)
	case agen.EventSystemMessage:
		return oneLiner("Agen: ", e)
	default:
		return ""
	}
}

// mergeRequest names a merge request, with a link where the event has one.
func mergeRequest(e *agen.Event) string {
	return linked(requestURL(e), first(e.Lookup("title", "name"), e.Text(), "the merge request"))
}

func requestURL(e *agen.Event) string {
	return e.Lookup("url", "web_url", "html_url", "link", "merge_request_url", "pull_request_url")
}

// linked is a link where the URL can be one.
func linked(url, label string) string {
	if !strings.HasPrefix(url, "https://") || strings.ContainsAny(url, "|<> \n") {
		return escape(label)
	}
	return "<" + strings.ReplaceAll(url, "&", "&amp;") + "|" + escape(label) + ">"
}

// textCard is the one post about a session.
func textCard(c Card, waiting int, link string, over, listens bool) string {
	line := cardState(c)
	if c.Asker != "" {
		line = append(line, "asked by "+person(c.Asker))
	}
	if waiting > 0 {
		line = append(line, counted(waiting)+" waiting")
	}
	line = append(line, workResults(c)...)
	if link != "" {
		line = append(line, linked(link, "Open session"))
	}
	text := strings.Join(line, " · ")
	if over {
		return text
	}
	text += "\n"
	if c.Earlier > 0 {
		text += fmt.Sprintf("I sent along %d earlier %s of this thread. ", c.Earlier, label(c.Earlier, "message", "messages"))
	}
	if !listens {
		return text + "Only messages that mention me go to the agent."
	}
	return text + "Every reply in this thread goes to the agent, from anyone."
}

// cardState tells where the work of a session stands.
func cardState(c Card) []string {
	phase := map[Phase]string{
		PhaseWorking: "Working", PhaseAsking: "Waiting for an answer", PhaseFinished: "Finished",
		PhaseMerged: "Merged", PhaseClosed: "Closed", PhaseLeft: "This thread went on in a new session",
		PhaseMoved: "This session went on in another thread",
	}[c.Phase]
	state := []string{"*" + phase + "*"}
	if c.Activity != "" {
		state = append(state, c.Activity)
	}
	return state
}

// workResults tells what came of it so far.
func workResults(c Card) []string {
	var fruits []string
	if c.Branch != "" {
		fruits = append(fruits, "branch `"+code(c.Branch)+"`")
	}
	if c.RequestURL != "" {
		fruits = append(fruits, linked(c.RequestURL, first(c.Request, "merge request")))
	}
	return fruits
}

const (
	private       = "Only you can see this. "
	textNoSession = private + "There is no session in this thread yet. Mention me with a task and I open one."
	textNew       = private + "The next message in this thread opens a new session, with what was said here as background."

	textLinked        = private + "This thread goes on with that session. Nothing from before is repeated here."
	textLinkedHere    = private + "This thread has that session already."
	textLinkClosed    = private + "That session is closed, so nothing can be added to it."
	textNotYours      = private + "I know no session with this id that you asked for in Slack. Only your own can be linked here."
	textNoSuchSession = private + "Agen has no session with this id that I may use. Its id stands in its link."
)

// textStop tells that nothing stops an agent from here. What is held stands in
// a second line.
func textStop(link string, passed bool) string {
	text := "I can't stop a running agent from Slack; Agen has no call for that."
	switch {
	case !passed:
		return "No agent is at work for this thread."
	case link != "":
		text += " " + linked(link, "Open session") + " to stop it there."
	default:
		text += " Stop it in the Agen app."
	}
	return text + " I passed your “stop” on."
}

// withHeld is the note of a stop, with how many messages it holds.
func withHeld(text string, n int) string {
	text, _, _ = strings.Cut(text, "\n")
	return text + fmt.Sprintf("\nI'm holding %s that %s not sent yet.", counted(n), label(n, "was", "were"))
}

// textAside tells somebody that their message stayed between people.
func textAside(other string) string {
	return private + "Your message starts with " + other + ", so I left it between you. Should the agent have it too? Edit it and add @Agen."
}

// textTypo tells why nothing was started, and how to mend it.
func (p *Policy) textTypo(mistake string) string {
	text := "Nothing started: " + mistake + " Edit your message and I'll take it from there."
	if len(p.Options) > 0 {
		text += " Options here: `" + strings.Join(p.Options, "`, `") + "`."
	}
	return text
}

func (p *Policy) textUnknownOption(name string) string {
	if len(p.Options) == 0 {
		return "options are switched off here."
	}
	text := "I don't know the option `" + code(name) + "`."
	if meant, distance := spelling.Closest(strings.ToLower(name), p.Options); meant != "" && distance <= 2 {
		text += " Did you mean `" + meant + "`?"
	}
	return text
}

func textReplies(every bool) string {
	if every {
		return private + "Every reply in this thread goes to the agent again."
	}
	return private + "From now on only messages that mention me go to the agent."
}

func textAgain(n int) string {
	if n == 0 {
		return private + "Nothing in this thread is left to be sent again."
	}
	return private + fmt.Sprintf("I'm sending %s again. The reaction tells how %s.", counted(n), label(n, "it stands", "they stand"))
}

// maxListed bounds the list of somebody's threads.
const maxListed = 20

// textList lists somebody's open threads.
func textList(open []ownThread, link func(ThreadKey) string) string {
	if len(open) == 0 {
		return private + "You have no open threads. Mention me with a task to start one."
	}
	lines := []string{private + label(len(open), "Your open thread:", "Your open threads, the latest news first:")}
	for _, b := range open[:min(len(open), maxListed)] {
		s := &b.thread.Session
		lines = append(lines, "• "+linkedClock(s.OpenedAt, link(b.key))+" · "+strings.Join(append(cardState(s.Card), workResults(s.Card)...), " · "))
	}
	if more := len(open) - maxListed; more > 0 {
		lines = append(lines, fmt.Sprintf("And %d more.", more))
	}
	return strings.Join(lines, "\n")
}

// linkedClock is an instant in the reader's time zone that leads somewhere.
func linkedClock(t time.Time, url string) string {
	if url == "" {
		return dayClock(t)
	}
	return fmt.Sprintf("<!date^%d^{date_short_pretty} {time}^%s|%s UTC>", t.Unix(), url, t.UTC().Format("2006-01-02 15:04"))
}

// textStatus tells how a thread stands.
func (p *Policy) textStatus(r *ThreadState) string {
	waiting, failed := 0, 0
	for _, m := range r.Messages {
		switch {
		case m.waiting() && m.Command == "":
			waiting++
		case m.undelivered():
			failed++
		}
	}
	s := r.Thread.Session
	lines := []string{private + textCard(s.Card, waiting, p.sessionLink(&r.Thread), s.Closed, p.listens(&r.Thread))}
	if s.ID == "" {
		lines = []string{private + "No session is open in this thread yet; " + counted(waiting) + " waiting."}
	}
	if failed > 0 {
		lines = append(lines, counted(failed)+" did not reach the agent: `@Agen retry` sends "+label(failed, "it", "them")+" again.")
	}
	return strings.Join(lines, "\n")
}

// lineLimit bounds a short line; what is longer is at Agen in full.
const lineLimit = 300

func oneLiner(before string, e *agen.Event) string {
	text := []rune(strings.Join(strings.Fields(e.Text()), " "))
	if len(text) == 0 {
		return ""
	}
	if len(text) > lineLimit {
		text = append(text[:lineLimit], []rune("… (all of it is in the session)")...)
	}
	return before + escape(string(text))
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
