package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// patience is how long the demo waits for one condition.
const patience = 30 * time.Second

// stage holds everything that the conversation is played with. Its methods do
// nothing once one of them has failed; err has the first failure.
type stage struct {
	ctx  context.Context // the stage lives only during one call of play
	fail context.CancelCauseFunc
	page *page
	log  *logbook
	err  error

	slack      *slacktest.Server
	agen       *agentest.Server
	agenSwitch *agenSwitch
	bridge     *process
	env        []string

	ann, bob, kim, ci slacktest.User
	dev               slacktest.Channel
	root              string            // of the thread
	lines             []line            // messages in the thread since the mention
	names             map[string]string // of people, by id
}

// line is a message that a person sent.
type line struct {
	who, ts, text string
	// unheard: the agent must not get it.
	unheard bool
}

// play starts the servers, plays the conversation and cleans up.
func play(ctx context.Context, p *page, log *logbook) (err error) {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	dir, err := os.MkdirTemp("", "agendemo-")
	if err != nil {
		return fmt.Errorf("make a folder for the bridge's file: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s := &stage{
		ctx: ctx, fail: fail, page: p, log: log, names: map[string]string{},
		slack: slacktest.New(slacktest.Config{BotName: "Agen"}),
		agen:  agentest.New(agentest.Config{Agent: agentest.Agent{Manual: true}}),
	}
	defer s.slack.Close()
	defer func() { err = errors.Join(err, s.agen.Close()) }()
	defer func() {
		if s.err != nil && s.bridge != nil {
			s.err = errors.Join(s.err, s.bridge.Kill())
		}
		if s.err != nil && s.root != "" {
			p.heading("The thread when it failed:")
			p.plain(s.slack.RenderThread(s.dev.ID, s.root))
		}
		err = s.err
	}()
	s.set(dir)
	for _, scene := range []func(*stage){mention, busy, refusal, killed, outage, recovery, curtain} {
		scene(s)
	}
	return nil
}

// set starts the servers and adds the people.
func (s *stage) set(dir string) {
	api, err := serveSlack(s.ctx, s.slack, s.fail)
	if err != nil {
		s.broke(err)
		return
	}
	s.agenSwitch = &agenSwitch{server: s.agen, address: "127.0.0.1:0", broken: s.fail}
	if err := s.agenSwitch.Open(s.ctx); err != nil {
		s.broke(err)
		return
	}
	s.env = environment(s.slack.Config(), api, s.agenSwitch.address, filepath.Join(dir, "agenbridge.db"))
	s.ann, s.bob = s.person(slacktest.User{Name: "ann"}), s.person(slacktest.User{Name: "bob"})
	s.kim = s.person(slacktest.User{Name: "kim", IsRestricted: true})
	s.ci = s.person(slacktest.User{Name: "ci", RealName: "CI", IsBot: true, BotID: "B0CI", AppID: "A0CI"})
	s.dev = s.slack.AddChannel(slacktest.Channel{Name: "dev"})
}

func (s *stage) person(u slacktest.User) slacktest.User {
	u = s.slack.AddUser(u)
	s.names[u.ID] = u.RealName
	return u
}

// broke records the first failure.
func (s *stage) broke(err error) {
	if s.err == nil && err != nil {
		s.err = err
	}
}

// start starts a bridge whose clock is so far ahead, and waits until it is
// connected to Slack.
func (s *stage) start(ahead time.Duration) {
	if s.err != nil {
		return
	}
	began := time.Now()
	var err error
	if s.bridge, err = startProcess(s.ctx, s.env, ahead, s.log, s.fail); err != nil {
		s.broke(err)
		return
	}
	s.sees("the bridge's socket", func() bool { return len(s.slack.Sockets()) > 0 })
	if s.err == nil {
		s.page.note(fmt.Sprintf("(The bridge listens, %d ms after its start.)", time.Since(began).Milliseconds()))
	}
}

// kill kills the bridge with SIGKILL.
func (s *stage) kill() {
	if s.err != nil {
		return
	}
	s.broke(s.bridge.Kill())
	s.bridge = nil
	s.sees("the end of the bridge's sockets", func() bool { return len(s.slack.Sockets()) == 0 })
}

// sees waits for a condition on Slack, gets for one on Agen.
func (s *stage) sees(what string, holds func() bool) {
	s.await(what, func(ctx context.Context) error { return s.slack.Wait(ctx, what, holds) })
}

func (s *stage) gets(what string, holds func() bool) {
	s.await(what, func(ctx context.Context) error { return s.agen.Wait(ctx, holds) })
}

func (s *stage) await(what string, wait func(context.Context) error) {
	if s.err != nil {
		return
	}
	ctx, cancel := context.WithTimeoutCause(s.ctx, patience, errImpatient)
	defer cancel()
	if err := wait(ctx); err != nil {
		s.broke(fmt.Errorf("wait for %s: %w", what, context.Cause(ctx)))
	}
}

var errImpatient = errors.New("it did not happen within " + patience.String())

// say sends a message in the thread, or starts the thread.
func (s *stage) say(who slacktest.User, text string) string {
	if s.err != nil {
		return ""
	}
	var opts []slacktest.SayOption
	if s.root != "" {
		opts = append(opts, slacktest.InThread(s.root))
	}
	if who.IsBot {
		opts = append(opts, slacktest.WithSubtype("bot_message"))
	}
	ts, err := s.slack.Say(who.ID, s.dev.ID, text, opts...)
	if err != nil {
		s.broke(fmt.Errorf("say %q: %w", text, err))
		return ""
	}
	if s.root == "" {
		s.root = ts
	}
	shown := strings.ReplaceAll(text, "<@"+s.slack.Config().BotUserID+">", "@Agen")
	s.page.said(who.RealName, shown)
	if len(s.lines) > 0 || shown != text {
		s.lines = append(s.lines, line{who: who.RealName, ts: ts, text: shown, unheard: who.IsRestricted})
	}
	return ts
}

// shows waits until a message has this reaction of the bridge's and no other.
func (s *stage) shows(ts, emoji, told string) {
	s.sees("the reaction "+emoji, func() bool {
		on := s.slack.Reactions(s.dev.ID, ts)
		return len(on) == 1 && on[0] == emoji
	})
	s.tell(told)
}

// tell prints a line, unless something has failed.
func (s *stage) tell(told string) {
	if s.err == nil && told != "" {
		s.page.shown(told)
	}
}

// reads waits for a post with these words in the thread, and prints it.
func (s *stage) reads(words string) {
	found := ""
	s.sees("a post with “"+words+"”", func() bool {
		found = postWith(s.slack.RenderThread(s.dev.ID, s.root), words)
		return found != ""
	})
	if s.err == nil {
		s.page.shown(found)
	}
}

// postWith returns the first post of a rendered thread that contains the words,
// on one line, or an empty string if there is none.
func postWith(thread, words string) string {
	post := ""
	for line := range strings.Lines(thread) {
		if strings.HasPrefix(line, "      ") { // the text of the post
			post += " " + strings.TrimSpace(line)
			continue
		}
		if strings.Contains(post, words) {
			return post
		}
		post = strings.TrimSpace(line) + ":"
	}
	if strings.Contains(post, words) {
		return post
	}
	return ""
}

// session returns the id of the only session, or an empty string if there is
// none yet.
func (s *stage) session() string {
	if all := s.agen.Sessions(); len(all) > 0 {
		return all[0].ID
	}
	return ""
}

// times returns how many copies of the message the session has.
func (s *stage) times(ts string) int { return len(s.events(ts)) }

// events returns the session's messages with the ts.
func (s *stage) events(ts string) []agen.Event {
	var all []agen.Event
	for _, e := range s.agen.Messages(s.session()) {
		if e.ClientID == ts {
			all = append(all, e)
		}
	}
	return all
}

// becomes sets the status of a message.
func (s *stage) becomes(ts string, status agen.Status) {
	if s.err != nil {
		return
	}
	for _, e := range s.events(ts) {
		s.broke(s.agen.SetStatus(s.session(), e.ID, status))
	}
}

// happens adds an event to the session.
func (s *stage) happens(e agen.Event) {
	if s.err != nil {
		return
	}
	_, err := s.agen.AddEvent(s.session(), e)
	s.broke(err)
}

// answers adds a message of the agent, and waits until Slack shows it.
func (s *stage) answers(text, words string) {
	s.happens(agentest.AgentMessage(text))
	s.reads(words)
}
