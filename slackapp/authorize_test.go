package slackapp

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// inBubble runs a test over the in-memory network, with fake time.
func inBubble(t *testing.T, cfg slacktest.Config, change func(*Config), test func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		test(t, newWorld(t, slacktest.NewInMemory(t, cfg), change))
	})
}

// message returns the bridge.Message of a message that was posted, without waiting for its event.
func (w *world) message(t *testing.T, channel, root, ts string) bridge.Message {
	t.Helper()
	m, err := w.app.Reread(t.Context(), location{channel, root}.key(w.Config().TeamID), ts)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAuthorize(t *testing.T) {
	tests := []struct {
		name       string
		user       slacktest.User
		channel    slacktest.Channel
		gate       Gate
		enterprise string
		want       bridge.Refusal
	}{
		{name: "member"},
		{name: "deactivated", user: slacktest.User{Deleted: true}, want: bridge.RefusedSilently},
		{name: "guest", user: slacktest.User{IsRestricted: true}, want: bridge.RefusedGuest},
		{name: "guest of one channel", user: slacktest.User{IsUltraRestricted: true}, want: bridge.RefusedGuest},
		{name: "guest, allowed", user: slacktest.User{IsRestricted: true}, gate: Gate{AllowGuests: true}},
		{name: "stranger", user: slacktest.User{IsStranger: true, TeamID: "T0OTHER"}, want: bridge.RefusedExternal},
		{name: "of another team", user: slacktest.User{TeamID: "T0OTHER"}, want: bridge.RefusedExternal},
		{name: "of another team, allowed", user: slacktest.User{TeamID: "T0OTHER"}, gate: Gate{AllowExternal: true}},
		{name: "of a sister workspace", user: slacktest.User{TeamID: "T0SISTER"}, enterprise: "E0ACME"},
		{name: "stranger in an Enterprise", user: slacktest.User{TeamID: "T0OTHER", IsStranger: true}, enterprise: "E0ACME", want: bridge.RefusedExternal},
		{name: "on the list", gate: Gate{AllowUsers: []string{"U0BEA"}}},
		{name: "not on the list", gate: Gate{AllowUsers: []string{"U0ANN"}}, want: bridge.RefusedPerson},
		{name: "in a group on the list", gate: Gate{AllowUsers: []string{"S0OPS"}}},
		{name: "not in a group on the list", gate: Gate{AllowUsers: []string{"S0SALES"}}, want: bridge.RefusedPerson},
		{name: "group that is gone", gate: Gate{AllowUsers: []string{"S0GONE"}}, want: bridge.RefusedPerson},
		{name: "guest on the list", user: slacktest.User{IsRestricted: true}, gate: Gate{AllowUsers: []string{"U0BEA"}}, want: bridge.RefusedGuest},
		{name: "shared channel", channel: slacktest.Channel{IsExtShared: true}, want: bridge.RefusedShared},
		{name: "channel about to be shared", channel: slacktest.Channel{IsPendingExtShared: true}, want: bridge.RefusedShared},
		{name: "shared channel, allowed", channel: slacktest.Channel{IsExtShared: true}, gate: Gate{AllowSharedChannels: []string{"C0ROOM"}}},
		{name: "shared within the organization", channel: slacktest.Channel{IsOrgShared: true}, enterprise: "E0ACME"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, slacktest.Config{EnterpriseID: tt.enterprise}, func(c *Config) { c.Gate = tt.gate }, func(t *testing.T, w *world) {
				tt.user.Name, tt.channel.Name = "bea", "room"
				bea := w.AddUser(tt.user)
				w.AddGroup(slacktest.Group{Handle: "ops", Users: []string{bea.ID}})
				w.AddGroup(slacktest.Group{Handle: "sales", Users: []string{w.ann.ID}})
				room := w.AddChannel(tt.channel)
				ts := w.Say(bea.ID, room.ID, "<@U0AGEN> fix it")
				m := w.message(t, room.ID, ts, ts)
				if got, err := w.app.Authorize(t.Context(), m); err != nil || got != tt.want {
					t.Errorf("Authorize = %q, %v, want %q", got, err, tt.want)
				}
			})
		})
	}
}

func TestAuthorizeRefusesBots(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.AddUser(slacktest.User{Name: "ci", IsBot: true, BotID: "B0CI"})
		m := bridge.Message{Body: messageBody{Channel: w.dev.ID, TS: "1.000001", User: "U0CI"}.encode()}
		if got, err := w.app.Authorize(t.Context(), m); err != nil || got != bridge.RefusedSilently {
			t.Errorf("Authorize = %q, %v, want silent", got, err)
		}
	})
}

