package slacktest

import (
	"strings"
	"time"
)

// apiTest is https://docs.slack.dev/reference/methods/api.test.
func (s *Server) apiTest(c *call) (object, error) {
	if e := c.args["error"]; e != "" {
		return nil, apiError{code: e, extra: object{"args": c.args}}
	}
	return object{"args": c.args}, nil
}

// authTest is https://docs.slack.dev/reference/methods/auth.test.
func (s *Server) authTest(c *call) (object, error) {
	if c.token == s.cfg.AppToken {
		return object{"app_name": s.cfg.BotName, "app_id": s.cfg.AppID}, nil
	}
	body := object{
		"url": s.teamURL(), "team": s.cfg.TeamName, "user": s.cfg.BotName, "team_id": s.cfg.TeamID,
		"user_id": s.cfg.BotUserID, "bot_id": s.cfg.BotID, "is_enterprise_install": false,
	}
	if s.cfg.EnterpriseID != "" {
		body["enterprise_id"] = s.cfg.EnterpriseID
	}
	return body, nil
}

// connectionsOpen is https://docs.slack.dev/reference/methods/apps.connections.open.
func (s *Server) connectionsOpen(*call) (object, error) {
	if !s.mode.linked {
		return nil, fail("socket_mode_not_enabled")
	}
	return object{"url": s.openTicket()}, nil
}

// botsInfo is https://docs.slack.dev/reference/methods/bots.info.
func (s *Server) botsInfo(c *call) (object, error) {
	for _, u := range s.world.users {
		if u.IsBot && u.BotID != "" && u.BotID == c.args["bot"] {
			return object{"bot": object{
				"id": u.BotID, "deleted": u.Deleted, "name": u.RealName, "updated": 1, "app_id": u.AppID, "user_id": u.ID,
			}}, nil
		}
	}
	return nil, fail("bot_not_found")
}

// teamInfo is https://docs.slack.dev/reference/methods/team.info.
func (s *Server) teamInfo(*call) (object, error) {
	team := object{"id": s.cfg.TeamID, "name": s.cfg.TeamName, "domain": s.teamDomain(), "url": s.teamURL()}
	if s.cfg.EnterpriseID != "" {
		team["enterprise_id"], team["enterprise_name"] = s.cfg.EnterpriseID, s.cfg.TeamName
	}
	return object{"team": team}, nil
}

// usersInfo is https://docs.slack.dev/reference/methods/users.info.
func (s *Server) usersInfo(c *call) (object, error) {
	u := s.world.users[c.args["user"]]
	if u == nil {
		return nil, fail("user_not_found")
	}
	return object{"user": s.userJSON(u)}, nil
}

// usersList is https://docs.slack.dev/reference/methods/users.list.
func (s *Server) usersList(c *call) (object, error) {
	var items []object
	for _, id := range sortedKeys(s.world.users) {
		items = append(items, s.userJSON(s.world.users[id]))
	}
	return listPage(c, "members", items, 1000)
}

func (s *Server) userJSON(u *User) object {
	o := object{
		"id": u.ID, "team_id": u.TeamID, "name": u.Name, "deleted": u.Deleted, "real_name": u.RealName,
		"tz": "Etc/UTC", "tz_label": "UTC", "tz_offset": 0, "profile": s.profileJSON(u), "is_bot": u.IsBot,
		"is_app_user": false, "updated": 1,
	}
	if u.IsStranger {
		o["is_stranger"] = true
	}
	if u.Deleted {
		return o
	}
	o["is_admin"], o["is_owner"], o["is_primary_owner"] = u.IsAdmin, false, false
	o["is_restricted"], o["is_ultra_restricted"] = u.IsRestricted || u.IsUltraRestricted, u.IsUltraRestricted
	if s.cfg.EnterpriseID != "" && !u.IsStranger {
		o["enterprise_user"] = object{
			"id": u.ID, "enterprise_id": s.cfg.EnterpriseID, "enterprise_name": s.cfg.TeamName,
			"is_admin": false, "is_owner": false, "teams": []string{u.TeamID},
		}
	}
	return o
}

func (s *Server) profileJSON(u *User) object {
	first, last, _ := strings.Cut(u.RealName, " ")
	o := object{
		"real_name": u.RealName, "real_name_normalized": u.RealName, "display_name": u.DisplayName,
		"display_name_normalized": u.DisplayName, "first_name": first, "last_name": last, "team": u.TeamID,
		"name": u.Name, "is_restricted": u.IsRestricted || u.IsUltraRestricted,
		"is_ultra_restricted": u.IsUltraRestricted, "avatar_hash": "0", "image_72": "",
	}
	if s.scopes["users:read.email"] && u.Email != "" {
		o["email"] = u.Email
	}
	if u.IsBot {
		o["bot_id"], o["api_app_id"], o["always_active"] = u.BotID, u.AppID, true
	}
	return o
}

// groupsList is https://docs.slack.dev/reference/methods/usergroups.list.
func (s *Server) groupsList(c *call) (object, error) {
	items := []object{}
	for _, id := range sortedKeys(s.world.groups) {
		g := s.world.groups[id]
		if g.Disabled && !c.args.isTrue("include_disabled") {
			continue
		}
		o := object{
			"id": g.ID, "team_id": s.cfg.TeamID, "is_usergroup": true, "name": g.Name, "handle": g.Handle,
			"description": "", "is_external": false, "user_count": len(g.Users), "date_delete": 0,
		}
		if c.args.isTrue("include_users") {
			o["users"] = g.Users
		}
		items = append(items, o)
	}
	return object{"usergroups": items}, nil
}

// groupUsers is https://docs.slack.dev/reference/methods/usergroups.users.list.
func (s *Server) groupUsers(c *call) (object, error) {
	g := s.world.groups[c.args["usergroup"]]
	if g == nil {
		return nil, fail("no_such_subteam")
	}
	return object{"users": append([]string{}, g.Users...)}, nil
}

// setStatus is https://docs.slack.dev/reference/methods/assistant.threads.setStatus; it is only recorded.
func (s *Server) setStatus(c *call) (object, error) {
	ch := s.world.channels[c.args["channel_id"]]
	if ch == nil {
		return nil, fail("channel_not_found")
	}
	s.apiState.statuses = append(s.apiState.statuses, ThreadStatus{
		Channel: ch.ID, ThreadTS: c.args["thread_ts"], Status: c.args["status"],
		LoadingMessages: c.args["loading_messages"], At: time.Now(),
	})
	return object{}, nil
}

// viewsPublish is https://docs.slack.dev/reference/methods/views.publish; it is only recorded.
func (s *Server) viewsPublish(c *call) (object, error) {
	if s.world.users[c.args["user_id"]] == nil {
		return nil, fail("user_not_found")
	}
	s.apiState.views[c.args["user_id"]] = c.args["view"]
	return object{"view": object{"id": s.newID("V"), "type": "home"}}, nil
}
