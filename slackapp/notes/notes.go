// Package notes has every word that people read from the bridge in Slack. The
// bridge says what there is to tell as a value, a bridge.Note; this package puts
// it into Slack's mrkdwn (https://docs.slack.dev/messaging/formatting-message-text)
// and names its buttons. It decides nothing and keeps nothing.
//
// All words stand here so that they read as one voice: "Agen" and "the agent",
// first what happened to the message, then what to do. The golden file
// testdata/notes.golden shows all of them.
package notes

import (
	"net/url"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
)

// Config is what the operator decided that only words need. The zero value names
// no contact, links to nothing and shows no reactions.
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
	// Earlier is how many messages from before the first mention go along at most.
	Earlier int
}

// Renderer puts the notes of one thread into words.
type Renderer struct {
	Config
	// Thread is the thread that the notes stand in.
	Thread bridge.ThreadKey
	// Link returns the URL of a thread, MessageLink that of a message in this thread;
	// empty where it is not known.
	Link        func(bridge.ThreadKey) string
	MessageLink func(ts string) string
	// Name returns the display name of a person; without it, ids are shown.
	Name func(id string) string
}

// sessionLink returns where people find the note's session; empty when nobody
// said.
func (r Renderer) sessionLink(n *bridge.Note) string {
	link := r.SessionURL
	if n.Route != "" {
		link = r.RouteURLs[n.Route]
	}
	// The id may stand in a path or in a query, and only there a + means a blank.
	id := strings.ReplaceAll(url.QueryEscape(n.Session), "+", "%20")
	return strings.ReplaceAll(link, "{id}", id)
}
