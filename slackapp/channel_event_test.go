package slackapp

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/bridgetest"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// fakePresence records what is reported about channels.
type fakePresence struct {
	mu    sync.Mutex
	told  []string
	fails int
}

func (p *fakePresence) record(what string) (bridge.Result, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told = append(p.told, what)
	if p.fails > 0 {
		p.fails--
		return bridge.Result{}, errors.New("the disk is full")
	}
	return bridge.Result{New: true}, nil
}

// records returns the reports, without those that each message causes.
func (p *fakePresence) records() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.told)
}

func (p *fakePresence) ChannelLeft(_ context.Context, channel bridge.ChannelKey) (bridge.Result, error) {
	return p.record("left " + string(channel))
}

func (p *fakePresence) ChannelJoined(_ context.Context, channel bridge.ChannelKey) (bridge.Result, error) {
	return p.record("joined " + string(channel))
}

func TestChannelEvents(t *testing.T) {
	for name, tt := range map[string]struct{ event, want string }{
		"a new id":                               {`{"type":"channel_id_changed","old_channel_id":"G012","new_channel_id":"C012"}`, "T1/G012/ T1/C012/ false"},
		"the same id":                            {`{"type":"channel_id_changed","old_channel_id":"C012","new_channel_id":"C012"}`, IgnoredMalformed},
		"no id":                                  {`{"type":"channel_id_changed","old_channel_id":"C012"}`, IgnoredMalformed},
		"we joined":                              {`{"type":"member_joined_channel","user":"UBOT","channel":"C012"}`, "T1/C012/  true"},
		"another person joined":                  {`{"type":"member_joined_channel","user":"U0ANN","channel":"C012"}`, IgnoredType},
		"we left":                                {`{"type":"member_left_channel","user":"UBOT","channel":"C012"}`, "T1/C012/  false"},
		"another person left":                    {`{"type":"member_left_channel","user":"U0ANN","channel":"C012"}`, IgnoredType},
		"we were removed":                        {`{"type":"channel_left","channel":"C012","actor_id":"U0ANN"}`, "T1/C012/  false"},
		"a channel was archived":                 {`{"type":"channel_archive","channel":"C012","user":"U0ANN"}`, "T1/C012/  false"},
		"a private channel was archived":         {`{"type":"group_archive","channel":"C012","user":"U0ANN"}`, "T1/C012/  false"},
		"a channel was unarchived":               {`{"type":"channel_unarchive","channel":"C012","user":"U0ANN"}`, "T1/C012/  false unarchived"},
		"a private channel was unarchived":       {`{"type":"group_unarchive","channel":"C012","user":"U0ANN"}`, "T1/C012/  false unarchived"},
		"we were removed from a private channel": {`{"type":"group_left","channel":"C012","actor_id":"U0ANN"}`, "T1/C012/  false"},
		"not a channel":                          {`{"type":"channel_left","channel":"<!here>"}`, IgnoredMalformed},
		"wrong type":                             {`{"type":"channel_left","channel":{"id":"C012"}}`, IgnoredMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			h := testReader(Gate{}).parseEvent([]byte(`{"team_id":"T1","event":` + tt.event + `}`))
			got := h.ignored
			if s := h.channel; s != nil {
				got = string(s.channel) + " " + string(s.renamedTo) + " " + map[bool]string{true: "true", false: "false"}[s.joined] + map[bool]string{true: " unarchived"}[s.unarchived]
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestRenameIsAcknowledgedOnlyWhenStored(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.names.fails.Store(1)
		w.run(t)
		if err := w.Server.ChangeChannelID(w.dev.ID, "C0NEW"); err != nil {
			t.Fatal(err)
		}
		w.WaitFor("it comes again", func() bool { return w.names.CurrentChannel("T0ACME/C0DEV/") == "T0ACME/C0NEW/" })
		time.Sleep(time.Hour)
		if got := w.names.fails.Load(); got != -1 {
			t.Errorf("it was stored %d times, want once after one failure", -got)
		}
		for _, key := range []string{"joined T0ACME/C0NEW/", "joined T0ACME/C0DEV/"} {
			if !slices.Contains(w.inlet.records(), key) {
				t.Errorf("the inlet was told %v, want %s, so that paused work continues", w.inlet.records(), key)
			}
		}
	})
}

// rename gives #dev a new id.
func (w *world) rename(t *testing.T, to string) {
	t.Helper()
	from := channelKey("T0ACME", w.dev.ID)
	if err := w.Server.ChangeChannelID(w.dev.ID, to); err != nil {
		t.Fatal(err)
	}
	w.dev.ID = to
	w.WaitFor("the rename is known", func() bool { return w.names.CurrentChannel(from) == channelKey("T0ACME", to) })
}

// wantThread checks the key under which a message was stored.
func (w *world) wantThread(t *testing.T, ts string, want bridge.ThreadKey) {
	t.Helper()
	w.WaitFor(ts+" is taken", func() bool {
		return slices.ContainsFunc(w.inlet.messagesSeen(), func(m bridge.Message) bool { return m.TS == ts })
	})
	for _, m := range w.inlet.messagesSeen() {
		if m.TS == ts && m.Thread != want {
			t.Errorf("%s is in %s, want %s", ts, m.Thread, want)
		}
	}
}

func TestThreadKeepsItsKeyWhenItsChannelIsRenamed(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.run(t)
		key := func(channel, root string) bridge.ThreadKey { return location{channel, root}.key("T0ACME") }
		first := w.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> one")
		w.wantThread(t, first, key("C0DEV", first))
		w.rename(t, "C0B")
		w.wantThread(t, w.Say(w.ann.ID, "C0B", "a reply", slacktest.InThread(first)), key("C0DEV", first))
		second := w.Say(w.ann.ID, "C0B", "<@U0AGEN> two")
		w.wantThread(t, second, key("C0B", second))
		w.rename(t, "C0C") // a chain
		w.wantThread(t, w.Say(w.ann.ID, "C0C", "a reply", slacktest.InThread(first)), key("C0DEV", first))
		w.wantThread(t, w.Say(w.ann.ID, "C0C", "a reply", slacktest.InThread(second)), key("C0B", second))
		w.rename(t, "C0DEV") // and back
		w.wantThread(t, w.Say(w.ann.ID, "C0DEV", "a reply", slacktest.InThread(first)), key("C0DEV", first))
		w.wantThread(t, w.Say(w.ann.ID, "C0DEV", "a reply", slacktest.InThread(second)), key("C0B", second))

		ts, err := w.app.Post(t.Context(), key("C0C", second), bridge.Post{Key: "k", Text: "hello"})
		if err != nil || !slices.ContainsFunc(w.Server.Thread("C0DEV", second), func(m slacktest.Message) bool { return m.TS == ts }) {
			t.Errorf("posted %q, %v, want it in the channel as it is named now", ts, err)
		}
		if got, want := w.app.ChannelsOf(key("C0B", second)), []string{"C0DEV", "C0B", "C0C"}; !slices.Equal(got, want) {
			t.Errorf("the channel's ids: got %v, want %v", got, want)
		}
	})
}

