package daemon_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// withRoute makes a test environment in which #web is routed to a workspace of its
// own. The daemon is not started.
func withRoute(t *testing.T, p plan) (w *town, web slacktest.Channel) {
	t.Helper()
	p.agen.Keys = map[string]string{agentest.DefaultKey: agentest.DefaultWorkspace, "web-key": "ws_web"}
	p.idle = true
	w = newTown(t, p)
	web = w.slack.AddChannel(slacktest.Channel{Name: "web"})
	w.env["ROUTE_WEB_CHANNELS"], w.env["ROUTE_WEB_AGEN_API_KEY"] = web.ID, "web-key"
	return w, web
}

// withoutRoute removes the route's variables from the environment.
func (w *town) withoutRoute() {
	for name := range w.env {
		if strings.HasPrefix(name, "ROUTE_") {
			delete(w.env, name)
		}
	}
}

// in waits for the one session of the workspace and returns it.
func (w *town) in(workspace string) agen.Session {
	w.t.Helper()
	var found []agen.Session
	w.until("there is a session in "+workspace, func() bool {
		found = slices.DeleteFunc(w.agen.Sessions(), func(s agen.Session) bool { return s.WorkspaceID != workspace })
		return len(found) > 0
	})
	if len(found) > 1 {
		w.t.Fatalf("%d sessions in %s\n%s", len(found), workspace, w.picture())
	}
	return found[0]
}

// wantOwnKeysOnly fails if a request to a session used another workspace's key.
func (w *town) wantOwnKeysOnly() {
	w.t.Helper()
	home := map[string]string{}
	for _, s := range w.agen.Sessions() {
		home[s.ID] = s.WorkspaceID
	}
	for _, r := range w.agen.Requests() {
		if r.Session != "" && home[r.Session] != r.Workspace {
			w.t.Errorf("%s %s of %s was asked with a key of %s", r.Method, r.Path, home[r.Session], r.Workspace)
		}
	}
}

func TestEachChannelReachesItsOwnWorkspaceOnly(t *testing.T) {
	w, web := withRoute(t, plan{})
	w.env["AGEN_BRANCH"], w.env["AGEN_SESSION_URL"] = "main", "https://agen.test/s/{id}"
	w.env["ROUTE_WEB_AGEN_BRANCH"], w.env["ROUTE_WEB_AGEN_MODEL"] = "next", "large"
	w.env["ROUTE_WEB_AGEN_AUTO_COMMIT"], w.env["ROUTE_WEB_AGEN_SESSION_URL"] = "true", "https://web.test/{id}"
	w.start()
	w.connected()
	root := w.mention("start")
	there := w.slack.Say(w.ann.ID, web.ID, "<@U0AGEN> start there")
	ours, theirs := w.in(agentest.DefaultWorkspace), w.in("ws_web")
	w.reply(w.bob, root, "and this")
	w.slack.Say(w.bob.ID, web.ID, "and that", slacktest.InThread(there))
	w.until("all is there", func() bool {
		return len(w.agen.Messages(ours.ID)) == 2 && len(w.agen.Messages(theirs.ID)) == 2
	})
	if ours.BranchName != "main" || ours.AutoCommit || ours.Model != "" {
		t.Errorf("the default session was opened with %+v", ours)
	}
	if theirs.BranchName != "next" || !theirs.AutoCommit || theirs.Model != "large" {
		t.Errorf("the session of #web was opened with %+v", theirs)
	}
	w.note(root, "https://agen.test/s/"+ours.ID)
	w.slack.WaitFor("a link in #web", func() bool {
		return slices.ContainsFunc(w.slack.Thread(web.ID, there), func(m slacktest.Message) bool {
			return strings.Contains(m.Text, "<https://web.test/"+theirs.ID+"|View session>")
		})
	})
	w.wantOwnKeysOnly()
}

func TestDirectMessagesUseTheDefaultRoute(t *testing.T) {
	w, _ := withRoute(t, plan{})
	w.start()
	w.connected()
	dm, err := w.slack.DM(w.ann.ID)
	if err != nil {
		t.Fatal(err)
	}
	w.slack.Say(w.ann.ID, dm, "hello")
	w.in(agentest.DefaultWorkspace)
}

