package bridge

import (
	"strconv"
	"time"
)

// OwnThread is a thread key with its stored state.
type OwnThread struct {
	Key    ThreadKey
	Thread Thread
}

// NoteKind is the type of a note.
type NoteKind string

// The kinds of notes that everybody in the thread sees.
const (
	// NoteGreeting introduces the bot to a channel.
	NoteGreeting NoteKind = "greeting"
	// NoteCard is the card: the one post that summarizes a session.
	NoteCard NoteKind = "card"
	// NoteDelayed says that messages wait because Agen or Slack can't be reached.
	NoteDelayed NoteKind = "delayed"
	// NoteFailed says that messages couldn't be delivered to the agent.
	NoteFailed NoteKind = "failed"
	// NoteClosed says that messages wait because their session is closed.
	NoteClosed NoteKind = "closed"
	// NoteMissed asks whether to send messages that the bot missed while it was not
	// running.
	NoteMissed NoteKind = "missed"
	// NoteStop says that the agent can't be stopped from Slack, and which messages are
	// held.
	NoteStop NoteKind = "stop"
	// NoteMistyped says that a message was not sent because its options are invalid.
	NoteMistyped NoteKind = "mistyped"
	// NoteQuestion is a question of the agent.
	NoteQuestion NoteKind = "question"
	// NoteAnswerQueued says that an answer may be queued behind the question that it
	// answers.
	NoteAnswerQueued NoteKind = "answer_queued"
	// NoteMirrored is the heading of a message that somebody typed in the Agen app.
	NoteMirrored NoteKind = "mirrored"
	// NoteShortened replaces a part of a message that the agent removed.
	NoteShortened NoteKind = "shortened"
	// NoteMerged and NoteMergeRequestClosed say how a merge request ended.
	NoteMerged             NoteKind = "merged"
	NoteMergeRequestClosed NoteKind = "merge_request_closed"
	// NoteUnshown says that Slack refuses to show a message of the agent.
	NoteUnshown NoteKind = "unshown"
	// NoteAlert and NoteSystem show an alert and a system message of Agen.
	NoteAlert  NoteKind = "alert"
	NoteSystem NoteKind = "system"
	// NotePollingStopped says that the session is no longer polled, because nothing has
	// happened in it for a long time.
	NotePollingStopped NoteKind = "polling_stopped"
)

// The kinds of notes that only one person sees.
const (
	// NoteHelp, NoteStatus and NoteList answer the commands help, status and list.
	NoteHelp   NoteKind = "help"
	NoteStatus NoteKind = "status"
	NoteList   NoteKind = "list"
	// NoteReplies answers the commands quiet and listen, NoteRetrying answers retry, and
	// NoteNewSession answers new.
	NoteReplies    NoteKind = "replies"
	NoteRetrying   NoteKind = "retrying"
	NoteNewSession NoteKind = "new_session"
	// NoteNoSession says that a command needs a session and the thread has none.
	NoteNoSession NoteKind = "no_session"
	// These kinds answer the command link.
	NoteLinked        NoteKind = "linked"
	NoteLinkedHere    NoteKind = "linked_here"
	NoteLinkClosed    NoteKind = "link_closed"
	NoteNotYours      NoteKind = "not_yours"
	NoteNoSuchSession NoteKind = "no_such_session"
	// NoteRefused says that a message or a click was refused.
	NoteRefused NoteKind = "refused"
	// NoteUnreadFiles names files that the agent can't open. NoteUnreadableFiles names
	// files that Slack didn't let us read. NoteNoBackground says that the earlier
	// messages of the thread couldn't be read.
	NoteUnreadFiles     NoteKind = "unread_files"
	NoteUnreadableFiles NoteKind = "unreadable_files"
	NoteNoBackground    NoteKind = "no_background"
	// NotePreviewWithheld says that a message links to a private conversation, and that
	// the preview of that link was not sent.
	NotePreviewWithheld NoteKind = "preview_withheld"
	// NoteAside says that a message was not sent because it is addressed to another
	// person.
	NoteAside NoteKind = "aside"
	// NoteNearMiss asks whether a message that is almost a command is meant as that
	// command.
	NoteNearMiss NoteKind = "near_miss"
	// NoteTooLate says that a message was deleted after the agent had received it.
	// NoteCorrectionFollows says that a message was edited after the agent had received
	// it.
	NoteTooLate           NoteKind = "too_late"
	NoteCorrectionFollows NoteKind = "correction_follows"
	// NoteThreadDeleted says that the thread was deleted while the agent was working.
	NoteThreadDeleted NoteKind = "thread_deleted"
	// NoteAlreadyAnswered says that the question was already answered when a person
	// clicked.
	NoteAlreadyAnswered NoteKind = "already_answered"
)

