package bridge

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"
)

// MaxWaiting is the maximum number of waiting messages in one thread.
const MaxWaiting = 500

// LineGap is the time window in a direct message: a message that a person writes within
// it after their previous one belongs to the same thread.
const LineGap = 2 * time.Minute

// The options that can precede the text of a session's first message.
const (
	OptionBranch = "branch"
	OptionModel  = "model"
)

// DefaultReactions returns the default emoji for each reaction kind.
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

// ThreadKey identifies one Slack conversation: team, channel and root ts. Only slackapp
// builds or parses it. To all other packages it is opaque, except for Channel.
type ThreadKey string

// Channel returns the common prefix of the keys of all threads in the same channel:
// everything up to the last slash. The Channel of a ChannelKey is the key itself.
func (k ThreadKey) Channel() ChannelKey {
	return ChannelKey(k[:strings.LastIndexByte(string(k), '/')+1])
}

// ID returns the channel id, as it appears in Slack and in the log.
func (k ChannelKey) ID() string {
	_, id, _ := strings.Cut(strings.TrimSuffix(string(ThreadKey(k).Channel()), "/"), "/")
	return id
}

// Kind says why a message is relevant to the bot.
type Kind string

// The kinds of messages. The kind follows from the Slack event alone.
const (
	// KindMention is a message that mentions the bot. It starts a thread or continues
	// one.
	KindMention Kind = "mention"
	// KindDirect is a direct message to the bot. It needs no mention.
	KindDirect Kind = "direct"
	// KindReply is a reply in a thread, without a mention. It is relevant only if the bot
	// already takes part in the thread.
	KindReply Kind = "reply"
	// KindApp is a message that an app posted in a thread. It is never sent on its own.
	// It becomes context of the next message, because the agent has not seen it.
	KindApp Kind = "overheard"
)

// StartsThread reports whether a message of this kind may open a session.
func (k Kind) StartsThread() bool { return k == KindMention || k == KindDirect }

// Replies says which replies in a thread go to the agent.
type Replies string

// The possible values. The empty value means the operator's setting applies.
const (
	RepliesAll      Replies = "all"
	RepliesStarted  Replies = "started" // all replies, if the mention is the root of the thread
	RepliesMentions Replies = "mentions"
)

// AsideMark is the prefix of a message that is meant for other people and not for the
// agent.
const AsideMark = "!aside"

// Message is a message that a person wrote in Slack.
type Message struct {
	// Thread is the conversation that contains the message.
	Thread ThreadKey `json:"thread"`
	// TS is Slack's timestamp of the message. It identifies the message within the thread
	// and determines the order of messages.
	TS string `json:"ts"`
	// Author is the Slack user id of the author.
	Author string `json:"author"`
	// Kind says why the message is relevant to the bot.
	Kind Kind `json:"kind"`
	// Root is true if the message is the first of its thread.
	Root bool `json:"root,omitempty"`
	// Command is set if the message is a command to the bridge and not a task for the
	// agent. In a message without a mention it is only a candidate: whether the message
	// counts as a command depends on the state of the thread.
	Command string `json:"command,omitempty"`
	// Word is the word that was typed for the command, because stop has synonyms. Meant
	// is set if the message is almost a command: it is the word that the author probably
	// meant.
	Word  string `json:"word,omitempty"`
	Meant string `json:"meant,omitempty"`
	// Session is the id of the session that CommandLink names.
	Session string `json:"session,omitempty"`
	// Options are the options before the text. They configure the session that the
	// message opens.
	Options []Option `json:"options,omitempty"`
	// Aside is set if the message is addressed to another person. It is the name that the
	// message starts with, in Slack's markup, or AsideMark.
	Aside string `json:"aside,omitempty"`
	// LinesFrom is set in direct messages only. It is the lowest key of a thread in the
	// conversation that this message may continue, given the time of the message.
	LinesFrom ThreadKey `json:"lines,omitempty"`
	// Edited is Slack's timestamp of the last edit. It is empty if the message was never
	// edited.
	Edited string `json:"edited,omitempty"`
	// Digest is a hash of the text and the files. It doesn't cover link previews, so a
	// preview that Slack adds doesn't change it.
	Digest uint64 `json:"digest,omitempty"`
	// Parts is the number of elements that this version of the message has besides its
	// text: files, blocks, attachments, quoted messages. Slack delivers a mention as two
	// events, in any order, and the first one may have fewer parts.
	Parts int `json:"parts,omitempty"`
	// Previews is the number of parts that are previews of linked messages. Slack adds
	// them later, and they don't change the Digest.
	Previews int `json:"previews,omitempty"`
	// AwaitsPreview is true if the message links to a Slack message whose preview may
	// still arrive.
	AwaitsPreview bool `json:"awaits_preview,omitempty"`
	// Supplement is true if Slack reported an addition to the message that is not an
	// edit.
	Supplement bool `json:"-"`
	// Choice is set if a click on an answer of a question created the message. It is the
	// agent's own wording of that answer, and is sent instead of a text.
	Choice string `json:"words,omitempty"`
	// Retracts is the ts of a message that its author deleted after the agent had
	// received it. This message tells the agent to ignore the deleted one.
	Retracts string `json:"retracts,omitempty"`
	// Backfilled is true if the message was not delivered through Socket Mode, but found
	// by reading Slack. A process with another store may have sent it already.
	Backfilled bool `json:"swept,omitempty"`
	// Refused is set if the event alone shows that the author may not use the bot here.
	Refused Refusal `json:"refused,omitempty"`
	// OverLimit is set by the relay if the author has reached a limit. It applies only if
	// the message is new.
	OverLimit Refusal `json:"-"`
	// Body is the message in the form in which slackapp needs it for authorizing the
	// author and composing the prompt. It is opaque here, and deleted as soon as the
	// message needs no more work.
	Body json.RawMessage `json:"body,omitempty"`
}

