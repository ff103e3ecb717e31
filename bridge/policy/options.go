package policy

import (
	"slices"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// maxOption is the maximum length of a value. Names in git and Agen are shorter.
const maxOption = 200

// SessionFor returns the settings of a new session with the message's options applied. If
// an option is invalid, it returns a note for the author.
func (p *Policy) SessionFor(o bridge.SessionOptions, options []bridge.Option) (bridge.SessionOptions, *bridge.Note) {
	wrong := func(what bridge.OptionMistake, name string) (bridge.SessionOptions, *bridge.Note) {
		return o, &bridge.Note{Kind: bridge.NoteMistyped, Mistake: what, Name: name}
	}
	given := map[string]bool{}
	for _, option := range options {
		name := strings.ToLower(option.Name)
		switch {
		case !slices.Contains(p.Options, name):
			return wrong(bridge.MistakeUnknown, record.Excerpt(option.Name))
		case given[name]:
			return wrong(bridge.MistakeTwice, name)
		case option.Value == "":
			return wrong(bridge.MistakeEmpty, name)
		case len(option.Value) > maxOption:
			_, note := wrong(bridge.MistakeTooLong, name)
			note.Limit = maxOption
			return o, note
		case name == bridge.OptionBranch:
			o.Branch = option.Value
		case name == bridge.OptionModel:
			o.Model = option.Value
		}
		given[name] = true
	}
	return o, nil
}

// TypoKey is the key of the note about invalid options in the message with the given ts.
func TypoKey(ts string) string { return "typo:" + ts }

// Mistyped ends a message whose options are invalid. The author can correct it: the edit
// is accepted as a new message.
func (p *Policy) Mistyped(id string, rev uint64, mistake *bridge.Note) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		m := state.Messages[id]
		if m == nil || m.State != bridge.StateReady || m.Rev != rev {
			return bridge.ErrChanged
		}
		record.End(m, bridge.EndMistyped, at)
		record.Audit(state, bridge.AuditEvent{Event: "options_rejected", Record: id, User: m.Author})
		p.UpsertPost(state, bridge.Post{Key: TypoKey(id), Note: mistake}, nil, at)
		record.ReassignStart(state, at)
		p.Apply(state, at)
		return nil
	}
}
