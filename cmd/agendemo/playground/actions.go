package playground

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// actionRequest is an action of a person on the page. Each action reads the fields that it needs.
type actionRequest struct {
	User    string `json:"user"`
	Channel string `json:"channel"`
	TS      string `json:"ts"`
	Thread  string `json:"thread"`
	Text    string `json:"text"`
	Action  string `json:"action"`
	Name    string `json:"name"`
	On      bool   `json:"on"`
}

// action performs a request. It returns the ts of the message that it sent, if it sent one.
type action func(context.Context, actionRequest) (ts string, err error)

const (
	maxRequest = 64 << 10
	// maxText is the longest message that Slack accepts.
	maxText = 40_000
)

var (
	errEmpty   = errors.New("there is nothing to send")
	errTooLong = errors.New("that is longer than a message may be")
	errNobody  = errors.New("nobody here has that name")
)

// actions returns all actions by name.
func (p *Playground) actions() map[string]action {
	return map[string]action{
		"say": p.say, "edit": p.edit, "delete": p.remove, "click": p.click, "react": p.react,
		"weather": func(ctx context.Context, r actionRequest) (string, error) {
			defer p.poke()
			return "", p.faults.set(ctx, r.Name, r.On)
		},
		"bridge": func(_ context.Context, r actionRequest) (string, error) {
			if r.On {
				return "", p.bridge.Start()
			}
			return "", p.bridge.Kill()
		},
	}
}

// act serves a request that performs an action.
func (p *Playground) act(w http.ResponseWriter, r *http.Request, do action) {
	if !isJSON(r) {
		refuse(w, http.StatusUnsupportedMediaType, "this takes JSON")
		return
	}
	var request actionRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest)).Decode(&request); err != nil {
		refuse(w, http.StatusBadRequest, "this can't be read")
		return
	}
	ts, err := do(r.Context(), request)
	switch {
	case err == nil:
		reply(w, http.StatusOK, map[string]string{"ts": ts})
	case errors.Is(err, errRuns), errors.Is(err, errDown), errors.Is(err, slacktest.ErrNoSocket):
		refuse(w, http.StatusConflict, reason(err))
	case errors.Is(err, slacktest.ErrNoMessage), errors.Is(err, slacktest.ErrNoChannel), errors.Is(err, slacktest.ErrNoButton):
		refuse(w, http.StatusNotFound, reason(err))
	default:
		refuse(w, http.StatusBadRequest, reason(err))
	}
}

// reason describes an error for the person at the page.
func reason(err error) string {
	if errors.Is(err, slacktest.ErrNoSocket) {
		return "Nobody hears the click: the bridge is down. Slack doesn't repeat clicks, so click again when it is up."
	}
	return err.Error()
}

func (p *Playground) who(r actionRequest) error {
	for _, who := range p.place.people {
		if who.ID == r.User {
			return nil
		}
	}
	return errNobody
}

// text returns the text of a request in Slack markup.
func (p *Playground) text(r actionRequest) (string, error) {
	typed := strings.TrimSpace(strings.ToValidUTF8(r.Text, "\uFFFD"))
	switch {
	case typed == "":
		return "", errEmpty
	case utf8.RuneCountInString(typed) > maxText:
		return "", errTooLong
	}
	return p.place.markup(typed), p.who(r)
}

func (p *Playground) say(_ context.Context, r actionRequest) (string, error) {
	text, err := p.text(r)
	if err != nil {
		return "", err
	}
	var opts []slacktest.SayOption
	if r.Thread != "" {
		opts = append(opts, slacktest.InThread(r.Thread))
	}
	return p.cfg.Slack.Say(r.User, r.Channel, text, opts...)
}

func (p *Playground) edit(_ context.Context, r actionRequest) (string, error) {
	text, err := p.text(r)
	if err != nil {
		return "", err
	}
	if m, ok := p.cfg.Slack.Message(r.Channel, r.TS); ok && m.Text == text {
		return r.TS, nil // Slack's clients send nothing in this case
	}
	return r.TS, p.cfg.Slack.Edit(r.User, r.Channel, r.TS, text)
}

func (p *Playground) remove(_ context.Context, r actionRequest) (string, error) {
	return r.TS, errors.Join(p.who(r), p.cfg.Slack.Delete(r.User, r.Channel, r.TS))
}

func (p *Playground) click(_ context.Context, r actionRequest) (string, error) {
	if err := p.who(r); err != nil {
		return "", err
	}
	return r.TS, p.cfg.Slack.Click(r.User, r.Channel, r.TS, r.Action)
}

func (p *Playground) react(_ context.Context, r actionRequest) (string, error) {
	if err := p.who(r); err != nil {
		return "", err
	}
	if slacktest.Emoji(r.Name) == ":"+r.Name+":" {
		return "", fmt.Errorf("%q is no emoji", r.Name)
	}
	if r.On {
		return r.TS, p.cfg.Slack.React(r.User, r.Channel, r.TS, r.Name)
	}
	return r.TS, p.cfg.Slack.Unreact(r.User, r.Channel, r.TS, r.Name)
}
