package bridge

import "slices"

// The commands. A command is a message that consists of a mention and one of these words.
// A mention without any text means CommandHelp.
const (
	CommandHelp   = "help"
	CommandStatus = "status"
	CommandQuiet  = "quiet"
	CommandListen = "listen"
	CommandNew    = "new"
	CommandRetry  = "retry"
	CommandList   = "list"
	CommandStop   = "stop"
	// CommandLink takes the id of a session as its argument (Message.Session).
	CommandLink = "link"
)

// The synonyms of stop.
const (
	WordCancel = "cancel"
	WordHalt   = "halt"
)

// CommandWords are the words that are a command without an argument.
var CommandWords = []string{
	CommandHelp, CommandStatus, CommandList, CommandQuiet, CommandListen, CommandStop, WordCancel, WordHalt, CommandNew, CommandRetry,
}

// CommandOf returns the command that a word stands for, or "" if there is none.
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
