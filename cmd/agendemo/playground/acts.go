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

// deed is what somebody does on the page. Each act reads the fields that it needs.
type deed struct {
	User    string `json:"user"`
	Channel string `json:"channel"`
	TS      string `json:"ts"`
	Thread  string `json:"thread"`
	Text    string `json:"text"`
	Action  string `json:"action"`
	Name    string `json:"name"`
	On      bool   `json:"on"`
}

// act does a deed. It returns the ts of what was said, if something was.
type act func(context.Context, deed) (ts string, err error)

const (
	maxDeed = 64 << 10
	// maxText is as much as Slack takes in a message.
	maxText = 40_000
)

var (
	errEmpty   = errors.New("there is nothing to send")
	errTooLong = errors.New("that is longer than a message may be")
	errNobody  = errors.New("nobody here has that name")
)

// acts are all there are, by name.
func (p *Playground) acts() map[string]act {
	return map[string]act{
		"say": p.say, "edit": p.edit, "delete": p.remove, "click": p.click, "react": p.react,
		"weather": func(ctx context.Context, d deed) (string, error) {
			defer p.poke()
			return "", p.weather.set(ctx, d.Name, d.On)
		},
		"bridge": func(_ context.Context, d deed) (string, error) {
			if d.On {
				return "", p.bridge.Start()
			}
			return "", p.bridge.Kill()
		},
	}
}

// act answers a request that does something.
func (p *Playground) act(w http.ResponseWriter, r *http.Request, do act) {
	if !isJSON(r) {
		refuse(w, http.StatusUnsupportedMediaType, "this takes JSON")
		return
	}
	var d deed
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxDeed)).Decode(&d); err != nil {
		refuse(w, http.StatusBadRequest, "this can't be read")
		return
	}
	ts, err := do(r.Context(), d)
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

// reason says what is wrong to whoever looks at the page.
func reason(err error) string {
	if errors.Is(err, slacktest.ErrNoSocket) {
		return "Nobody hears the click: the bridge is down. Slack doesn't repeat clicks, so click again when it is up."
	}
	return err.Error()
}

func (p *Playground) who(d deed) error {
	for _, who := range p.place.people {
		if who.ID == d.User {
			return nil
		}
	}
	return errNobody
}

// text is what a deed says, in Slack markup.
func (p *Playground) text(d deed) (string, error) {
	typed := strings.TrimSpace(strings.ToValidUTF8(d.Text, "\uFFFD"))
	switch {
	case typed == "":
		return "", errEmpty
	case utf8.RuneCountInString(typed) > maxText:
		return "", errTooLong
	}
	return p.place.markup(typed), p.who(d)
}

func (p *Playground) say(_ context.Context, d deed) (string, error) {
	text, err := p.text(d)
	if err != nil {
		return "", err
	}
	var opts []slacktest.SayOption
	if d.Thread != "" {
		opts = append(opts, slacktest.InThread(d.Thread))
	}
	return p.cfg.Slack.Say(d.User, d.Channel, text, opts...)
}

func (p *Playground) edit(_ context.Context, d deed) (string, error) {
	text, err := p.text(d)
	if err != nil {
		return "", err
	}
	if m, ok := p.cfg.Slack.Message(d.Channel, d.TS); ok && m.Text == text {
		return d.TS, nil // Slack's clients send nothing then
	}
	return d.TS, p.cfg.Slack.Edit(d.User, d.Channel, d.TS, text)
}

func (p *Playground) remove(_ context.Context, d deed) (string, error) {
	return d.TS, errors.Join(p.who(d), p.cfg.Slack.Delete(d.User, d.Channel, d.TS))
}

func (p *Playground) click(_ context.Context, d deed) (string, error) {
	if err := p.who(d); err != nil {
		return "", err
	}
	return d.TS, p.cfg.Slack.Click(d.User, d.Channel, d.TS, d.Action)
}

func (p *Playground) react(_ context.Context, d deed) (string, error) {
	if err := p.who(d); err != nil {
		return "", err
	}
	if slacktest.Emoji(d.Name) == ":"+d.Name+":" {
		return "", fmt.Errorf("%q is no emoji", d.Name)
	}
	if d.On {
		return d.TS, p.cfg.Slack.React(d.User, d.Channel, d.TS, d.Name)
	}
	return d.TS, p.cfg.Slack.Unreact(d.User, d.Channel, d.TS, d.Name)
}
