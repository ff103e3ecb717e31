package bridge

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"
)

// MaxWaiting bounds how many messages may wait in one thread.
const MaxWaiting = 500

// LineGap is how long after a person's last line in a direct message the next
// one still belongs to the same thread.
const LineGap = 2 * time.Minute

// The options that the first message of a session may begin with.
const (
	OptionBranch = "branch"
	OptionModel  = "model"
)

// DefaultReactions returns the emoji of each sign as the design names them.
func DefaultReactions() map[ReactionKind]string {
	return map[ReactionKind]string{
		ReactionQueued:     "hourglass_flowing_sand",
		ReactionProcessing: "eyes",
		ReactionCompleted:  "white_check_mark",
		ReactionCanceled:   "black_square_for_stop",
		ReactionDelayed:    "electric_plug",
		ReactionFailed:     "warning",
		ReactionQuestion:   "raising_hand",
		ReactionMerged:     "twisted_rightwards_arrows",
	}
}

// ThreadKey names one Slack conversation: team, channel and root ts. Only
// slackapp builds or parses it; to everybody else it is opaque but for Channel.
type ThreadKey string

// Channel returns what the keys of all threads in the same channel begin with:
// everything up to the last slash. A ChannelKey is its own channel.
func (k ThreadKey) Channel() ChannelKey {
	return ChannelKey(k[:strings.LastIndexByte(string(k), '/')+1])
}

// ID returns the part of the key that Slack and the log call the channel.
func (k ChannelKey) ID() string {
	_, id, _ := strings.Cut(strings.TrimSuffix(string(ThreadKey(k).Channel()), "/"), "/")
	return id
}

// Kind tells why a message concerns us.
type Kind string

// The kinds of message, as the event alone tells them.
const (
	// KindMention names the bot: it starts a thread or continues one.
	KindMention Kind = "mention"
	// KindDirect is said in a direct message with the bot and needs no mention.
	KindDirect Kind = "direct"
	// KindReply is said in a thread without a mention; it concerns us only where
	// the thread is ours already.
	KindReply Kind = "reply"
	// KindApp is said by an app in a thread: nothing comes of it, but it goes
	// along with the next message, for the agent has not seen it.
	KindApp Kind = "overheard"
)

// StartsThread reports whether a message of this kind may open a session.
func (k Kind) StartsThread() bool { return k == KindMention || k == KindDirect }

// The commands: a message that is nothing but a mention and this word. Help is
// the one of an empty mention, too.
const (
	CommandHelp   = "help"
	CommandStatus = "status"
	CommandQuiet  = "quiet"
	CommandListen = "listen"
	CommandNew    = "new"
	CommandRetry  = "retry"
	CommandList   = "list"
	CommandStop   = "stop"
	// CommandLink comes with the id of a session (Message.Session).
	CommandLink = "link"
)

// Replies says which replies in a thread of ours are for the agent.
type Replies string

// The ways. The empty one is the operator's choice.
const (
	RepliesAll      Replies = "all"
	RepliesStarted  Replies = "started" // all, where the thread began with the mention
	RepliesMentions Replies = "mentions"
)

// AsideMark begins what people say among themselves.
const AsideMark = "!aside"

// Message is what a person said in Slack.
type Message struct {
	// Thread is the conversation it was said in.
	Thread ThreadKey `json:"thread"`
	// TS is Slack's timestamp of the message: its identity within the thread,
	// and its place in the order of what was said.
	TS string `json:"ts"`
	// Author is the Slack id of who said it.
	Author string `json:"author"`
	// Kind tells why it concerns us.
	Kind Kind `json:"kind"`
	// Root: it is the first message of its thread.
	Root bool `json:"root,omitempty"`
	// Command is set where the message is a command to the bridge and not a
	// task for the agent.
	Command string `json:"command,omitempty"`
	// Session is the session that the command Link names.
	Session string `json:"session,omitempty"`
	// Options begin the message: how the session that it opens is to be.
	Options []Option `json:"options,omitempty"`
	// Aside is set where people talk among themselves: the name that it begins
	// with, in Slack's markup, or AsideMark.
	Aside string `json:"aside,omitempty"`
	// LinesFrom is set in direct messages: the lowest key of a thread there that a
	// line of this message's time may continue.
	LinesFrom ThreadKey `json:"lines,omitempty"`
	// Edited is Slack's timestamp of the last edit, empty when there was none.
	Edited string `json:"edited,omitempty"`
	// Digest identifies the words and files: a link preview changes a message
	// without changing them.
	Digest uint64 `json:"digest,omitempty"`
	// Parts counts what this telling of the message shows beside its text: files, blocks,
	// attachments, other messages that it quotes. Slack tells of a mention twice, in any
	// order, and the first time there may be less in it.
	Parts int `json:"parts,omitempty"`
	// Previews counts the previews of linked messages among the parts. Slack adds them
	// later, and they don't change the Digest.
	Previews int `json:"previews,omitempty"`
	// AwaitsPreview: it links to a message of Slack whose preview may still come.
	AwaitsPreview bool `json:"awaits_preview,omitempty"`
	// Supplement: Slack told that something was added to the message, without an edit.
	Supplement bool `json:"-"`
	// Choice is set where the message is the choice of an answer that the agent
	// offered: they are the agent's own words, and sent instead of a text.
	Choice string `json:"words,omitempty"`
	// Backfilled: no socket brought it, it was found by reading Slack. It may have
	// been sent by a process whose store this is not.
	Backfilled bool `json:"swept,omitempty"`
	// Refused is set where the event alone tells that the author may not use
	// the bot here.
	Refused Refusal `json:"refused,omitempty"`
	// OverLimit is set by the relay where the author has reached a limit: it counts
	// if the message is new.
	OverLimit Refusal `json:"-"`
	// Body is the message as slackapp needs it to vet and compose it. It is
	// opaque here, and gone as soon as nothing more is owed.
	Body json.RawMessage `json:"body,omitempty"`
}

