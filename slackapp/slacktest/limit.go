package slacktest

import (
	"math"
	"time"
)

// Limit is a rate limit of one method.
type Limit struct {
	// PerMinute is the rate. Burst is how many calls may arrive at once; 0 means PerMinute.
	PerMinute, Burst int
	// PerChannel counts each channel separately.
	PerChannel bool
}

// SlackLimits are the documented limits: tiers of 20, 50 and 100 a minute, and one chat.postMessage a second and
// channel with short bursts (https://docs.slack.dev/apis/web-api/rate-limits and each method's page).
func SlackLimits() map[string]Limit {
	limits := map[string]Limit{"chat.postMessage": {PerMinute: 60, Burst: 5, PerChannel: true}}
	tiers := map[int][]string{
		20: {"reactions.remove", "conversations.list", "users.list", "usergroups.list", "usergroups.users.list"},
		50: {
			"chat.update", "chat.delete", "reactions.add", "reactions.get", "conversations.replies",
			"conversations.history", "conversations.info", "users.conversations", "conversations.join",
			"conversations.open", "apps.connections.open", "bots.info", "team.info",
		},
		100: {"chat.postEphemeral", "conversations.members", "users.info", "files.info", "views.publish"},
		600: {"assistant.threads.setStatus"},
	}
	for rate, names := range tiers {
		for _, name := range names {
			limits[name] = Limit{PerMinute: rate}
		}
	}
	return limits
}

// bucket is the token bucket of a rate limit.
type bucket struct {
	tokens float64
	at     time.Time
}

// takeToken takes a token from the method's bucket, or returns how many seconds to wait. s.mu is held.
func (s *Server) takeToken(c *call) (retryAfter int, ok bool) {
	limit, limited := s.cfg.Limits[c.method]
	if !limited || limit.PerMinute <= 0 {
		return 0, true
	}
	burst := float64(limit.Burst)
	if burst == 0 {
		burst = float64(limit.PerMinute)
	}
	key := c.method
	if limit.PerChannel {
		key += " " + c.args["channel"]
	}
	now := time.Now()
	b := s.apiState.buckets[key]
	if b == nil {
		b = &bucket{tokens: burst, at: now}
		s.apiState.buckets[key] = b
	}
	perSecond := float64(limit.PerMinute) / 60
	b.tokens = min(burst, b.tokens+now.Sub(b.at).Seconds()*perSecond)
	b.at = now
	if b.tokens >= 1 {
		b.tokens--
		return 0, true
	}
	return max(1, int(math.Ceil((1-b.tokens)/perSecond))), false
}
