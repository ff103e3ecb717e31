package slackapp

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
)

// Compose writes the prompt for a message: the background if the message begins a session, a label if it is late or a
// correction, its author, its text as Markdown, and its files. It changes nothing and may be repeated. The errors are
// Faults. A name that can't be looked up is not an error.
func (a *App) Compose(ctx context.Context, m bridge.Message, framing bridge.PromptContext) (bridge.Prompt, error) {
	b, err := a.aliases.decodeBody(m)
	if err != nil {
		return bridge.Prompt{}, err
	}
	me, err := a.auth.identity(ctx)
	if err != nil {
		return bridge.Prompt{}, err
	}
	return a.compose(ctx, me, b, m.Choice, framing)
}

// compose writes the prompt for a message's body. The given words, if any, replace its text.
func (a *App) compose(ctx context.Context, me botIdentity, b messageBody, words string, framing bridge.PromptContext) (bridge.Prompt, error) {
	n := nameResolver{ctx: ctx, dir: a.directory, self: me}
	var p bridge.Prompt
	var parts []string
	if framing.NewSession || framing.Since != "" {
		background, err := a.background(ctx, b, framing, n, &p)
		if err != nil {
			return bridge.Prompt{}, err
		}
		parts = append(parts, background...)
	}
	late, err := a.latePreviews(ctx, b, framing, n, &p)
	if err != nil {
		return bridge.Prompt{}, err
	}
	if parts = append(parts, late.parts...); len(parts) > 0 {
		parts = append(parts, labelMessage)
	}
	switch {
	case framing.Correction:
		parts = append(parts, labelCorrection(b.TS))
	case framing.Late:
		parts = append(parts, labelLate(b.TS))
	}
	if a.cfg.Attribution == AttributeAlways {
		parts = append(parts, labelAuthor(n.User(b.User)))
	}
	text := cmp.Or(words, b.markdown(n))
	if framing.OptionsApplied {
		text = trimOptions(text)
	}
	if text != "" {
		parts = append(parts, text)
	}
	c, err := a.carry(ctx, b.Quoted, b.Channel, n, framing.LastTry)
	if err != nil {
		return bridge.Prompt{}, err
	}
	if c.withheld {
		p.Omitted.Previews = append(p.Omitted.Previews, b.User)
	}
	parts = append(parts, c.parts...)
	files, err := a.attachFiles(ctx, slices.Concat(late.files, b.Files, c.files), framing.LastTry, &p.Omitted)
	if err != nil {
		return bridge.Prompt{}, err
	}
	parts = append(parts, files...)
	p.Text = strings.Join(parts, "\n\n")
	return p, ctxFault(ctx)
}

// ComposeCached is Authorize and Compose without a call to Slack. It returns false if the author may not use the bot, if the
// message has files, or if an answer of Slack's that it needs isn't in the cache. The prompt has no background.
func (a *App) ComposeCached(ctx context.Context, m bridge.Message) (bridge.Prompt, bool) {
	b, err := a.aliases.decodeBody(m)
	if err != nil || len(b.Files) > 0 {
		return bridge.Prompt{}, false
	}
	ctx, miss := cachedOnly(ctx)
	me, err := a.auth.identity(ctx)
	if err != nil {
		return bridge.Prompt{}, false
	}
	if why, err := a.authorize(ctx, me, b.User, b.Channel, b.Direct); err != nil || why != bridge.Allowed {
		return bridge.Prompt{}, false
	}
	p, err := a.compose(ctx, me, b, m.Choice, bridge.PromptContext{})
	return p, err == nil && !miss.any
}

// markdown renders the message without the mention of the bot at its beginning.
func (b messageBody) markdown(n nameResolver) string { return b.shown().Markdown(n, n.self.User) }