// Deletion is a person taking a message back.
type Deletion struct {
	Thread ThreadKey
	TS     string
	// LinesFrom is as in Message.
	LinesFrom ThreadKey
}

// BotJoin is the bot being made a member of a channel.
type BotJoin struct {
	// Thread is the channel itself: what is said there is in no thread.
	Thread ThreadKey
	// TS is when: the identity of the event.
	TS string
}

// Click is a person pressing a button under one of our posts.
type Click struct {
	Thread ThreadKey
	// Refused is why the person may not use the bot, and is told so; empty for
	// one who may.
	Refused Refusal
	// Post is the Key of the post that carries the button.
	Post string
	// Action is the button's Action.
	Action string
	// By is the Slack id of who pressed it, TS Slack's timestamp of that, and
	// Body what slackapp needs to compose the answer that it chooses.
	By   string
	TS   string
	Body json.RawMessage
	// ResponseURL is where the post can be changed, also if only one person sees it.
	ResponseURL string
}

// Post is what the bridge wants to say in a thread: the agent's words, or a note.
// A note of the kind NoteMirrored heads words that somebody else wrote.
type Post struct {
	// Key is what the post stands for: the same thing is said once, and the
	// key travels in the message's metadata so that it can be found again.
	Key string `json:"key"`
	// To names the only person who sees it; empty means the whole thread.
	To string `json:"to,omitempty"`
	// Text is what it says in Markdown, where Markdown is set. The former release
	// wrote its notes here in Slack's mrkdwn.
	Text     string `json:"text"`
	Markdown bool   `json:"markdown,omitempty"`
	// Note is what the bridge itself says.
	Note *Note `json:"note,omitempty"`
	// Session is the session that the post is about, so that the thread can be
	// bound to it again; empty for most.
	Session string `json:"session,omitempty"`
	// With are the other events of the agent whose words stand in it, beside that
	// of its key.
	With []string `json:"with,omitempty"`
	// Ask marks a question of the agent.
	Ask bool `json:"ask,omitempty"`
	// Withdrawn: it is to be taken out of the thread again.
	Withdrawn bool `json:"withdrawn,omitempty"`
	// Plain: Text is plain text, because Slack refused the Markdown that it was.
	Plain bool `json:"plain,omitempty"`
	// ResponseURL is where a private note can be changed: a click on it came with
	// the URL. It is opaque here, and as good as a credential for half an hour.
	ResponseURL string `json:"response_url,omitempty"`
	// Buttons stand below the text. Only the former release stored them: those of
	// a Note follow from it.
	Buttons []Button `json:"buttons,omitempty"`
}

// OwnPost is a post of ours as it stands in a thread.
type OwnPost struct {
	// TS is Slack's timestamp of it; the others are as in Post.
	TS      string
	Key     string
	Session string
	With    []string
}

// Button is something a person can do about a post.
type Button struct {
	// Action is what pressing it means.
	Action string `json:"action"`
	// Label is a verb.
	Label string `json:"label"`
	// Answer is what pressing it answers to the agent; empty for most.
	Answer string `json:"answer,omitempty"`
	// Primary marks the one that most people want.
	Primary bool `json:"primary,omitempty"`
}

// The actions of the buttons.
const (
	// ActionRetry sends the messages of a failure note again.
	ActionRetry = "retry"
	// ActionDismiss closes a failure note without sending anything.
	ActionDismiss = "leave"
	// ActionDrop withdraws the messages that an outage keeps waiting.
	ActionDrop = "drop"
	// ActionRestart opens a new session for the messages that a closed one left.
	ActionRestart = "restart"
	// ActionSend has the messages sent that were missed, Skip leaves them.
	ActionSend = "send"
	ActionSkip = "skip"
	// ActionChoose and a number answer a question of the agent.
	ActionChoose = "choose:"
)