// The new id belongs to a channel that has threads of its own.
func TestThreadsOfARenamedChannelAndOfItsNewIDStayApart(t *testing.T) {
	aliases := &fakeAliases{Store: bridgetest.NewStore(bridgetest.Config{Due: schedule.Due}), inlet: &fakeInlet{}}
	app := &App{aliases: channelAliases{aliases}}
	take := func(thread bridge.ThreadKey) {
		if _, err := aliases.inlet.AcceptMessage(t.Context(), bridge.Message{Thread: thread}); err != nil {
			t.Fatal(err)
		}
	}
	take("T/A/1.000001")
	take("T/A/2.000001")
	take("T/B/2.000001")
	take("T/B/4.000001")
	if _, err := aliases.RenameChannel(t.Context(), "T/A/", "T/B/"); err != nil {
		t.Fatal(err)
	}
	for named, want := range map[bridge.ThreadKey]bridge.ThreadKey{
		"T/B/1.000001": "T/A/1.000001", // stands under the old id only
		"T/B/2.000001": "T/B/2.000001", // stands under both
		"T/A/2.000001": "T/A/2.000001",
		"T/B/3.000001": "T/B/3.000001", // is new
		"T/A/3.000001": "T/B/3.000001", // is new, and was on its way when the channel was renamed
		"T/A/4.000001": "T/B/4.000001", // was filed under the present id, as earlier releases did
		"T/C/1.000001": "T/C/1.000001", // is in another channel
	} {
		got, err := app.aliases.storedKey(t.Context(), named)
		if err != nil || got != want {
			t.Errorf("%s is filed under %s, %v, want %s", named, got, err, want)
		}
	}
}
