// Package relay does what package policy decides. It has the goroutines, the clock
// and the deadlines: it claims lanes from the store, takes one step with Slack or
// Agen, and settles the lane with the decision that follows. It decides nothing
// about a thread, and knows neither Slack's protocol nor any database.
//
// Reading order: relay.go says what a Relay is made of, accept.go takes in what
// happens in Slack, run.go claims lanes and hands steps to agen_lane.go and
// slack_lane.go, send.go brings a message to its session, timeline.go reads what
// came of it, settle.go stores the outcome. throttle.go and route.go hold what all
// lanes of one Agen workspace share, such as rate limits and a refused key; breaker.go
// holds threads back from a remote that is down, and brings them back. health.go
// tells probes how the loops and the workspaces are.
package relay