// ReactionKind is what the reaction on a message says of it.
type ReactionKind string

// The signs, and with each the reaction that shows it when nothing else is
// configured. The empty sign is no reaction: the agent did not get it.
const (
	ReactionNone       ReactionKind = ""
	ReactionQueued     ReactionKind = "queued"
	ReactionProcessing ReactionKind = "processing"
	ReactionCompleted  ReactionKind = "completed"
	ReactionCanceled   ReactionKind = "canceled"
	ReactionDelayed    ReactionKind = "delayed"
	ReactionFailed     ReactionKind = "failed"
	ReactionQuestion   ReactionKind = "question"
	ReactionMerged     ReactionKind = "merged"
)

// Refusal is why a person's message does not go to the agent.
type Refusal string

// The refusals. The empty one lets the message pass.
const (
	Allowed         Refusal = ""
	RefusedGuest    Refusal = "guest"
	RefusedExternal Refusal = "external"
	RefusedShared   Refusal = "shared_channel"
	RefusedChannel  Refusal = "channel"
	RefusedPerson   Refusal = "person"
	RefusedDirect   Refusal = "direct"
	// RefusedPace, RefusedSessions and RefusedFull: it is one too many, of the
	// author's messages in a minute, of the author's sessions in a day, of the
	// messages that wait in the thread.
	RefusedPace     Refusal = "too_many_messages"
	RefusedSessions Refusal = "too_many_sessions"
	RefusedFull     Refusal = "thread_full"
	// RefusedSilently is for those who are told nothing: bots, deactivated
	// accounts, messages that are no longer there.
	RefusedSilently Refusal = "silent"
)

// Option is one wish for the session, as somebody wrote it.
type Option struct {
	Name  string `json:"name"`
	Value string `json:"value,omitempty"`
}

// PromptContext tells slackapp what surrounds a message on its way to the agent.
type PromptContext struct {
	// NewSession asks for what was said in the thread before the message: it is
	// the first of its session.
	NewSession bool
	// Since asks for what was said after this ts and before the message: the
	// agent has not seen it.
	Since string
	// RootOnly asks for no more of it than the thread's first message: Agen refused the
	// message as too long.
	RootOnly bool
	// LastTry leaves out what can't be read now, names it, and does without an error:
	// it has been tried a few times.
	LastTry bool
	// Late labels the message with the time it was written: later ones went
	// before it.
	Late bool
	// OptionsApplied: the session was opened with the message's options, and they are
	// not for the agent to read.
	OptionsApplied bool
	// Correction labels it as the new wording of something already sent.
	Correction bool
	// Previews asks for the previews of the messages with these ts: they came after the
	// messages were sent.
	Previews []string
}

// IsZero reports whether nothing surrounds the message.
func (c PromptContext) IsZero() bool { return reflect.ValueOf(c).IsZero() }

// Prompt is a message composed for the agent.
type Prompt struct {
	// Text is what is sent, Markdown.
	Text string
	// EarlyReplies is what was said in the thread after the message that started it
	// and before the bridge knew that the thread is ours.
	EarlyReplies []Message
	// Earlier is how many messages from before it went along, LeftOut how many did not
	// because that would have been too long.
	Earlier, LeftOut int
	// Omitted is what does not go along.
	Omitted Omissions
}

// Omissions is what people see with a message and the agent does not get. The prompt
// names it, and the author is told.
type Omissions struct {
	// Unopened names the files that the agent can't open.
	Unopened []string `json:"unopened,omitempty"`
	// Unreadable names those that Slack did not let us read.
	Unreadable []string `json:"unreadable,omitempty"`
	// Previews are the authors of messages that link to a message in a private
	// conversation, whose preview is left out.
	Previews []string `json:"previews,omitempty"`
	// Background: the earlier messages of the thread could not be read.
	Background bool `json:"background,omitempty"`
}

// Instant is when a decision is applied: the store's clock and the count of
// its openings. Instants in rows are the store's and are never compared with
// any other clock.
type Instant struct {
	Now time.Time
	// Opening counts how often the store was opened, so that a wish set before a
	// restart can be told from one set after.
	Opening uint64
	// Restored is when the store was opened though nobody had used it for over
	// an hour: it may be an old copy that was put back, and what waits in it
	// may have been done. Zero otherwise.
	Restored time.Time
	// Opened is when this opening began.
	Opened time.Time
	// AloneSince is since when nobody but the present opening of the store and those
	// before it can have sent anything: since the one before this was closed in good
	// order, if that was a moment ago, or else since this one began. Zero within an hour
	// of a restoration. What was written after it and is not known here was not sent.
	AloneSince time.Time
}
