package slackapp

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/agenbridge/agenbridge/slackapp/content"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

// Named is an id of Slack's and what it stands for.
type Named struct {
	ID string
	// Name is #channel, @person or @group. It is empty if the id is unknown, or if Err says why Slack can't be asked.
	Name string
	Err  error
}

// Resolve looks up the names of channels, people and user groups, in the order of the ids.
func (a *App) Resolve(ctx context.Context, ids []string) []Named {
	all := make([]Named, len(ids))
	for i, id := range ids {
		all[i].ID = id
		all[i].Name, all[i].Err = a.nameOf(ctx, id)
	}
	return all
}

// unknownID are Slack's errors for an id that doesn't exist, or that the app can't see.
var unknownID = map[string]bool{"channel_not_found": true, "user_not_found": true, "user_not_visible": true, "users_not_found": true}

// nameOf returns the name for an id; empty if Slack doesn't know it.
func (a *App) nameOf(ctx context.Context, id string) (name string, err error) {
	switch {
	case strings.HasPrefix(id, "S"):
		handles, err := a.directory.groupNames.get(ctx, "")
		if err != nil || handles[id] == "" {
			return "", err
		}
		return "@" + handles[id], nil
	case strings.HasPrefix(id, "U"), strings.HasPrefix(id, "W"):
		var p person
		if p, err = a.directory.people.get(ctx, id); err == nil {
			name = "@" + p.name
			if p.deleted {
				name += ", deactivated"
			}
		}
	default:
		var ch conversation
		if ch, err = a.directory.channels.get(ctx, id); err == nil {
			name = "#" + ch.name
		}
	}
	if unknownID[webapi.ErrorCode(err)] {
		return "", nil
	}
	return name, err
}

// ownChannels lists the channels that the bot is in, without direct messages
// (https://docs.slack.dev/reference/methods/users.conversations).
func (a *App) ownChannels(ctx context.Context) (all []Named, err error) {
	form := url.Values{
		"types": {"public_channel,private_channel"}, "exclude_archived": {"true"}, "limit": {strconv.Itoa(pageSize)},
	}
	for {
		var page struct {
			Channels []struct {
				ID   string `json:"id"`
				Name string `json:"name"`
			} `json:"channels"`
			Next nextPage `json:"response_metadata"`
		}
		if _, err := a.api.Call(ctx, webapi.Call{Method: methodChannels}, form, &page); err != nil {
			return nil, err
		}
		for _, ch := range page.Channels {
			all = append(all, Named{ID: ch.ID, Name: "#" + content.CleanName(ch.Name)})
		}
		if page.Next.Cursor == "" || page.Next.Cursor == form.Get("cursor") {
			return all, nil
		}
		form.Set("cursor", page.Next.Cursor)
	}
}
