package slacktest_test

import (
	"encoding/json"
	"testing"

	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// attached is what an event says of a message and what is attached to it.
type attached struct {
	Type, Subtype, Text string
	Edited              *struct{}
	Files, Blocks       []json.RawMessage
	Attachments         []struct {
		Share  bool   `json:"is_share"`
		Unfurl bool   `json:"is_msg_unfurl"`
		TS     string `json:"ts"`
		From   string `json:"from_url"`
		Blocks []struct {
			Message struct{ Blocks []json.RawMessage }
		} `json:"message_blocks"`
		Files []json.RawMessage
	}
	Message *attached
}

func next(t *testing.T, c *client) attached {
	t.Helper()
	f := c.next()
	c.ack(f)
	var p struct{ Event attached }
	if err := json.Unmarshal(f.Payload, &p); err != nil {
		t.Fatal(err)
	}
	return p.Event
}

func TestPermalinksAreUnfurledWithTheMessageTheyLeadTo(t *testing.T) {
	bubble(t, slacktest.Config{}, func(t *testing.T, st *slacktest.Started, ann, dev string) {
		c := dial(t, st)
		old := st.Say(ann, dev, "the *build* is red", slacktest.WithFiles(slacktest.File{Name: "log.txt"}))
		next(t, c)
		link, err := st.Permalink(dev, old)
		if err != nil {
			t.Fatal(err)
		}
		st.Say(ann, dev, "see <"+link+">")
		if e := next(t, c); len(e.Attachments) != 0 {
			t.Errorf("the message has its preview already: %+v", e)
		}
		e := next(t, c)
		if e.Subtype != "message_changed" || e.Message.Edited != nil || len(e.Message.Attachments) != 1 {
			t.Fatalf("then came %+v", e)
		}
		a := e.Message.Attachments[0]
		if a.Share || !a.Unfurl || a.TS != old || a.From != link || len(a.Blocks) != 1 || len(a.Blocks[0].Message.Blocks) != 1 || len(a.Files) != 1 {
			t.Errorf("the preview is %+v", a)
		}
		st.Say(ann, dev, "see <"+link+">", slacktest.PreviewAtOnce())
		if e := next(t, c); len(e.Attachments) != 1 {
			t.Errorf("the preview is missing in %+v", e)
		}
		if _, err := st.Forward(ann, dev, old, dev, ""); err != nil {
			t.Fatal(err)
		}
		if e := next(t, c); len(e.Attachments) != 1 || !e.Attachments[0].Share {
			t.Errorf("the forwarded message is missing in %+v", e)
		}
	})
}

func TestASparseMentionComesFirst(t *testing.T) {
	bubble(t, slacktest.Config{}, func(t *testing.T, st *slacktest.Started, ann, dev string) {
		c := dial(t, st)
		st.Say(ann, dev, "<@U0AGEN> look", slacktest.WithFiles(slacktest.File{Name: "log.txt"}), slacktest.SparseMention())
		if e := next(t, c); e.Type != "app_mention" || len(e.Files)+len(e.Blocks) != 0 {
			t.Errorf("first came %+v", e)
		}
		if e := next(t, c); e.Type != "message" || len(e.Files) != 1 || len(e.Blocks) != 1 {
			t.Errorf("then came %+v", e)
		}
	})
}
