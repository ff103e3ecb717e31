package notes

import "github.com/agenbridge/agenbridge/bridge"

// Render returns the post with the text and the buttons of its note. A post without
// a note is returned unchanged: it has the agent's words, or was rendered by an
// earlier release.
func (r Renderer) Render(p bridge.Post) bridge.Post {
	n := p.Note
	if n == nil {
		return p
	}
	if n.Kind == bridge.NoteMirrored {
		p.Text = "*Written in the Agen app:*\n\n" + p.Text
		return p
	}
	p.Text = r.text(n)
	for _, action := range offered(n) {
		p.Buttons = append(p.Buttons, button(n, action))
	}
	if link := r.sessionLink(n); n.Kind == bridge.NoteTooLate && n.Outcome == nil && link != "" {
		view := button(n, bridge.ActionView)
		view.URL = link
		p.Buttons = append(p.Buttons, view)
	}
	return p
}

func (r Renderer) text(n *bridge.Note) string {
	if n.Outcome != nil {
		return r.outcome(n)
	}
	if text, ok := constant[n.Kind]; ok {
		return text
	}
	if write := texts[n.Kind]; write != nil {
		return write(r, n)
	}
	return ""
}

// constant has the notes whose text is always the same.
var constant = map[bridge.NoteKind]string{
	bridge.NoteNoSession:         "There's no session here yet. Mention me with a task to start one.",
	bridge.NoteLinked:            "Linked. Earlier messages aren't repeated here.",
	bridge.NoteLinkedHere:        "This thread is already linked to it.",
	bridge.NoteLinkClosed:        "That session is closed.",
	bridge.NoteNotYours:          "I can't find a session with that ID that you started from Slack. You can only link your own. Copy the ID from the session's URL.",
	bridge.NoteNoSuchSession:     "I can't find a session with that ID. Copy the ID from the session's URL.",
	bridge.NoteTooLate:           "The agent already has this message, so deleting it here doesn't remove it from Agen.",
	bridge.NoteCorrectionFollows: "The agent already has this message. I'll send your new wording as a correction.",
	bridge.NoteNoBackground:      "I couldn't read the earlier messages, so the agent got yours without them.",
	bridge.NotePreviewWithheld:   "I didn't pass on the preview of a message from a private conversation. If the agent needs it, paste the relevant part.",
	bridge.NoteShortened:         "_The agent has shortened this message._",
}

// texts has the other notes.
var texts = map[bridge.NoteKind]func(Renderer, *bridge.Note) string{
	bridge.NoteGreeting:           Renderer.greeting,
	bridge.NoteHelp:               Renderer.help,
	bridge.NoteStatus:             Renderer.status,
	bridge.NoteList:               Renderer.list,
	bridge.NoteReplies:            Renderer.replies,
	bridge.NoteRetrying:           Renderer.retrying,
	bridge.NoteNewSession:         Renderer.newSession,
	bridge.NoteNearMiss:           Renderer.nearMiss,
	bridge.NoteMistyped:           Renderer.mistyped,
	bridge.NoteRefused:            Renderer.refused,
	bridge.NoteAside:              Renderer.aside,
	bridge.NoteUnreadFiles:        Renderer.unreadFiles,
	bridge.NoteUnreadableFiles:    Renderer.unreadableFiles,
	bridge.NoteDelayed:            Renderer.delayed,
	bridge.NoteMissed:             Renderer.missed,
	bridge.NoteFailed:             Renderer.failed,
	bridge.NoteClosed:             Renderer.closed,
	bridge.NoteStop:               Renderer.stop,
	bridge.NoteCard:               Renderer.card,
	bridge.NotePollingStopped:     Renderer.pollingStopped,
	bridge.NoteMerged:             Renderer.merged,
	bridge.NoteMergeRequestClosed: Renderer.mergeRequestClosed,
	bridge.NoteAlert:              Renderer.alert,
	bridge.NoteSystem:             Renderer.system,
	bridge.NoteQuestion:           Renderer.question,
	bridge.NoteAnswerQueued:       Renderer.answerQueued,
	bridge.NoteAlreadyAnswered:    Renderer.alreadyAnswered,
	bridge.NoteUnshown:            Renderer.unshown,
	bridge.NoteThreadDeleted:      Renderer.threadDeleted,
}
