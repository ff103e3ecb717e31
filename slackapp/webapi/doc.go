// Package webapi makes the calls of Slack's Web API and says what their outcome means. It knows HTTP, Slack's error
// codes and rate limits. It knows no method's parameters, no message and no thread.
//
// A [Client] is the only way to Slack's HTTP servers: our own calls use [Client.Call], slack-go uses [Client.Do] as its
// HTTP client, and files are read with [Client.Download]. Every error is a bridge.Fault.
//
//   - classify.go maps an outcome to a fault class by facts: whether the request's header was written, the HTTP status,
//     and Slack's error code. If a call that isn't idempotent may have been applied, its class is ClassUnsure.
//   - ratelimit.go handles a 429: calls to the same method wait as long as Slack asked for, and are then let through one
//     at a time, faster and faster. A call during the wait is answered without being made.
//   - backoff.go says how long to wait after a fault before the next attempt.
package webapi
