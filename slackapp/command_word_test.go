package slackapp

import (
	"testing"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/spelling"
)

func TestCommandWords(t *testing.T) {
	for text, want := range map[string]commandWord{
		"stop":                     {command: "stop", word: "stop"},
		"Stop!":                    {command: "stop", word: "stop"},
		"stop please":              {command: "stop", word: "stop"},
		"pls stop now, thank you":  {command: "stop", word: "stop"},
		"Please, STOP… thanks!":    {command: "stop", word: "stop"},
		": stop":                   {command: "stop", word: "stop"},
		"cancel":                   {command: "stop", word: "cancel"},
		"Halt.":                    {command: "stop", word: "halt"},
		"status?":                  {command: "status", word: "status"},
		"\u00a0new\u200b\u2003now": {command: "new", word: "new"},
		"link s.1.":                {command: "link", word: "link", session: "s.1"},
		"link `s1` please":         {command: "link", word: "link", session: "s1"},
		"":                         {command: "help"},
		" , ":                      {command: "help"},
		"?":                        {},
		"thanks!":                  {},
		"please":                   {},
		"stop the server":          {},
		"stop.now":                 {},
		"stop-it":                  {},
		"link":                     {},
		"fix":                      {},
		"stpo":                     {meant: "stop"},
		"Statsu!":                  {meant: "status"},
		"cancle":                   {meant: "cancel"},
		"lisetn please":            {meant: "listen"},
		"hlp":                      {}, // too short
		"st0p":                     {},
		"stpo it":                  {},
		"lint":                     {},
		"last":                     {},
		"lost":                     {},
		"step":                     {},
		"shop":                     {},
		"quite":                    {},
		"news":                     {},
		"rest":                     {},
	} {
		b := messageBody{Text: "<@UBOT> " + text}
		if got := (botIdentity{User: "UBOT"}).commandWord(b, bridge.KindMention); got != want {
			t.Errorf("%q: got %+v, want %+v", text, got, want)
		}
	}
}

// Without a mention only two words may be commands, and nothing is taken for misspelled.
func TestCommandWordsOfReplies(t *testing.T) {
	for text, want := range map[string]string{
		"stop": "stop", "Cancel, please!": "stop", "halt": "", "status": "", "new": "", "stpo": "", "": "", "stop the server": "", "link s1": "",
	} {
		got := (botIdentity{User: "UBOT"}).commandWord(messageBody{Text: text}, bridge.KindReply)
		if got.command != want || got.meant != "" {
			t.Errorf("%q: got %+v, want %q", text, got, want)
		}
	}
}

func TestOrdinaryWordsWouldBeTakenForCommands(t *testing.T) {
	for word := range ordinaryWords {
		if meant, distance := spelling.Closest(word, bridge.CommandWords); distance != 1 {
			t.Errorf("%q need not be listed: it is %d edits from %q", word, distance, meant)
		}
	}
}
