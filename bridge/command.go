package bridge

import "slices"

// The commands: a message that is nothing but a mention and this word. Help is
// the one of an empty mention, too.
const (
	CommandHelp   = "help"
	CommandStatus = "status"
	CommandQuiet  = "quiet"
	CommandListen = "listen"
	CommandNew    = "new"
	CommandRetry  = "retry"
	CommandList   = "list"
	CommandStop   = "stop"
	// CommandLink comes with the id of a session (Message.Session).
	CommandLink = "link"
)

// The other words for stop.
const (
	WordCancel = "cancel"
	WordHalt   = "halt"
)

// CommandWords are the words that are commands on their own.
var CommandWords = []string{
	CommandHelp, CommandStatus, CommandList, CommandQuiet, CommandListen, CommandStop, WordCancel, WordHalt, CommandNew, CommandRetry,
}

// CommandOf returns the command that a word means on its own; empty if it means none.
func CommandOf(word string) string {
	switch {
	case word == WordCancel || word == WordHalt:
		return CommandStop
	case slices.Contains(CommandWords, word):
		return word
	default:
		return ""
	}
}