// Note is the content of a note. slackapp/notes renders it. A note is never changed in
// place: the bridge finds changes by comparing values. Each kind uses some of the fields
// and leaves the others empty.
type Note struct {
	// Kind is empty if the previous release stored the post as text.
	Kind NoteKind `json:"kind,omitempty"`
	// Outcome says how the note ended. It is nil while the note is open.
	Outcome *NoteOutcome `json:"outcome,omitempty"`
	// Person is the Slack user id of the person whom the note addresses or is about.
	Person string `json:"person,omitempty"`
	// Messages are the messages that the note names. Count is the number of messages that
	// wait, are held or are sent again. Failed is the number of messages of the thread
	// that couldn't be delivered to the agent.
	Messages []NoteMessage `json:"messages,omitempty"`
	Count    int           `json:"count,omitempty"`
	Failed   int           `json:"failed,omitempty"`
	// Until is when the bridge gives up retrying. For is how long it retried, in hours.
	// Remote is the system that fails; empty means Agen.
	Until  UnixTime `json:"until,omitempty"`
	For    int      `json:"for,omitempty"`
	Remote Remote   `json:"remote,omitempty"`
	// Class and Reason describe the last failure. Hold says why a message waits for a
	// person. Unsure is true if a message may have reached the agent. Reference is the id
	// of the last message, for the operator.
	Class     FaultClass `json:"class,omitempty"`
	Hold      HoldReason `json:"hold,omitempty"`
	Reason    string     `json:"reason,omitempty"`
	Unsure    bool       `json:"unsure,omitempty"`
	Reference string     `json:"reference,omitempty"`
	// Refusal says why a message was refused, or a click if Click is set. Limit is the
	// limit that was exceeded. It is also used with Mistake.
	Refusal Refusal `json:"refusal,omitempty"`
	Click   bool    `json:"click,omitempty"`
	Limit   int     `json:"limit,omitempty"`
	// Mistake says what is wrong with the option Name. In NoteAside, Name is the name
	// that the message starts with.
	Mistake OptionMistake `json:"mistake,omitempty"`
	Name    string        `json:"name,omitempty"`
	// Session and Route identify the session, so that the note can link to it.
	Session string `json:"session,omitempty"`
	Route   string `json:"route,omitempty"`
	// Card is the state of the session. SessionClosed is true if the session is closed.
	// Listens is true if every reply goes to the agent.
	Card          *Card `json:"card,omitempty"`
	SessionClosed bool  `json:"session_closed,omitempty"`
	Listens       bool  `json:"listens,omitempty"`
	// Quiet is true if replies reach the agent only with a mention.
	Quiet bool `json:"quiet,omitempty"`
	// Moved is true if the session continues in another thread.
	Moved bool `json:"moved,omitempty"`
	// Passed is true if the request to stop was sent to the agent.
	Passed bool `json:"passed,omitempty"`
	// Word is the word that was typed for the command stop, or the word that the author
	// probably meant.
	Word string `json:"word,omitempty"`
	// Question is the question of the agent, and Answer is the answer to it.
	Question *Question `json:"question,omitempty"`
	Answer   string    `json:"answer,omitempty"`
	// Title and URL describe a merge request, and Branch is the branch that it was merged
	// into. Text was written by Agen. In a question it is the text that the previous
	// release stored.
	Title  string `json:"title,omitempty"`
	URL    string `json:"url,omitempty"`
	Branch string `json:"branch,omitempty"`
	Text   string `json:"text,omitempty"`
	// Files are file names.
	Files []string `json:"files,omitempty"`
	// Days is how many days have passed without activity.
	Days int `json:"days,omitempty"`
	// Threads are a person's open threads. More is the number of open threads that are
	// not listed.
	Threads []NoteThread `json:"threads,omitempty"`
	More    int          `json:"more,omitempty"`
}

// NoteMessage is a message that a note names.
type NoteMessage struct {
	TS     string `json:"ts"`
	Author string `json:"author"`
}

// NoteThread is an entry in a list of threads.
type NoteThread struct {
	Key      ThreadKey `json:"key"`
	OpenedAt UnixTime  `json:"opened"`
	Card     Card      `json:"card,omitzero"`
}

