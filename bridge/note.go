package bridge

import (
	"strconv"
	"time"
)

// OwnThread is a thread and its stored state.
type OwnThread struct {
	Key    ThreadKey
	Thread Thread
}

// NoteKind says what a note is about.
type NoteKind string

// The notes that stand in a thread for everybody to read.
const (
	// NoteGreeting introduces the bot to a channel.
	NoteGreeting NoteKind = "greeting"
	// NoteCard is the card, the one post about a session.
	NoteCard NoteKind = "card"
	// NoteDelayed: messages wait because Agen can't be reached, or Slack not read.
	NoteDelayed NoteKind = "delayed"
	// NoteFailed: messages did not reach the agent.
	NoteFailed NoteKind = "failed"
	// NoteClosed: messages wait, and their session is closed.
	NoteClosed NoteKind = "closed"
	// NoteMissed asks whether messages that were missed are still wanted.
	NoteMissed NoteKind = "missed"
	// NoteStop says that the agent can't be stopped from Slack, and which messages are
	// held.
	NoteStop NoteKind = "stop"
	// NoteMistyped: a message was not sent because of its options.
	NoteMistyped NoteKind = "mistyped"
	// NoteQuestion is a question of the agent.
	NoteQuestion NoteKind = "question"
	// NoteAnswerQueued: an answer may be queued behind the question that it answers.
	NoteAnswerQueued NoteKind = "answer_queued"
	// NoteMirrored is the heading of a message that somebody typed in the Agen app.
	NoteMirrored NoteKind = "mirrored"
	// NoteShortened takes the place of a part of a message that the agent removed.
	NoteShortened NoteKind = "shortened"
	// NoteMerged and NoteMergeRequestClosed say how a merge request ended.
	NoteMerged             NoteKind = "merged"
	NoteMergeRequestClosed NoteKind = "merge_request_closed"
	// NoteUnshown: Slack does not show what the agent said.
	NoteUnshown NoteKind = "unshown"
	// NoteAlert and NoteSystem repeat an alert and a system message of Agen.
	NoteAlert  NoteKind = "alert"
	NoteSystem NoteKind = "system"
	// NotePollingStopped: nothing has happened for so long that the session is
	// not polled any more.
	NotePollingStopped NoteKind = "polling_stopped"
)

// The notes that one person sees.
const (
	// NoteHelp, NoteStatus and NoteList answer the commands with those names.
	NoteHelp   NoteKind = "help"
	NoteStatus NoteKind = "status"
	NoteList   NoteKind = "list"
	// NoteReplies answers quiet and listen, NoteRetrying answers retry, and
	// NoteNewSession answers new.
	NoteReplies    NoteKind = "replies"
	NoteRetrying   NoteKind = "retrying"
	NoteNewSession NoteKind = "new_session"
	// NoteNoSession: a command needs a session, and the thread has none.
	NoteNoSession NoteKind = "no_session"
	// These answer link.
	NoteLinked        NoteKind = "linked"
	NoteLinkedHere    NoteKind = "linked_here"
	NoteLinkClosed    NoteKind = "link_closed"
	NoteNotYours      NoteKind = "not_yours"
	NoteNoSuchSession NoteKind = "no_such_session"
	// NoteRefused: a message or a click was refused.
	NoteRefused NoteKind = "refused"
	// NoteUnreadFiles names the files that the agent can't open, NoteUnreadableFiles
	// those that Slack did not let us read, and NoteNoBackground tells that the
	// earlier messages of the thread could not be read.
	NoteUnreadFiles     NoteKind = "unread_files"
	NoteUnreadableFiles NoteKind = "unreadable_files"
	NoteNoBackground    NoteKind = "no_background"
	// NotePreviewWithheld: a message links to one in a private conversation, whose preview
	// did not go along.
	NotePreviewWithheld NoteKind = "preview_withheld"
	// NoteAside: a message was taken as one between people and not sent.
	NoteAside NoteKind = "aside"
	// NoteNearMiss asks whether a message that is almost a command is meant as one.
	NoteNearMiss NoteKind = "near_miss"
	// NoteTooLate: a message was deleted that the agent has already.
	// NoteCorrectionFollows: one was edited.
	NoteTooLate           NoteKind = "too_late"
	NoteCorrectionFollows NoteKind = "correction_follows"
	// NoteThreadDeleted: the thread was deleted while the agent worked.
	NoteThreadDeleted NoteKind = "thread_deleted"
	// NoteAlreadyAnswered: a click came after the answer.
	NoteAlreadyAnswered NoteKind = "already_answered"
)

