package slackapp

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/spelling"
	"github.com/agenbridge/agenbridge/slackapp/content"
)

// commandWord is what a message that is only one word asks of the bridge.
type commandWord struct {
	// command is the command; empty if the message is for the agent. word is the word that was typed for it.
	command, word string
	// session is the session that the command link names.
	session string
	// meant is the word of the command that was probably meant, if the message is almost one.
	meant string
}

// commandWord returns the command that a message is. A command is a mention followed by one of our words, or by nothing,
// which means help. Anything longer is a task for the agent. Without a mention, only "stop" and "cancel" may be one:
// whether they are is for the bridge to decide.
func (me botIdentity) commandWord(b messageBody, kind bridge.Kind) commandWord {
	if len(b.Files) > 0 || len(b.Quoted) > 0 || b.shown().BeyondText() != "" {
		return commandWord{}
	}
	text := b.Text
	for {
		from, to := content.Mention(text, me.User)
		if from < 0 {
			break
		}
		text = text[:from] + " " + text[to:]
	}
	if kind != bridge.KindReply && strings.TrimFunc(text, isSeparator) == "" {
		return commandWord{command: bridge.CommandHelp}
	}
	switch words := withoutCourtesy(text); {
	case len(words) == 1 && kind == bridge.KindReply:
		if word := strings.ToLower(words[0]); word == bridge.CommandStop || word == bridge.WordCancel {
			return commandWord{command: bridge.CommandStop, word: word}
		}
	case len(words) == 1:
		word := strings.ToLower(words[0])
		if command := bridge.CommandOf(word); command != "" {
			return commandWord{command: command, word: word}
		}
		return commandWord{meant: meantBy(word)}
	case len(words) == 2 && kind != bridge.KindReply && strings.EqualFold(words[0], bridge.CommandLink):
		if id := strings.Trim(words[1], "`"); sessionID.MatchString(id) {
			return commandWord{command: bridge.CommandLink, word: bridge.CommandLink, session: id}
		}
	}
	return commandWord{}
}

// withoutCourtesy returns the words of a text without punctuation and without what politeness puts around a command.
func withoutCourtesy(text string) []string {
	words := strings.FieldsFunc(text, isListSeparator)
	for i, word := range words {
		words[i] = strings.Trim(word, ".,!?…:")
	}
	words = slices.DeleteFunc(words, func(word string) bool { return word == "" })
	polite := func(i, j int) bool {
		switch strings.ToLower(strings.Join(words[i:j], " ")) {
		case "please", "pls", "now", "thanks", "thank you":
			return true
		}
		return false
	}
	for trimmed := true; trimmed; {
		trimmed = false
		for n := 1; n <= 2 && n <= len(words); n++ {
			if polite(0, n) {
				words, trimmed = words[n:], true
				break
			}
			if polite(len(words)-n, len(words)) {
				words, trimmed = words[:len(words)-n], true
				break
			}
		}
	}
	return words
}

// minNearMiss is how long a word must be to be taken for a misspelled command, in letters.
const minNearMiss = 4

// meantBy returns the word of the command that a word probably means: it is one edit away and no word of its own. It is
// empty for anything else, and for a command.
func meantBy(word string) string {
	if utf8.RuneCountInString(word) < minNearMiss || bridge.CommandOf(word) != "" || ordinaryWords[word] || strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }) {
		return ""
	}
	if meant, distance := spelling.Closest(word, bridge.CommandWords); distance == 1 {
		return meant
	}
	return ""
}

// ordinaryWords are the English words that are one edit away from a command: people mean them.
var ordinaryWords = wordSet(`
	heap held hell helm helps hemp kelp whelp yelp
	stats statue statues
	fist gist last lest lift lint lisp lists lost lust mist wist
	quiets quilt quint quit quite
	glisten listed listens
	atop shop slop step stoop stops stomp stow strop swop
	anew knew news newt
	retro
	cancels cancer chancel
	haft hale half hall halo halts hart hilt malt salt shalt`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(words) {
		set[word] = true
	}
	return set
}
