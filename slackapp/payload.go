package slackapp

import (
	"encoding/json"

	"github.com/agenbridge/agenbridge/slackapp/content"
)

// eventPayload is the payload of an events_api envelope
// (https://docs.slack.dev/apis/events-api#callback-field).
type eventPayload struct {
	workspace
	Event          json.RawMessage `json:"event"`
	Shared         bool            `json:"is_ext_shared_channel"`
	AppID          string          `json:"api_app_id"`
	Authorizations []workspace     `json:"authorizations"`
}

// workspace says which workspace an event is meant for. In a shared channel team_id is the host of the channel.
type workspace struct {
	Team       string `json:"team_id"`
	Context    string `json:"context_team_id"`
	Enterprise string `json:"enterprise_id"`
	ContextEnt string `json:"context_enterprise_id"`
}

// slackMessage is a message event of any subtype, an app_mention event, or a message of conversations.replies and
// conversations.history (https://docs.slack.dev/reference/events/message).
type slackMessage struct {
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
	LatestReply string               `json:"latest_reply"`
	Text        string               `json:"text"`
	Blocks      json.RawMessage      `json:"blocks"`
	Attachments []content.Attachment `json:"attachments"`
	Files       []file               `json:"files"`
	Edited      editInfo             `json:"edited"`
	Metadata    messageMetadata      `json:"metadata"`
	Reactions   []reaction           `json:"reactions"`
	// The following fields are those of message_changed and message_deleted.
	Message   json.RawMessage `json:"message"`
	Previous  json.RawMessage `json:"previous_message"`
	DeletedTS string          `json:"deleted_ts"`
}

type botProfile struct {
	Name string `json:"name"`
}

// reaction is an emoji on a message, and who added it. If there are many, Slack may leave some of them out.
type reaction struct {
	Name  string   `json:"name"`
	Users []string `json:"users"`
}

type editInfo struct {
	TS string `json:"ts"`
}

type messageMetadata struct {
	EventType string       `json:"event_type"`
	Payload   postMetadata `json:"event_payload"`
}

// postMetadata is the metadata of our posts.
type postMetadata struct {
	Key     string   `json:"key"`
	Session string   `json:"session"`
	With    []string `json:"with"`
}

// interaction is the payload of an interactive envelope
// (https://docs.slack.dev/reference/interaction-payloads/block_actions-payload).
type interaction struct {
	Type       string         `json:"type"`
	AppID      string         `json:"api_app_id"`
	Team       idObject       `json:"team"`
	Enterprise idObject       `json:"enterprise"`
	User       idObject       `json:"user"`
	Channel    idObject       `json:"channel"`
	Container  container      `json:"container"`
	Message    clickedMessage `json:"message"`
	Actions    []action       `json:"actions"`
	// ResponseURL is as good as a credential for half an hour.
	ResponseURL string `json:"response_url"`
}

type idObject struct {
	ID string `json:"id"`
}

type container struct {
	Channel  string `json:"channel_id"`
	TS       string `json:"message_ts"`
	ThreadTS string `json:"thread_ts"`
}

type clickedMessage struct {
	BotID    string `json:"bot_id"`
	TS       string `json:"ts"`
	ThreadTS string `json:"thread_ts"`
}

type action struct {
	ID       string         `json:"action_id"`
	Block    string         `json:"block_id"`
	TS       string         `json:"action_ts"`
	Value    string         `json:"value"`
	Selected selectedOption `json:"selected_option"`
}

type selectedOption struct {
	Value string `json:"value"`
}
