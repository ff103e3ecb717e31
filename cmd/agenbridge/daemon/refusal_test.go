package daemon_test

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen/agentest"
)

// TestNoWordStaysInTheFileAfterARefusal makes Agen repeat a message in its rejection, and posts a link command whose
// session is message text. People can read the reason; afterwards no byte of the store has the text.
func TestNoWordStaysInTheFileAfterARefusal(t *testing.T) {
	inBubble(t, plan{}, func(t *testing.T, w *town) {
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		refusal := w.agen.AddFault(agentest.Fault{
			Call: agentest.CallSend, Status: 422, Undocumented: true, Times: 1, Body: `{"error":{"message":"not \"` + words + `\""}}`,
		})
		defer refusal.Release()
		refused := w.reply(w.bob, root, words)
		w.shows(refused, "warning")
		w.note(root, "Agen said: “not \""+words+"\"”.")
		w.reply(w.ann, root, "<@U0AGEN> link "+strings.ToLower(words))
		w.slack.WaitFor("a private note", func() bool { return len(w.slack.Ephemerals(w.ann.ID)) == 1 })
		time.Sleep(2 * time.Minute)
		file, err := os.ReadFile(strings.TrimPrefix(w.env["STORE_URL"], "bolt:"))
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(bytes.ToUpper(file), []byte(words)); n != 0 {
			t.Errorf("the words are in the file %d times, want not at all", n)
		}
		w.note(root, "Agen said: “not \""+words+"\"”.") // the note is still there
	})
}
