package bridge

func greetingKey(a BotJoin) string { return "greeting:" + a.TS }

// BotJoined says once for each invitation what the bot is for and what it does with
// what people say.
func (p *Policy) BotJoined(a BotJoin, v *Result) Decision {
	return func(r *ThreadState, at Instant) error {
		if r.Posts[greetingKey(a)] != nil {
			*v = Result{Ignored: IgnoredKnown}
			return nil
		}
		*v = Result{New: true}
		p.upsertPost(r, Post{Key: greetingKey(a), Note: &Note{Kind: NoteGreeting}}, nil, at)
		r.audit("invited", greetingKey(a), "")
		return nil
	}
}
