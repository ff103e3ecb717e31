package slackapp

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

// authenticator asks Slack who we are (https://docs.slack.dev/reference/methods/auth.test).
type authenticator struct {
	api    *webapi.Client
	health *health
	cached *cache[botIdentity]
}

func newAuthenticator(api *webapi.Client, h *health) *authenticator {
	a := &authenticator{api: api, health: h}
	const forever = 100 * 365 * 24 * time.Hour
	a.cached = newCache(forever, 1, func(ctx context.Context, _ string) (botIdentity, error) {
		me, _, err := a.test(ctx)
		if err == nil {
			me.App, err = a.appID(ctx, me)
		}
		return me, err
	})
	return a
}

// identity returns who we are. Slack is asked once; the errors are Faults.
func (a *authenticator) identity(ctx context.Context) (botIdentity, error) {
	me, err := a.cached.get(ctx, "")
	if err != nil {
		return botIdentity{}, webapi.AsFault(err)
	}
	return me, nil
}

// appID asks Slack for the id of our app (https://docs.slack.dev/reference/methods/bots.info). It is empty if Slack refuses
// to tell it; then events of another app can't be told apart.
func (a *authenticator) appID(ctx context.Context, me botIdentity) (string, error) {
	var about struct {
		Bot struct {
			App string `json:"app_id"`
		} `json:"bot"`
	}
	_, err := a.api.Call(ctx, webapi.Call{Method: "bots.info"}, url.Values{"bot": {me.Bot}}, &about)
	if errors.Is(err, bridge.ClassRejected) || errors.Is(err, bridge.ClassNotFound) || errors.Is(err, bridge.ClassUnauthorized) {
		return "", nil
	}
	return about.Bot.App, err
}

// test asks Slack and returns the header of the response, which has the token's scopes.
func (a *authenticator) test(ctx context.Context) (botIdentity, http.Header, error) {
	var who struct {
		Team       string `json:"team_id"`
		Enterprise string `json:"enterprise_id"`
		User       string `json:"user_id"`
		Bot        string `json:"bot_id"`
		Name       string `json:"user"`
		URL        string `json:"url"`
	}
	c := webapi.Call{Method: "auth.test"}
	header, err := a.api.Call(ctx, c, url.Values{}, &who)
	if err != nil {
		return botIdentity{}, nil, err
	}
	me := botIdentity{Team: who.Team, Enterprise: who.Enterprise, User: who.User, Bot: who.Bot, Name: who.Name, URL: who.URL}
	if me.Bot == "" {
		// It is the token of a person or of an app's configuration: what it posts would not be the bot's.
		return botIdentity{}, nil, c.Fault(bridge.ClassUnauthorized, "not_a_bot_token", 0, errors.New("the token is not a bot's"))
	}
	if !validID(me.Team) || !validID(me.User) {
		return botIdentity{}, nil, c.Fault(bridge.ClassTemporary, "", 0, webapi.ErrNotSlack)
	}
	a.health.noteScopes(header)
	return me, header, nil
}
