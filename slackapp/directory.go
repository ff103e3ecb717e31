package slackapp

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/content"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

// How long entries are cached, and how many. A change of what a person may do should take effect within minutes.
const (
	directoryTTL  = 5 * time.Minute
	maxCached     = 2000
	groupNamesTTL = time.Hour
)

// person is the part of a user object that is used here (https://docs.slack.dev/reference/objects/user-object).
type person struct {
	name             string
	team, enterprise string
	bot, deleted     bool
	guest, external  bool
}

// conversation is the part of a conversation object that is used here
// (https://docs.slack.dev/reference/objects/conversation-object).
type conversation struct {
	name   string
	shared bool
	public bool // anybody in the workspace can read it
}

// directory looks up people, channels and user groups, and caches the answers.
type directory struct {
	api          *webapi.Client
	people       *cache[person]
	channels     *cache[conversation]
	groupMembers *cache[[]string]          // by user group
	groupNames   *cache[map[string]string] // of all user groups, in one entry
}

func newDirectory(api *webapi.Client) *directory {
	d := &directory{api: api}
	d.people = newCache(directoryTTL, maxCached, d.fetchPerson)
	d.channels = newCache(directoryTTL, maxCached, d.fetchChannel)
	d.groupMembers = newCache(directoryTTL, maxCached, d.fetchGroupMembers)
	d.groupNames = newCache(groupNamesTTL, 1, d.fetchGroupNames)
	return d
}

// fetchPerson calls https://docs.slack.dev/reference/methods/users.info.
func (d *directory) fetchPerson(ctx context.Context, id string) (person, error) {
	var a struct {
		User struct {
			Name     string `json:"name"`
			RealName string `json:"real_name"`
			Team     string `json:"team_id"`
			Deleted  bool   `json:"deleted"`
			Bot      bool   `json:"is_bot"`
			Workflow bool   `json:"is_workflow_bot"`
			Guest    bool   `json:"is_restricted"`
			Guest1   bool   `json:"is_ultra_restricted"`
			Stranger bool   `json:"is_stranger"`
			Profile  struct {
				Display string `json:"display_name"`
				Real    string `json:"real_name"`
			} `json:"profile"`
			Enterprise struct {
				ID string `json:"enterprise_id"`
			} `json:"enterprise_user"`
		} `json:"user"`
	}
	c := webapi.Call{Method: "users.info"}
	if _, err := d.api.Call(ctx, c, url.Values{"user": {id}}, &a); err != nil {
		return person{}, err
	}
	u := a.User
	p := person{
		team: u.Team, enterprise: u.Enterprise.ID, bot: u.Bot || u.Workflow, deleted: u.Deleted,
		guest: u.Guest || u.Guest1, external: u.Stranger, name: id,
	}
	for _, name := range []string{u.Profile.Real, u.RealName, u.Profile.Display, u.Name} {
		if name = content.CleanName(name); name != "" {
			p.name = name
			break
		}
	}
	if p.team == "" {
		return person{}, c.Fault(bridge.ClassTemporary, "", 0, errors.New("the user has no team"))
	}
	return p, nil
}

// fetchChannel calls https://docs.slack.dev/reference/methods/conversations.info.
func (d *directory) fetchChannel(ctx context.Context, id string) (conversation, error) {
	var a struct {
		Channel struct {
			ID      string `json:"id"`
			Name    string `json:"name"`
			Shared  bool   `json:"is_ext_shared"`
			Pending bool   `json:"is_pending_ext_shared"`
			Channel bool   `json:"is_channel"`
			Private bool   `json:"is_private"`
			Group   bool   `json:"is_group"`
			IM      bool   `json:"is_im"`
			MPIM    bool   `json:"is_mpim"`
		} `json:"channel"`
	}
	c := webapi.Call{Method: "conversations.info"}
	if _, err := d.api.Call(ctx, c, url.Values{"channel": {id}}, &a); err != nil {
		return conversation{}, err
	}
	if a.Channel.ID == "" {
		return conversation{}, c.Fault(bridge.ClassTemporary, "", 0, webapi.ErrNotSlack)
	}
	ch := conversation{name: content.CleanName(a.Channel.Name), shared: a.Channel.Shared || a.Channel.Pending}
	ch.public = a.Channel.Channel && !a.Channel.Private && !a.Channel.Group && !a.Channel.IM && !a.Channel.MPIM
	if ch.name == "" {
		ch.name = id
	}
	return ch, nil
}

// fetchGroupMembers calls https://docs.slack.dev/reference/methods/usergroups.users.list. A group that doesn't exist has no
// members.
func (d *directory) fetchGroupMembers(ctx context.Context, id string) ([]string, error) {
	var a struct {
		Users []string `json:"users"`
	}
	_, err := d.api.Call(ctx, webapi.Call{Method: "usergroups.users.list"}, url.Values{"usergroup": {id}}, &a)
	if webapi.ErrorCode(err) == "no_such_subteam" {
		return nil, nil
	}
	return a.Users, err
}

// fetchGroupNames calls https://docs.slack.dev/reference/methods/usergroups.list.
func (d *directory) fetchGroupNames(ctx context.Context, _ string) (map[string]string, error) {
	var a struct {
		Groups []struct {
			ID     string `json:"id"`
			Handle string `json:"handle"`
			Name   string `json:"name"`
		} `json:"usergroups"`
	}
	form := url.Values{"include_disabled": {"true"}}
	if _, err := d.api.Call(ctx, webapi.Call{Method: "usergroups.list"}, form, &a); err != nil {
		return nil, err
	}
	out := make(map[string]string, len(a.Groups))
	for _, g := range a.Groups {
		out[g.ID] = cmp.Or(content.CleanName(g.Handle), content.CleanName(g.Name))
	}
	return out, nil
}

// inAnyGroup reports whether a person is in one of the user groups.
func (d *directory) inAnyGroup(ctx context.Context, groups []string, user string) (bool, error) {
	for _, g := range groups {
		members, err := d.groupMembers.get(ctx, g)
		if err != nil {
			return false, err
		}
		if slices.Contains(members, user) {
			return true, nil
		}
	}
	return false, nil
}