// Clicked reports whether a click created the message. Such a message doesn't exist in
// Slack, so it has no reaction there and can't be read again.
func (m *Message) Clicked() bool { return m.Choice != "" || m.Retracts != "" }

// Deletion is a message that was deleted in Slack.
type Deletion struct {
	Thread ThreadKey
	TS     string
	// LinesFrom has the meaning that it has in Message.
	LinesFrom ThreadKey
}

// BotJoin is the event that the bot was added to a channel.
type BotJoin struct {
	// Thread is the key of the channel itself, which is where a post outside any thread
	// goes.
	Thread ThreadKey
	// TS is the time of the event, and identifies it.
	TS string
}

// Click is a click on a button of one of our posts.
type Click struct {
	Thread ThreadKey
	// Refused is the reason why the person may not use the bot, which the person is told.
	// It is empty if the person may use the bot.
	Refused Refusal
	// Post is the Key of the post that has the button.
	Post string
	// Action is the Action of the button.
	Action string
	// By is the Slack user id of the person who clicked, TS is Slack's timestamp of the
	// click, and Body is what slackapp needs to compose the chosen answer.
	By   string
	TS   string
	Body json.RawMessage
	// ResponseURL is a URL through which the post can be changed, even if only one person
	// sees the post.
	ResponseURL string
}

// Post is something that the bridge posts in a thread: a message of the agent or a note.
// A post with a note of the kind NoteMirrored shows that note as the heading of a text
// that a person wrote.
type Post struct {
	// Key identifies what the post is about. There is one post per key. The key is stored
	// in the metadata of the Slack message, so that the post can be looked up.
	Key string `json:"key"`
	// To is the Slack user id of the only person who sees the post. If it is empty, the
	// whole thread sees the post.
	To string `json:"to,omitempty"`
	// Text is the text of the post, in Markdown if Markdown is set. The previous release
	// stored its notes here, in Slack's mrkdwn.
	Text     string `json:"text"`
	Markdown bool   `json:"markdown,omitempty"`
	// Note is set if the post is a note of the bridge.
	Note *Note `json:"note,omitempty"`
	// Session is the id of the session that the post is about. With it, the thread can be
	// bound to that session again. Most posts have none.
	Session string `json:"session,omitempty"`
	// With are the ids of the agent's other messages that the post shows, besides the one
	// in its key.
	With []string `json:"with,omitempty"`
	// Ask is true if the post is a question of the agent.
	Ask bool `json:"ask,omitempty"`
	// Withdrawn is true if the post has to be deleted from the thread.
	Withdrawn bool `json:"withdrawn,omitempty"`
	// Plain is true if Text is plain text, because Slack rejected the Markdown.
	Plain bool `json:"plain,omitempty"`
	// ResponseURL is a URL through which a private note can be changed. Slack sends it
	// with a click on the note. It is opaque here. For half an hour it works like a
	// credential, so it must be kept secret.
	ResponseURL string `json:"response_url,omitempty"`
	// Buttons are the buttons below the text. Only the previous release stored them: the
	// buttons of a Note follow from the note.
	Buttons []Button `json:"buttons,omitempty"`
}

// OwnPost is one of our posts, as it was read from a Slack thread.
type OwnPost struct {
	// TS is Slack's timestamp of the post. The other fields have the meaning that they
	// have in Post.
	TS      string
	Key     string
	Session string
	With    []string
}

// Button is a button of a post.
type Button struct {
	// Action says what a click on the button does.
	Action string `json:"action"`
	// Label is the text on the button. It is a verb.
	Label string `json:"label"`
	// URL is the page that the button opens. Most buttons have none.
	URL string `json:"url,omitempty"`
	// Answer is the answer that a click sends to the agent. Most buttons have none.
	Answer string `json:"answer,omitempty"`
	// Primary marks the button that most people need.
	Primary bool `json:"primary,omitempty"`
}

