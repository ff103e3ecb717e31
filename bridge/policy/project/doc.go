// Package project brings what a thread shows in line with its state: reactions, the
// card, and the notes about outages, failures, closed sessions, missed messages and
// held ones. It sets desired state as values; Slack's lane makes it true, and
// slackapp/notes puts it into words.
package project
