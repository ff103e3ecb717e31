package slackapp

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// presence remembers what it is told of channels.
type presence struct {
	mu    sync.Mutex
	told  []string
	fails int
}

func (p *presence) tell(what string) (bridge.Result, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told = append(p.told, what)
	if p.fails > 0 {
		p.fails--
		return bridge.Result{}, errors.New("the disk is full")
	}
	return bridge.Result{New: true}, nil
}

// shifts are the news that were told, without what each message shows.
func (p *presence) shifts() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.told)
}

func (p *presence) ChannelRenamed(_ context.Context, from, to bridge.ChannelKey) (bridge.Result, error) {
	return p.tell("move " + string(from) + " " + string(to))
}

func (p *presence) ChannelLeft(_ context.Context, channel bridge.ChannelKey) (bridge.Result, error) {
	return p.tell("leave " + string(channel))
}

func (p *presence) ChannelJoined(_ context.Context, channel bridge.ChannelKey) (bridge.Result, error) {
	return p.tell("enter " + string(channel))
}

func TestNewsOfChannels(t *testing.T) {
	for name, tt := range map[string]struct{ event, want string }{
		"another id":        {`{"type":"channel_id_changed","old_channel_id":"G012","new_channel_id":"C012"}`, "T1/G012/ T1/C012/ false"},
		"the same id":       {`{"type":"channel_id_changed","old_channel_id":"C012","new_channel_id":"C012"}`, IgnoredMalformed},
		"no id":             {`{"type":"channel_id_changed","old_channel_id":"C012"}`, IgnoredMalformed},
		"we came":           {`{"type":"member_joined_channel","user":"UBOT","channel":"C012"}`, "T1/C012/  true"},
		"somebody came":     {`{"type":"member_joined_channel","user":"U0ANN","channel":"C012"}`, IgnoredType},
		"we went":           {`{"type":"member_left_channel","user":"UBOT","channel":"C012"}`, "T1/C012/  false"},
		"somebody went":     {`{"type":"member_left_channel","user":"U0ANN","channel":"C012"}`, IgnoredType},
		"we were put out":   {`{"type":"channel_left","channel":"C012","actor_id":"U0ANN"}`, "T1/C012/  false"},
		"the same, private": {`{"type":"group_left","channel":"C012","actor_id":"U0ANN"}`, "T1/C012/  false"},
		"not a channel":     {`{"type":"channel_left","channel":"<!here>"}`, IgnoredMalformed},
		"another shape":     {`{"type":"channel_left","channel":{"id":"C012"}}`, IgnoredMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			h := testReader(Gate{}).event([]byte(`{"team_id":"T1","event":` + tt.event + `}`))
			got := h.ignored
			if s := h.shift; s != nil {
				got = string(s.channel) + " " + string(s.to) + " " + map[bool]string{true: "true", false: "false"}[s.here]
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestNewsOfChannelsAreAcknowledgedWhenTheyAreStored(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.inlet.fails = 1
		w.run(t)
		if err := w.Server.ChangeChannelID(w.dev.ID, "C0NEW"); err != nil {
			t.Fatal(err)
		}
		w.WaitFor("it comes again", func() bool { return len(w.inlet.shifts()) == 2 })
		time.Sleep(time.Hour)
		want := "move T0ACME/C0DEV/ T0ACME/C0NEW/"
		if got := w.inlet.shifts(); !slices.Equal(got, []string{want, want}) {
			t.Errorf("told %v, want %q twice", got, want)
		}
		w.Say(w.ann.ID, "C0NEW", "<@U0AGEN> hello")
		w.WaitFor("what is said shows that we are there", func() bool {
			return slices.Contains(w.inlet.shifts(), "enter T0ACME/C0NEW/")
		})
	})
}
