package slackapp

import (
	"encoding/json"

	"github.com/agenbridge/agenbridge/slackapp/content"
)

// callback is the payload of an events_api envelope
// (https://docs.slack.dev/apis/events-api#callback-field).
type callback struct {
	origin
	Event    json.RawMessage `json:"event"`
	Shared   bool            `json:"is_ext_shared_channel"`
	AppID    string          `json:"api_app_id"`
	Grantees []origin        `json:"authorizations"`
}

// origin tells which workspace something is meant for. In a shared channel team_id is its host.
type origin struct {
	Team       string `json:"team_id"`
	Context    string `json:"context_team_id"`
	Enterprise string `json:"enterprise_id"`
	ContextEnt string `json:"context_enterprise_id"`
}

// utterance is a message as events and conversations.replies show it, a message event of any subtype, or an
// app_mention (https://docs.slack.dev/reference/events/message).
type utterance struct {
	Type        string               `json:"type"`
	Subtype     string               `json:"subtype"`
	Channel     string               `json:"channel"`
	ChannelType string               `json:"channel_type"`
	User        string               `json:"user"`
	UserTeam    string               `json:"user_team"`
	BotID       string               `json:"bot_id"`
	AppID       string               `json:"app_id"`
	Username    string               `json:"username"`
	Profile     botProfile           `json:"bot_profile"`
	TS          string               `json:"ts"`
	ThreadTS    string               `json:"thread_ts"`
	Latest      string               `json:"latest_reply"`
	Text        string               `json:"text"`
	Blocks      json.RawMessage      `json:"blocks"`
	Attachments []content.Attachment `json:"attachments"`
	Files       []file               `json:"files"`
	Edited      edit                 `json:"edited"`
	Metadata    metadata             `json:"metadata"`
	Reactions   []reaction           `json:"reactions"`
	// Of message_changed and message_deleted.
	Message  json.RawMessage `json:"message"`
	Previous json.RawMessage `json:"previous_message"`
	Deleted  string          `json:"deleted_ts"`
}

type botProfile struct {
	Name string `json:"name"`
}

// reaction is an emoji on a message, and who put it there. Of many people Slack may leave some out.
type reaction struct {
	Name  string   `json:"name"`
	Users []string `json:"users"`
}

type edit struct {
	TS string `json:"ts"`
}

type metadata struct {
	EventType string    `json:"event_type"`
	Payload   postProof `json:"event_payload"`
}

// postProof is what our posts carry in their metadata.
type postProof struct {
	Key     string   `json:"key"`
	Session string   `json:"session"`
	With    []string `json:"with"`
}

// interaction is the payload of an interactive envelope
// (https://docs.slack.dev/reference/interaction-payloads/block_actions-payload).
type interaction struct {
	Type       string        `json:"type"`
	Team       idOnly        `json:"team"`
	Enterprise idOnly        `json:"enterprise"`
	User       idOnly        `json:"user"`
	Channel    idOnly        `json:"channel"`
	Container  container     `json:"container"`
	Message    clicked       `json:"message"`
	Actions    []actionTaken `json:"actions"`
}

type idOnly struct {
	ID string `json:"id"`
}

type container struct {
	Channel  string `json:"channel_id"`
	TS       string `json:"message_ts"`
	ThreadTS string `json:"thread_ts"`
}

type clicked struct {
	BotID    string `json:"bot_id"`
	TS       string `json:"ts"`
	ThreadTS string `json:"thread_ts"`
}

type actionTaken struct {
	ID       string `json:"action_id"`
	Block    string `json:"block_id"`
	TS       string `json:"action_ts"`
	Value    string `json:"value"`
	Selected chosen `json:"selected_option"`
}

type chosen struct {
	Value string `json:"value"`
}
