package notes

import "github.com/agenbridge/agenbridge/bridge"

// Render returns the post with the text and the buttons of its note. A post
// without one is returned as it is: it has the agent's words, or was rendered by
// the former release.
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
	return p
}

func (r Renderer) text(n *bridge.Note) string {
	if n.Outcome != nil {
		return outcome(n)
	}
	if text, ok := constant[n.Kind]; ok {
		return text
	}
	if write := texts[n.Kind]; write != nil {
		return write(r, n)
	}
	return ""
}

// constant are the notes that always read the same.
var constant = map[bridge.NoteKind]string{
	bridge.NoteNoSession:       private + "There is no session in this thread yet. Mention me with a task and I open one.",
	bridge.NoteNewSession:      private + "The next message in this thread opens a new session, with what was said here as background.",
	bridge.NoteLinked:          private + "This thread goes on with that session. Nothing from before is repeated here.",
	bridge.NoteLinkedHere:      private + "This thread has that session already.",
	bridge.NoteLinkClosed:      private + "That session is closed, so nothing can be added to it.",
	bridge.NoteNotYours:        private + "I know no session with this id that you asked for in Slack. Only your own can be linked here.",
	bridge.NoteNoSuchSession:   private + "Agen has no session with this id that I may use. Its id stands in its link.",
	bridge.NoteNoBackground:    "I couldn't read the earlier messages, so the agent got yours without them.",
	bridge.NotePreviewWithheld: "I didn't pass on the preview of a message from a private conversation. If the agent needs it, paste the relevant part.",
	bridge.NoteShortened:       "_The agent has shortened this message._",
}

// texts are the others.
var texts = map[bridge.NoteKind]func(Renderer, *bridge.Note) string{
	bridge.NoteGreeting:           Renderer.greeting,
	bridge.NoteHelp:               Renderer.help,
	bridge.NoteStatus:             Renderer.status,
	bridge.NoteList:               Renderer.list,
	bridge.NoteReplies:            Renderer.replies,
	bridge.NoteRetrying:           Renderer.retrying,
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
