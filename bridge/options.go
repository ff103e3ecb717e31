package bridge

import (
	"fmt"
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

// sessionFor returns how a session is opened with a message's options, or what
// is wrong with them in words for their author.
func (p *Policy) sessionFor(o SessionOptions, options []Option) (SessionOptions, string) {
	given := map[string]bool{}
	for _, option := range options {
		name := strings.ToLower(option.Name)
		switch {
		case !slices.Contains(p.Options, name):
			return o, p.textUnknownOption(option.Name)
		case given[name]:
			return o, fmt.Sprintf("`%s` is given twice.", name)
		case option.Value == "":
			return o, fmt.Sprintf("`%s` has no value: write `[%s=…]`.", name, name)
		case len(option.Value) > maxOption:
			return o, fmt.Sprintf("the value of `%s` is longer than %d characters.", name, maxOption)
		case name == OptionBranch:
			o.Branch = option.Value
		case name == OptionModel:
			o.Model = option.Value
		}
		given[name] = true
	}
	return o, ""
}

func typoKey(ts string) string { return "typo:" + ts }

// mistyped does not start what begins with options that are none. Its author
// can mend it: the edit is taken as a new message.
func (p *Policy) mistyped(id string, rev uint64, mistake string) Decision {
	return func(r *ThreadState, at Instant) error {
		m := r.Messages[id]
		if m == nil || m.State != StateReady || m.Rev != rev {
			return ErrChanged
		}
		m.end(EndMistyped, at)
		r.audit("options_rejected", id, m.Author)
		p.upsertPost(r, Post{Key: typoKey(id), Text: p.textTypo(mistake)}, nil, at)
		p.reassignStart(r, at)
		p.project(r, at)
		return nil
	}
}
