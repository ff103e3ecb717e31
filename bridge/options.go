package bridge

import (
	"slices"
	"strings"
)

// The options that the first message of a session may begin with.
const (
	OptionBranch = "branch"
	OptionModel  = "model"
)

// maxOption bounds a value; git and Agen have shorter names.
const maxOption = 200

// OptionMistake is what is wrong with an option.
type OptionMistake string

// The mistakes. The empty one is none.
const (
	// MistakeUnknown: there is no such option, or it is not allowed here.
	MistakeUnknown OptionMistake = "unknown"
	MistakeTwice   OptionMistake = "twice"
	MistakeEmpty   OptionMistake = "empty"
	MistakeTooLong OptionMistake = "too_long"
)

// sessionFor returns how a session is opened with a message's options, or a note
// for their author about what is wrong with them.
func (p *Policy) sessionFor(o SessionOptions, options []Option) (SessionOptions, *Note) {
	wrong := func(what OptionMistake, name string) (SessionOptions, *Note) {
		return o, &Note{Kind: NoteMistyped, Mistake: what, Name: name}
	}
	given := map[string]bool{}
	for _, option := range options {
		name := strings.ToLower(option.Name)
		switch {
		case !slices.Contains(p.Options, name):
			return wrong(MistakeUnknown, excerpt(option.Name))
		case given[name]:
			return wrong(MistakeTwice, name)
		case option.Value == "":
			return wrong(MistakeEmpty, name)
		case len(option.Value) > maxOption:
			_, note := wrong(MistakeTooLong, name)
			note.Limit = maxOption
			return o, note
		case name == OptionBranch:
			o.Branch = option.Value
		case name == OptionModel:
			o.Model = option.Value
		}
		given[name] = true
	}
	return o, nil
}

func typoKey(ts string) string { return "typo:" + ts }

// mistyped does not start what begins with options that are none. Its author
// can mend it: the edit is taken as a new message.
func (p *Policy) mistyped(id string, rev uint64, mistake *Note) Decision {
	return func(r *ThreadState, at Instant) error {
		m := r.Messages[id]
		if m == nil || m.State != StateReady || m.Rev != rev {
			return ErrChanged
		}
		m.end(EndMistyped, at)
		r.audit("mistyped options", id, m.Author)
		p.upsertPost(r, Post{Key: typoKey(id), Note: mistake}, nil, at)
		p.reassignStart(r, at)
		p.project(r, at)
		return nil
	}
}
