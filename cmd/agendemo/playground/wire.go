package playground

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// keepCalls is how many requests, envelopes and acknowledgements the servers remember.
const keepCalls = 250

// wireLine is a request, an envelope or an acknowledgement.
type wireLine struct {
	At   int64  `json:"at"` // milliseconds
	From string `json:"from"`
	To   string `json:"to"`
	What string `json:"what"`
	Note string `json:"note,omitempty"`
	// Bad: a fault affected it. Dull: it only reads something.
	Bad  bool `json:"bad,omitempty"`
	Dull bool `json:"dull,omitempty"`
}

const (
	slackEnd  = "Slack"
	bridgeEnd = "bridge"
	agenEnd   = "Agen"
)

// wire puts the latest traffic. Reads of a timeline come every second, so they are shown only if a fault affected them.
func (p *Playground) wire(put func(string, any)) {
	fates := map[string]slacktest.Ack{}
	for _, a := range p.cfg.Slack.Acks() {
		fates[a.EnvelopeID] = a
	}
	for _, d := range p.cfg.Slack.Deliveries() {
		put("w:e"+d.EnvelopeID, envelopeLine(d, fates[d.EnvelopeID]))
	}
	for _, r := range p.cfg.Slack.Requests() {
		put("w:s"+strconv.Itoa(r.Seq), slackLine(r))
	}
	for _, r := range p.cfg.Agen.Requests() {
		if r.Call != agentest.CallEvents || r.Faulty || r.Status >= http.StatusBadRequest {
			put("w:a"+strconv.Itoa(r.N), agenLine(r))
		}
	}
}

func envelopeLine(d slacktest.Delivery, ack slacktest.Ack) wireLine {
	l := wireLine{At: millis(d.At), From: slackEnd, To: bridgeEnd, What: d.Type}
	var notes []string
	if d.Attempt > 0 {
		notes = append(notes, fmt.Sprintf("redelivery %d", d.Attempt))
		l.Bad = true
	}
	switch {
	case d.Socket == 0:
		notes = append(notes, "nobody is listening")
		l.Bad = true
	case ack.Fate == slacktest.AckDropped:
		notes = append(notes, "acknowledgement lost")
		l.Bad = true
	case ack.Fate != "":
		notes = append(notes, "acknowledged after "+took(d.At, ack.At))
	}
	l.Note = strings.Join(notes, ", ")
	return l
}

func slackLine(r slacktest.Request) wireLine {
	l := wireLine{At: millis(r.At), From: bridgeEnd, To: slackEnd, What: r.Method, Dull: !talk(r)}
	if emoji := r.Args["name"]; strings.HasPrefix(r.Method, "reactions.") {
		l.What += " " + slacktest.Emoji(emoji)
	}
	switch {
	case r.Fault == slacktest.RateLimited:
		l.Note = "429, wait " + limitWait.String()
	case r.Fault == slacktest.LoseAnswer:
		l.Note = "done, but the answer is lost"
	case r.Fault != "":
		l.Note = string(r.Fault)
	case r.Error != "":
		l.Note = r.Error
	case r.Status == 0:
		l.Note = "…"
	default:
		l.Note = "ok"
	}
	l.Bad = r.Fault != ""
	return l
}

func agenLine(r agentest.Request) wireLine {
	l := wireLine{At: millis(r.Began), From: bridgeEnd, To: agenEnd, What: r.Method + " " + callNames[r.Call], Bad: r.Faulty}
	switch {
	case r.Outcome == agentest.OutcomeOpen:
		l.Note = "…"
	case r.Faulty && r.Status == 0 && len(r.Applied) > 0:
		l.Note = "done, but the answer is lost"
	case r.Status != 0:
		l.Note = strconv.Itoa(r.Status)
	default:
		l.Note = string(r.Outcome)
	}
	l.Dull = r.Call == agentest.CallList || r.Call == agentest.CallEvents
	return l
}

var callNames = map[agentest.Call]string{
	agentest.CallSend: "messages", agentest.CallEvents: "events", agentest.CallCreate: "sessions", agentest.CallList: "sessions",
}

func took(from, to time.Time) string { return to.Sub(from).Round(time.Millisecond).String() }
