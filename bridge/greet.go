package bridge

func greetingKey(a Arrival) string { return "greeting:" + a.TS }

// Greet says once for each invitation what the bot is for and what it does with
// what people say.
func (p *Policy) Greet(a Arrival, v *Verdict) Decide {
	return func(r *Rows, at Moment) error {
		if r.Posts[greetingKey(a)] != nil {
			*v = Verdict{Ignored: IgnoredKnown}
			return nil
		}
		*v = Verdict{New: true}
		p.say(r, Post{Key: greetingKey(a), Text: p.textGreeting()}, nil, at)
		r.act("invited", greetingKey(a), "")
		return nil
	}
}