// Question is a question of the agent, in the agent's own words.
type Question struct {
	Text    string           `json:"text,omitempty"`
	Options []QuestionOption `json:"options,omitempty"`
}

// QuestionOption is one of the answers that the agent offers.
type QuestionOption struct {
	// Label is the text to show, and Value is the answer to send.
	Label string `json:"label"`
	Value string `json:"value"`
}

// UnixTime is a time in seconds since 1970. Unlike a time.Time, it compares equal after a
// round trip through the store, so notes can be compared.
type UnixTime int64

// Time returns the time in the local time zone.
func (u UnixTime) Time() time.Time { return time.Unix(int64(u), 0) }

// Ending says how a note ended.
type Ending string

// The endings. A click causes each of the first six.
const (
	EndingRetried   Ending = "retried"
	EndingDismissed Ending = "dismissed"
	EndingDropped   Ending = "dropped"
	EndingRestarted Ending = "restarted"
	EndingSent      Ending = "sent"
	EndingSkipped   Ending = "skipped"
	// EndingExpired means that nobody decided in time.
	EndingExpired Ending = "expired"
	// EndingWithdrawn means that none of the messages waits any more.
	EndingWithdrawn Ending = "withdrawn"
	// EndingReachable means that Agen can be reached again.
	EndingReachable Ending = "reachable"
	// EndingAnswered means that somebody answered the question.
	EndingAnswered Ending = "answered"
	// EndingMoved means that the thread switched to another session before an answer.
	EndingMoved Ending = "moved"
	// EndingSessionOver means that the session ended before an answer.
	EndingSessionOver Ending = "session_over"
	// EndingIgnored means that the agent was told to ignore a deleted message.
	EndingIgnored Ending = "ignored"
	// EndingReceived means that the agent received the queued answer.
	EndingReceived Ending = "received"
)

// NoteOutcome is how a note ended.
type NoteOutcome struct {
	How Ending `json:"how"`
	// By is the Slack user id of the person who decided. It is empty if nobody decided in
	// Slack.
	By string   `json:"by,omitempty"`
	At UnixTime `json:"at,omitempty"`
	// Since is the time at which the outage began.
	Since UnixTime `json:"since,omitempty"`
	// Count is the number of messages that were affected. Sent is how many of them were
	// sent.
	Count int `json:"count,omitempty"`
	Sent  int `json:"sent,omitempty"`
	// Answer is the chosen answer. It is empty if somebody answered with a message.
	Answer string `json:"answer,omitempty"`
}

// Actions returns the actions of the note's buttons, in display order.
func (n *Note) Actions() []string {
	if n.Outcome != nil {
		return nil
	}
	switch n.Kind {
	case NoteDelayed:
		return []string{ActionDrop}
	case NoteFailed:
		return []string{ActionRetry, ActionDismiss}
	case NoteClosed:
		return []string{ActionRestart}
	case NoteMissed:
		return []string{ActionSend, ActionSkip}
	case NoteStop:
		if n.Count > 0 {
			return []string{ActionSend, ActionSkip}
		}
	case NoteNearMiss:
		return []string{ActionConfirm, ActionAsIs}
	case NoteTooLate:
		return []string{ActionIgnore}
	case NoteCard:
		switch {
		case n.SessionClosed:
		case n.Listens:
			return []string{CommandQuiet}
		default:
			return []string{CommandListen}
		}
	case NoteQuestion:
		return n.Question.actions()
	default:
	}
	return nil
}

func (q *Question) actions() []string {
	if q == nil {
		return nil
	}
	actions := make([]string, 0, len(q.Options))
	for i := range q.Options {
		actions = append(actions, ActionChoose+strconv.Itoa(i))
	}
	return actions
}

// Actions returns the actions of the post's buttons, in display order.
func (p *Post) Actions() []string {
	if p.Note != nil {
		return p.Note.Actions()
	}
	var actions []string
	for _, b := range p.Buttons {
		actions = append(actions, b.Action)
	}
	return actions
}

// OptionMistake says what is wrong with an option.
type OptionMistake string

// The possible mistakes.
const (
	// MistakeUnknown means that the option doesn't exist or is not allowed here.
	MistakeUnknown OptionMistake = "unknown"
	MistakeTwice   OptionMistake = "twice"
	MistakeEmpty   OptionMistake = "empty"
	MistakeTooLong OptionMistake = "too_long"
)
