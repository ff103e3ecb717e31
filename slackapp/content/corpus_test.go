package content

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/agenbridge/agenbridge/slackapp/slackjson"
)

var update = flag.Bool("update", false, "write the meanings of the corpus anew")

// minCorpus is how many messages the corpus has at least.
const minCorpus = 120

// TestCorpus renders messages as Slack sends them, and has another parser read what they mean then. Each file of
// testdata/corpus is a txtar archive of pairs: a message, as JSON or as mrkdwn, and the meaning that it must keep.
func TestCorpus(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "corpus", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, name := range files {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(archive.Files); i += 2 {
			message, want := archive.Files[i], &archive.Files[i+1]
			n++
			t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar")+"/"+message.Name, func(t *testing.T) {
				got := corpusMarkdown(t, message.Data)
				if *update {
					want.Data = []byte(meaning(got))
				}
				if meaning(got) != string(want.Data) {
					t.Errorf("%s\nbecame\n%s\nwhich means\n%s\nwant\n%s", message.Data, got, meaning(got), want.Data)
				}
			})
		}
		if *update {
			if err := os.WriteFile(name, txtar.Format(archive), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n < minCorpus {
		t.Errorf("%d messages, want %d", n, minCorpus)
	}
}

// corpusMarkdown renders a message of the corpus, followed by a file's text, as in a prompt: nothing in the message may
// change what follows.
func corpusMarkdown(t *testing.T, message []byte) string {
	t.Helper()
	var msg struct {
		Text        string          `json:"text"`
		BotID       string          `json:"bot_id"`
		Blocks      json.RawMessage `json:"blocks"`
		Attachments []Attachment    `json:"attachments"`
	}
	if strings.HasPrefix(string(message), "{") {
		if !json.Valid(message) {
			t.Fatalf("%s is no JSON", message)
		}
		if err := slackjson.Unmarshal(message, &msg); err != nil {
			t.Fatal(err)
		}
	} else {
		msg.Text = strings.TrimSuffix(string(message), "\n")
	}
	shown := Message{Text: msg.Text, Blocks: msg.Blocks, Attachments: msg.Attachments, App: msg.BotID != ""}
	parts := []string{shown.Markdown(testBook, "UBOT")}
	for _, a := range msg.Attachments {
		if a.QuotesMessage() {
			parts = append(parts, Quote(a.Quoted().Markdown(testBook, "")))
		}
	}
	return joined("\n\n", append(parts, "After it: `x`")...)
}
