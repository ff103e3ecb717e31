package playground

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
)

// These are the results of the agent's work, whatever the message.
const (
	branch       = "fix/test-login"
	mergeRequest = "https://git.example.com/acme/shop/merge_requests/42"
)

// pause is how long a message is queued before the agent starts on it.
const pause = 300 * time.Millisecond

// said returns what the person wrote, without the lines that the bridge adds before it.
func said(message string) string {
	if i := strings.LastIndex(message, " writes in Slack:"); i >= 0 {
		message = message[i+len(" writes in Slack:"):]
	}
	return strings.TrimSpace(message)
}

var word = regexp.MustCompile(`[\pL\pN]+`)

// asks reports whether a message contains the word.
func asks(text, want string) bool {
	return slices.Contains(word.FindAllString(strings.ToLower(text), -1), want)
}

// script returns what the agent does for a message. It depends on words that the page explains.
func script(turn agentest.Turn) []agentest.Step {
	text := said(turn.Message)
	if turn.Asked {
		return append(work()[3:], says(fmt.Sprintf("**%s** it is. I go on with that.", short(text))), done())
	}
	switch {
	case asks(text, "thanks"), asks(text, "thank"):
		return []agentest.Step{says("You're welcome!"), done()}
	case asks(text, "ask"):
		return append(work()[:2], step(time.Second, agentest.Ask(
			"The test fails on two branches. Where shall I fix it?", "main", "release/2.4", "Both", "Leave it")))
	case asks(text, "choose"):
		return append(work()[:1], step(time.Second, agentest.Ask("Which time zone should the test use?",
			"UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "Africa/Lagos", "Pacific/Apia")))
	case asks(text, "merge"):
		return []agentest.Step{
			step(time.Second, agentest.Event(agen.EventAgentCheckTargetBranchMergeability, nil)),
			says("All checks are green, so I have merged it."), done(),
			step(time.Second, agentest.Event(agen.EventMergeRequestMerged, map[string]any{
				"title": "Read the clock once", "target_branch": "main", "url": mergeRequest,
			})),
		}
	case asks(text, "long"):
		return append(work(), says(longAnswer), done())
	case asks(text, "slow"):
		return append(append(work()[:4], step(15*time.Second, agen.Event{})), says("That took a while. It is done now."), done())
	default:
		return append(work(), says(answer(turn.N, text)), shipped())
	}
}

// work returns the steps before the agent says anything.
func work() []agentest.Step {
	return []agentest.Step{
		step(500*time.Millisecond, agentest.Event(agen.EventAgentSearchFiles, map[string]any{"query": "func TestLogin"})),
		step(1200*time.Millisecond, agentest.Event(agen.EventAgentFileRead, map[string]any{"path": "internal/login/login_test.go"})),
		step(1200*time.Millisecond, agentest.Event(agen.EventAgentPlanExecutionUpdate, map[string]any{"current_step": "Reproduce it, fix it, run the tests"})),
		step(1500*time.Millisecond, agentest.FileEdit("internal/login/session.go")),
		step(1500*time.Millisecond, agentest.Event(agen.EventAgentPushToRemote, map[string]any{
			"branch": branch, "merge_request_url": mergeRequest,
		})),
	}
}

func step(after time.Duration, e agen.Event) agentest.Step {
	return agentest.Step{After: after, Event: e}
}

func says(text string) agentest.Step { return step(800*time.Millisecond, agentest.AgentMessage(text)) }

func done() agentest.Step { return step(0, agentest.Finished("done")) }

// shipped is the end of work that led to a branch. It names the branch again, because the card shows only the latest
// activity.
func shipped() agentest.Step {
	return step(0, agentest.Event(agen.EventSessionFinished, map[string]any{
		"summary": "done", "branch": branch, "merge_request_url": mergeRequest,
	}))
}

// short returns the beginning of a text, on one line.
func short(text string) string {
	runes := []rune(strings.Join(strings.Fields(strings.NewReplacer("*", "", "`", "").Replace(text)), " "))
	if len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return string(runes)
}

// answer returns what the agent says about a message that asks for nothing special.
func answer(n int, text string) string {
	if n == 1 {
		return fmt.Sprintf("Done: *%s*\n\n- `TestLogin` reads the clock twice, and midnight may fall in between\n"+
			"- I changed **2 files** on the branch `%s`\n\nAll 214 tests pass. Say **merge** and I'll merge it.",
			short(text), branch)
	}
	return fmt.Sprintf("Message %d, done as well: *%s*", n, short(text))
}

const longAnswer = `## Why TestLogin fails

The test reads the clock **twice**, once for the session and once for the cookie. When midnight falls in between, the two disagree:

` + "```go\n" + `session := newSession(time.Now())
cookie := cookieFor(session, time.Now()) // a different day
if cookie.Day != session.Day {
	t.Fatal("the cookie is of another day")
}
` + "```" + `

| Branch | Runs | Failures | Fixed |
|:--|--:|--:|:--|
| main | 1,204 | 17 | yes |
| release/2.4 | 311 | 4 | yes |
| release/2.3 | 96 | 0 | not affected |

What I did:

1. Read the clock once and pass it on
2. Add a test with a *slow disk*
3. Run everything 200 times

> A clock is an input like any other.

See [the notes on time](https://pkg.go.dev/time) for the monotonic clock. ~~There may be more of these.~~ I looked: there are none.
`
