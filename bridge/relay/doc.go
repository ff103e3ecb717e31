// Package relay carries out what package policy decides. It contains the goroutines, the
// clock and the deadlines: it claims lanes from the store, takes one step with Slack or
// Agen, and settles the lane with the resulting decision. It decides nothing about a
// thread, and it knows neither Slack's protocol nor any database.
//
// Reading order:
//
//   - relay.go defines the Relay and its parts.
//   - accept.go receives what happens in Slack.
//   - run.go claims lanes and hands their steps to agen_lane.go and slack_lane.go.
//   - send.go delivers a message to its session.
//   - timeline.go reads the session's timeline.
//   - settle.go stores the outcome.
//   - throttle.go and route.go contain what all lanes of one Agen workspace share, such
//     as rate limits and a rejected key.
//   - breaker.go holds threads back from a remote that is down, and releases them when
//     it recovers.
//   - health.go reports the state of the loops and the workspaces to probes.
package relay