func TestAuthorizeFailsClosed(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		ts := w.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> fix it")
		m := w.message(t, w.dev.ID, ts, ts)
		for _, method := range []string{"users.info", "conversations.info"} {
			w.Inject(slacktest.Fault{Kind: slacktest.ServerError, Method: method})
			if got, err := w.app.Authorize(t.Context(), m); !errors.Is(err, bridge.ClassTemporary) || got != "" {
				t.Errorf("with %s down: %q, %v, want temporary", method, got, err)
			}
			w.Inject(slacktest.Fault{Kind: slacktest.ErrorAnswer, Method: method, Error: "brand_new"})
			if got, err := w.app.Authorize(t.Context(), m); !errors.Is(err, bridge.ClassRejected) || got != "" {
				t.Errorf("with %s refused: %q, %v, want rejected", method, got, err)
			}
		}
		if got, err := w.app.Authorize(t.Context(), m); err != nil || got != bridge.Allowed {
			t.Errorf("afterwards: %q, %v", got, err)
		}
	})
}

func TestAuthorizeCachesAnswersForFiveMinutes(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		ts := w.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> fix it")
		m := w.message(t, w.dev.ID, ts, ts)
		authorize := func(want bridge.Refusal) {
			t.Helper()
			if got, err := w.app.Authorize(t.Context(), m); err != nil || got != want {
				t.Errorf("Authorize = %q, %v, want %q", got, err, want)
			}
		}
		done := make(chan struct{})
		for range 10 {
			go func() { authorize(bridge.Allowed); done <- struct{}{} }()
		}
		for range 10 {
			<-done
		}
		ann := w.ann
		ann.Deleted = true
		w.AddUser(ann)
		authorize(bridge.Allowed)
		if got := len(w.Requests("users.info")); got != 1 {
			t.Errorf("asked %d times, want once", got)
		}
		time.Sleep(directoryTTL)
		authorize(bridge.RefusedSilently)
	})
}

// In TestCacheHasNoAnswerWhileItIsFetched one goroutine fetches while others look in the cache.
func TestCacheHasNoAnswerWhileItIsFetched(t *testing.T) {
	asked, answer := make(chan struct{}), make(chan struct{})
	l := newCache(time.Minute, 2, func(context.Context, string) (string, error) {
		asked <- struct{}{}
		<-answer
		return "value", nil
	})
	look := func() (string, bool) {
		ctx, lack := cachedOnly(t.Context())
		v, err := l.get(ctx, "a")
		return v, err == nil && !lack.any
	}
	got := make(chan string)
	go func() {
		v, err := l.get(t.Context(), "a")
		if err != nil {
			t.Error(err)
		}
		got <- v
	}()
	looked := make(chan struct{})
	go func() { // knows nothing of how far the asker is
		defer close(looked)
		for range 1000 {
			if v, ok := look(); ok {
				t.Errorf("%q is in the cache, but no message named it", v)
			}
		}
	}()
	<-looked
	<-asked
	close(answer)
	if v := <-got; v != "value" {
		t.Errorf("got %q", v)
	}
	if v, ok := look(); !ok || v != "value" {
		t.Errorf("known: %q, %t", v, ok)
	}
}

func TestCacheIsBoundedAndSurvivesACanceledFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := map[string]int{}
		l := newCache(time.Minute, 2, func(ctx context.Context, id string) (string, error) {
			asked[id]++
			select {
			case <-time.After(time.Second):
				return "value of " + id, nil
			case <-ctx.Done():
				return "", ctx.Err()
			}
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		interrupted := make(chan error)
		go func() {
			_, err := l.get(ctx, "a")
			interrupted <- err
		}()
		synctest.Wait()
		if v, err := l.get(t.Context(), "a"); err != nil || v != "value of a" {
			t.Errorf("behind one who was interrupted: %q, %v", v, err)
		}
		if err := <-interrupted; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the interrupted one got %v", err)
		}
		for _, id := range []string{"b", "a", "c", "a", "b"} {
			if _, err := l.get(t.Context(), id); err != nil {
				t.Error(err)
			}
		}
		if len(l.entries) != 2 || l.recent.Len() != 2 {
			t.Errorf("%d and %d kept, want 2", len(l.entries), l.recent.Len())
		}
		if asked["a"] != 2 || asked["b"] != 2 || asked["c"] != 1 {
			t.Errorf("asked %v: the least recently used one is to go", asked)
		}
	})
}
