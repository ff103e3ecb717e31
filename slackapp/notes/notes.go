// Package notes has every word that people read from the bridge in Slack. The
// bridge describes what it has to say as a value, a bridge.Note. This package
// renders the value as Slack's mrkdwn
// (https://docs.slack.dev/messaging/formatting-message-text) and labels its
// buttons. It makes no decisions and has no state.
//
// All texts are in one package so that they read as if written by one person: they
// say "Agen" and "the agent", and first what happened to the message, then what to
// do. The golden file testdata/notes.golden shows all of them.
package notes

import (
	"net/url"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
)

// Config has the operator's settings that only the texts depend on. The zero value
// names no contact, links to nothing and shows no reactions.
type Config struct {
	// Contact is named in every refusal and failure; empty for nobody.
	Contact string
	// SessionURL is where people find a session, with {id} for its id; empty for no
	// links. RouteURLs are those of the routes that have a name.
	SessionURL string
	RouteURLs  map[string]string
	// Reactions is the emoji of each state, without colons, as help explains them.
	Reactions map[bridge.ReactionKind]string
	// Options are the names of the options that a first message may begin with.
	Options []string
	// Earlier is the maximum number of messages from before the first mention that
	// are sent along.
	Earlier int
}

// Renderer renders the notes of one thread.
type Renderer struct {
	Config
	// Thread is the thread that the notes are posted in.
	Thread bridge.ThreadKey
	// Link returns the URL of a thread, MessageLink that of a message in this
	// thread, or an empty string if it is unknown.
	Link        func(bridge.ThreadKey) string
	MessageLink func(ts string) string
	// Name returns the display name of a person; without it, ids are shown.
	Name func(id string) string
}

// sessionLink returns the URL of the note's session, or an empty string if the
// operator configured none.
func (r Renderer) sessionLink(n *bridge.Note) string {
	link := r.SessionURL
	if n.Route != "" {
		link = r.RouteURLs[n.Route]
	}
	// The id may be in a path or in a query, and a + means a space only in a query.
	id := strings.ReplaceAll(url.QueryEscape(n.Session), "+", "%20")
	return strings.ReplaceAll(link, "{id}", id)
}
