// Package project derives what a thread shows from its state: reactions, the card, and
// the notes about outages, failures, closed sessions, missed messages and held messages.
// It sets the desired state as values. The Slack lane applies it, and slackapp/notes
// renders it.
package project