// The actions of buttons.
const (
	// ActionRetry sends the messages of a failure note again.
	ActionRetry = "retry"
	// ActionDismiss closes a failure note without sending anything.
	ActionDismiss = "leave"
	// ActionDrop withdraws the messages that wait because of an outage.
	ActionDrop = "drop"
	// ActionRestart opens a new session for the messages that wait because their session
	// was closed.
	ActionRestart = "restart"
	// ActionSend sends the held messages of a note. ActionSkip discards them.
	ActionSend = "send"
	ActionSkip = "skip"
	// ActionConfirm executes a message that is almost a command as that command.
	// ActionAsIs sends its text to the agent.
	ActionConfirm = "confirm"
	ActionAsIs    = "as_is"
	// ActionIgnore tells the agent to ignore a message that was deleted.
	ActionIgnore = "ignore"
	// ActionView opens the session in the Agen app.
	ActionView = "view"
	// ActionChoose is the prefix of the actions that answer a question of the agent. The
	// number of the option follows.
	ActionChoose = "choose:"
)

// ReactionKind is the status that the reaction on a message shows.
type ReactionKind string

// The reaction kinds. DefaultReactions has the default emoji of each. ReactionNone means
// no reaction: the message did not go to the agent.
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

// Refusal is the reason why a message doesn't go to the agent.
type Refusal string

// The refusals. Allowed, the empty value, means that the message may go.
const (
	Allowed         Refusal = ""
	RefusedGuest    Refusal = "guest"
	RefusedExternal Refusal = "external"
	RefusedShared   Refusal = "shared_channel"
	RefusedChannel  Refusal = "channel"
	RefusedPerson   Refusal = "person"
	RefusedDirect   Refusal = "direct"
	// A limit was exceeded. RefusedPace is the limit of messages per person and minute,
	// RefusedSessions that of sessions per person and day, and RefusedFull that of
	// waiting messages per thread.
	RefusedPace     Refusal = "too_many_messages"
	RefusedSessions Refusal = "too_many_sessions"
	RefusedFull     Refusal = "thread_full"
	// RefusedSilently is for authors who get no explanation: bots, deactivated accounts,
	// and authors of messages that no longer exist.
	RefusedSilently Refusal = "silent"
)

// Option is one option of a session, as its author wrote it.
type Option struct {
	Name  string `json:"name"`
	Value string `json:"value,omitempty"`
}

// PromptContext tells slackapp what to add to a message when it composes the prompt.
type PromptContext struct {
	// NewSession requests the earlier messages of the thread, because the message is the
	// first one of its session.
	NewSession bool
	// Since requests the messages after this ts and before the message, because the agent
	// has not seen them.
	Since string
	// RootOnly limits the earlier messages to the first message of the thread, because
	// Agen rejected the prompt as too long.
	RootOnly bool
	// LastTry turns read errors into omissions. Content that can't be read now is left
	// out and named in the prompt, because several attempts have failed.
	LastTry bool
	// Late labels the message with the time at which it was written, because later
	// messages were sent before it.
	Late bool
	// OptionsApplied leaves the options out of the prompt, because the session was opened
	// with them.
	OptionsApplied bool
	// Correction labels the message as the new wording of a message that was sent
	// already.
	Correction bool
	// Previews requests the link previews of the messages with these ts. Slack added
	// these previews after the messages had been sent.
	Previews []string
}

// IsZero reports whether there is nothing to add to the message.
func (c PromptContext) IsZero() bool { return reflect.ValueOf(c).IsZero() }

// Prompt is a message, composed for the agent.
type Prompt struct {
	// Text is the Markdown text to send.
	Text string
	// EarlyReplies are the replies that people wrote after the message that started the
	// thread, but before the bridge knew that it takes part in the thread.
	EarlyReplies []Message
	// Earlier is the number of earlier messages that the prompt includes. LeftOut is the
	// number of earlier messages that were left out because of the length limit.
	Earlier, LeftOut int
	// Omitted is the content of the message that the prompt leaves out.
	Omitted Omissions
}

// Omissions is the content that people see in a message but the agent doesn't get. The
// prompt names it, and the author is told.
type Omissions struct {
	// Unopened are the names of the files that the agent can't open.
	Unopened []string `json:"unopened,omitempty"`
	// Unreadable are the names of the files that Slack didn't let us read.
	Unreadable []string `json:"unreadable,omitempty"`
	// Previews are the authors of messages in private conversations that the message
	// links to. Their previews are left out.
	Previews []string `json:"previews,omitempty"`
	// Background is true if the earlier messages of the thread couldn't be read.
	Background bool `json:"background,omitempty"`
}

// Instant is the time at which a decision is applied: the store's clock, and the number
// of times the store has been opened. Times in records are from the store's clock and are
// never compared with another clock.
type Instant struct {
	Now time.Time
	// Opening counts how many times the store has been opened. It tells whether a desired
	// state was recorded before or after a restart.
	Opening uint64
	// Restored is the time at which the store was opened, if it had not been used for
	// more than an hour before that. Then the file may be an old copy that was restored
	// from a backup, and its pending work may have been done already. Otherwise it is
	// zero.
	Restored time.Time
	// Opened is the time at which the store was opened last.
	Opened time.Time
	// AloneSince is the start of the period in which only this store can have been used
	// to send anything. If the previous process closed the store cleanly a moment ago,
	// the period starts at that close. Otherwise it starts when this process opened the
	// store. For an hour after a restore it is zero. A message that was written in this
	// period and is not in the store was not sent.
	AloneSince time.Time
}