func TestARouteThatIsTakenAwayIsNeverSentAnotherWay(t *testing.T) {
	w, web := withRoute(t, plan{})
	w.start()
	w.connected()
	there := w.slack.Say(w.ann.ID, web.ID, "<@U0AGEN> start there")
	session := w.in("ws_web").ID
	w.until("it is there", func() bool { return len(w.agen.Messages(session)) == 1 })

	kept := maps.Clone(w.env)
	w.stop()
	w.withoutRoute()
	w.start()
	w.connected()
	reply := w.slack.Say(w.bob.ID, web.ID, "and that", slacktest.InThread(there))
	w.showsIn(web.ID, reply, "warning")
	w.retryIn(web.ID, there) // the route is still missing
	w.slack.WaitFor("it is held again", func() bool { return w.log.Count(`"event":"message_held"`) == 2 })
	w.slack.Say(w.ann.ID, web.ID, "<@U0AGEN> a new thread goes the default way")
	w.in(agentest.DefaultWorkspace)

	w.stop()
	w.env = kept
	w.start()
	w.connected()
	w.retryIn(web.ID, there)
	w.showsIn(web.ID, reply, "white_check_mark")
	if got, want := w.received(session), []string{there, reply}; !slices.Equal(got, want) {
		t.Errorf("the session got %v, want %v", got, want)
	}
	w.wantOwnKeysOnly()
}

// retryIn clicks the retry button of the note about a held message, once there is
// one.
func (w *town) retryIn(channel, root string) {
	w.t.Helper()
	w.slack.WaitFor("a note with a button", func() bool {
		for _, m := range slices.Backward(w.slack.Thread(channel, root)) { // an older note may still have its button
			if strings.Contains(m.Text, "isn't set up anymore") {
				return w.slack.Server.Click(w.bob.ID, channel, m.TS, "retry") == nil
			}
		}
		return false
	})
}

// showsIn waits until the message in the channel has exactly this reaction.
func (w *town) showsIn(channel, ts, emoji string) {
	w.t.Helper()
	w.slack.WaitFor(emoji+" on "+ts, func() bool {
		got := w.slack.Reactions(channel, ts)
		return len(got) == 1 && got[0] == emoji
	})
}

// The channel of a route got another id, and the operator has not updated the
// variable. Threads in it still go to the same workspace.
func TestARouteGoesAlongWithItsChannel(t *testing.T) {
	w, web := withRoute(t, plan{})
	w.start()
	w.connected()
	if err := w.slack.ChangeChannelID(web.ID, "C0NEWWEB"); err != nil {
		t.Fatal(err)
	}
	w.slack.WaitFor("it is known", func() bool { return w.log.Has("a channel has a new id") })
	for range 2 {
		w.slack.Say(w.ann.ID, "C0NEWWEB", "<@U0AGEN> start there")
		w.restart()
		w.connected()
	}
	w.until("there are two sessions", func() bool { return len(w.agen.Sessions()) == 2 })
	for _, s := range w.agen.Sessions() {
		if s.WorkspaceID != "ws_web" {
			t.Errorf("a session is in %s", s.WorkspaceID)
		}
	}
}

// A message may have reached the workspace whose route is then removed. The bridge
// looks it up there before it sends the message again.
func TestWhatMayHaveLeftIsLookedUpWhenItsRouteIsBack(t *testing.T) {
	for name, fault := range map[string]agentest.Fault{
		"it had arrived":     agentest.LoseAnswer(agentest.CallSend),
		"it had not arrived": agentest.BreakBefore(agentest.CallSend),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, web := withRoute(t, plan{inBubble: true})
				w.start()
				w.connected()
				there := w.slack.Say(w.ann.ID, web.ID, "<@U0AGEN> start there")
				w.showsIn(web.ID, there, "white_check_mark")
				session := w.in("ws_web").ID
				w.agen.AddFault(agentest.Fault{Call: agentest.CallEvents, Status: 503, Times: -1})
				sent := w.agen.AddFault(fault)
				reply := w.slack.Say(w.bob.ID, web.ID, "and that", slacktest.InThread(there))
				w.until("it may have left", func() bool { return sent.Hits() > 0 })
				time.Sleep(time.Second)

				kept := maps.Clone(w.env)
				w.stop()
				w.withoutRoute()
				w.agen.ClearFaults()
				w.start()
				w.connected()
				w.showsIn(web.ID, reply, "warning")
				if !strings.Contains(w.slack.RenderChannel(web.ID), "I can't tell whether your message from") {
					t.Errorf("the note does not say that it may be there\n%s", w.slack.RenderChannel(web.ID))
				}

				w.stop()
				w.env = kept
				w.start()
				w.connected()
				if name == "it had not arrived" {
					w.retryIn(web.ID, there)
				}
				w.showsIn(web.ID, reply, "white_check_mark")
				time.Sleep(time.Hour)
				if got, want := w.received(session), []string{there, reply}; !slices.Equal(got, want) {
					t.Errorf("the session got %v, want %v", got, want)
				}
				w.wantOwnKeysOnly()
			})
		})
	}
}