// Note is something that the bridge says, as a value: slackapp/notes renders it. A note
// is never changed in place, and changes are found by comparing values. Each kind uses
// some of the fields; the others are empty.
type Note struct {
	// Kind is empty if the former release wrote the post as text.
	Kind NoteKind `json:"kind,omitempty"`
	// Outcome is how the note ended; nil while it is open.
	Outcome *NoteOutcome `json:"outcome,omitempty"`
	// Person is the Slack id of the person that the note addresses or is about.
	Person string `json:"person,omitempty"`
	// Messages are the messages that it names. Count is how many messages wait, are
	// held or are sent again, and Failed how many of the thread did not reach the
	// agent.
	Messages []NoteMessage `json:"messages,omitempty"`
	Count    int           `json:"count,omitempty"`
	Failed   int           `json:"failed,omitempty"`
	// Until is how long it is tried, For how long it was, in hours, and Remote the system that fails; empty for Agen.
	Until  UnixTime `json:"until,omitempty"`
	For    int      `json:"for,omitempty"`
	Remote Remote   `json:"remote,omitempty"`
	// Class and Reason are those of the last failure, Hold is why it waits for a
	// person; Unsure tells that a message
	// may have reached the agent. Reference is the id of the last message, for the
	// operator.
	Class     FaultClass `json:"class,omitempty"`
	Hold      HoldReason `json:"hold,omitempty"`
	Reason    string     `json:"reason,omitempty"`
	Unsure    bool       `json:"unsure,omitempty"`
	Reference string     `json:"reference,omitempty"`
	// Refusal is why a message or, with Click, a click was refused. Limit is the limit
	// that was exceeded, here and in Mistake.
	Refusal Refusal `json:"refusal,omitempty"`
	Click   bool    `json:"click,omitempty"`
	Limit   int     `json:"limit,omitempty"`
	// Mistake is what is wrong with the option Name. In NoteAside, Name is the name
	// that the message begins with.
	Mistake OptionMistake `json:"mistake,omitempty"`
	Name    string        `json:"name,omitempty"`
	// Session and Route identify the session, for a link to it.
	Session string `json:"session,omitempty"`
	Route   string `json:"route,omitempty"`
	// Card is the state of the session, SessionClosed means that it is over, and
	// Listens that every reply goes to the agent.
	Card          *Card `json:"card,omitempty"`
	SessionClosed bool  `json:"session_closed,omitempty"`
	Listens       bool  `json:"listens,omitempty"`
	// Quiet: replies reach the agent only with a mention.
	Quiet bool `json:"quiet,omitempty"`
	// Moved: the session went on in another thread.
	Moved bool `json:"moved,omitempty"`
	// Passed: the request to stop was sent to the agent.
	Passed bool `json:"passed,omitempty"`
	// Word is the word that was typed for the command stop, or that was probably meant.
	Word string `json:"word,omitempty"`
	// Question is what the agent asks, and Answer what was answered.
	Question *Question `json:"question,omitempty"`
	Answer   string    `json:"answer,omitempty"`
	// Title, URL and Branch are those of a merge request, and of the branch that it was
	// merged into. Text is written by Agen; for a question, it is the text that the
	// former release stored.
	Title  string `json:"title,omitempty"`
	URL    string `json:"url,omitempty"`
	Branch string `json:"branch,omitempty"`
	Text   string `json:"text,omitempty"`
	// Files are names of files.
	Files []string `json:"files,omitempty"`
	// Days is how long nothing has happened.
	Days int `json:"days,omitempty"`
	// Threads are a person's open threads, and More is how many others there are.
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

// Question is a question of the agent, in its own words.
type Question struct {
	Text    string           `json:"text,omitempty"`
	Options []QuestionOption `json:"options,omitempty"`
}

// QuestionOption is one of the answers that the agent offers.
type QuestionOption struct {
	// Label is what to show, Value what to answer with.
	Label string `json:"label"`
	Value string `json:"value"`
}

// UnixTime is an instant in seconds since 1970. Unlike a time.Time it is the same after
// it was stored, so notes can be compared.
type UnixTime int64

// Time returns the instant in the local time zone.
func (u UnixTime) Time() time.Time { return time.Unix(int64(u), 0) }

// Ending says how a note ended.
type Ending string

// The endings. The first six are clicks.
const (
	EndingRetried   Ending = "retried"
	EndingDismissed Ending = "dismissed"
	EndingDropped   Ending = "dropped"
	EndingRestarted Ending = "restarted"
	EndingSent      Ending = "sent"
	EndingSkipped   Ending = "skipped"
	// EndingExpired: nobody decided in time.
	EndingExpired Ending = "expired"
	// EndingWithdrawn: none of the messages waits any more.
	EndingWithdrawn Ending = "withdrawn"
	// EndingReachable: Agen can be reached again.
	EndingReachable Ending = "reachable"
	// EndingAnswered: somebody answered the question.
	EndingAnswered Ending = "answered"
	// EndingMoved: the thread went on in another session before the answer.
	EndingMoved Ending = "moved"
	// EndingSessionOver: the session ended before the answer.
	EndingSessionOver Ending = "session_over"
	// EndingIgnored: the agent was told to ignore a deleted message.
	EndingIgnored Ending = "ignored"
	// EndingReceived: the agent has the answer that was queued.
	EndingReceived Ending = "received"
)

// NoteOutcome is how a note ended.
type NoteOutcome struct {
	How Ending `json:"how"`
	// By is the Slack id of the person who decided; empty if nobody did in Slack.
	By string   `json:"by,omitempty"`
	At UnixTime `json:"at,omitempty"`
	// Since is when the outage began.
	Since UnixTime `json:"since,omitempty"`
	// Count is how many messages it concerned, Sent how many of them were sent.
	Count int `json:"count,omitempty"`
	Sent  int `json:"sent,omitempty"`
	// Answer is the offered answer that was chosen; empty if somebody answered in text.
	Answer string `json:"answer,omitempty"`
}

// Actions returns what a person can do about the note: the actions of its buttons,
// in their order.
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

// Actions returns what a person can do about the post: the actions of its buttons.
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

// OptionMistake is what is wrong with an option.
type OptionMistake string

// The mistakes. The empty one is none.
const (
	// MistakeUnknown: there is no such option, or it is not allowed here.
	MistakeUnknown OptionMistake = "unknown"
	MistakeTwice   OptionMistake = "twice"
	MistakeEmpty   OptionMistake = "empty"
	MistakeTooLong OptionMistake = "too_long"
)
