package slackapp

import "encoding/json"

// envelope is a frame of a socket (https://docs.slack.dev/apis/events-api/using-socket-mode).
type envelope struct {
	Type    loose[string]   `json:"type"`
	ID      loose[string]   `json:"envelope_id"`
	Payload json.RawMessage `json:"payload"`
	// Connections is how many our app has open, as hello tells; Reason is that of a disconnect.
	Connections loose[int]    `json:"num_connections"`
	Reason      loose[string] `json:"reason"`
}

// acknowledgement tells Slack that it need not send an envelope again.
type acknowledgement struct {
	ID string `json:"envelope_id"`
}

// callback is the payload of an events_api envelope
// (https://docs.slack.dev/apis/events-api#callback-field).
type callback struct {
	origin
	Event    json.RawMessage `json:"event"`
	Shared   loose[bool]     `json:"is_ext_shared_channel"`
	AppID    loose[string]   `json:"api_app_id"`
	Grantees loose[[]origin] `json:"authorizations"`
}

// origin tells which workspace something is meant for. In a shared channel team_id is its host.
type origin struct {
	Team       loose[string] `json:"team_id"`
	Context    loose[string] `json:"context_team_id"`
	Enterprise loose[string] `json:"enterprise_id"`
	ContextEnt loose[string] `json:"context_enterprise_id"`
}

// utterance is a message as events and conversations.replies show it, a message event of any subtype, or an
// app_mention (https://docs.slack.dev/reference/events/message).
type utterance struct {
	Type        loose[string]        `json:"type"`
	Subtype     loose[string]        `json:"subtype"`
	Channel     loose[string]        `json:"channel"`
	ChannelType loose[string]        `json:"channel_type"`
	User        loose[string]        `json:"user"`
	UserTeam    loose[string]        `json:"user_team"`
	BotID       loose[string]        `json:"bot_id"`
	AppID       loose[string]        `json:"app_id"`
	Username    loose[string]        `json:"username"`
	Profile     loose[botProfile]    `json:"bot_profile"`
	TS          loose[string]        `json:"ts"`
	ThreadTS    loose[string]        `json:"thread_ts"`
	Latest      loose[string]        `json:"latest_reply"`
	Text        loose[string]        `json:"text"`
	Blocks      json.RawMessage      `json:"blocks"`
	Attachments loose[[]attachment]  `json:"attachments"`
	Files       loose[[]loose[file]] `json:"files"`
	Edited      loose[edit]          `json:"edited"`
	Metadata    loose[metadata]      `json:"metadata"`
	Reactions   loose[[]reaction]    `json:"reactions"`
	// Of message_changed and message_deleted.
	Message  json.RawMessage `json:"message"`
	Previous json.RawMessage `json:"previous_message"`
	Deleted  loose[string]   `json:"deleted_ts"`
}

type botProfile struct {
	Name loose[string] `json:"name"`
}

// reaction is an emoji on a message, and who put it there. Of many people Slack may leave some out.
type reaction struct {
	Name  loose[string]          `json:"name"`
	Users loose[[]loose[string]] `json:"users"`
}

type edit struct {
	TS loose[string] `json:"ts"`
}

type metadata struct {
	EventType loose[string]    `json:"event_type"`
	Payload   loose[postProof] `json:"event_payload"`
}

// postProof is what our posts carry in their metadata.
type postProof struct {
	Key     loose[string]          `json:"key"`
	Session loose[string]          `json:"session"`
	With    loose[[]loose[string]] `json:"with"`
}

// attachment is a forwarded message, a link preview, or what older apps post instead of blocks
// (https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments).
type attachment struct {
	Share    loose[bool]             `json:"is_share"`
	Author   loose[string]           `json:"author_name"`
	Pretext  loose[string]           `json:"pretext"`
	Title    loose[string]           `json:"title"`
	Link     loose[string]           `json:"title_link"`
	FromURL  loose[string]           `json:"from_url"`
	Text     loose[string]           `json:"text"`
	Fallback loose[string]           `json:"fallback"`
	Fields   loose[[]attachmentCell] `json:"fields"`
	Blocks   json.RawMessage         `json:"blocks"`
}

type attachmentCell struct {
	Title loose[string] `json:"title"`
	Value loose[string] `json:"value"`
}

// interaction is the payload of an interactive envelope
// (https://docs.slack.dev/reference/interaction-payloads/block_actions-payload).
type interaction struct {
	Type       loose[string]        `json:"type"`
	Team       loose[idOnly]        `json:"team"`
	Enterprise loose[idOnly]        `json:"enterprise"`
	User       loose[idOnly]        `json:"user"`
	Channel    loose[idOnly]        `json:"channel"`
	Container  loose[container]     `json:"container"`
	Message    loose[clicked]       `json:"message"`
	Actions    loose[[]actionTaken] `json:"actions"`
}

type idOnly struct {
	ID loose[string] `json:"id"`
}

type container struct {
	Channel  loose[string] `json:"channel_id"`
	TS       loose[string] `json:"message_ts"`
	ThreadTS loose[string] `json:"thread_ts"`
}

type clicked struct {
	BotID    loose[string] `json:"bot_id"`
	TS       loose[string] `json:"ts"`
	ThreadTS loose[string] `json:"thread_ts"`
}

type actionTaken struct {
	ID       loose[string] `json:"action_id"`
	Block    loose[string] `json:"block_id"`
	TS       loose[string] `json:"action_ts"`
	Value    loose[string] `json:"value"`
	Selected loose[chosen] `json:"selected_option"`
}

type chosen struct {
	Value loose[string] `json:"value"`
}
