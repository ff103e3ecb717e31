package slackapp

import (
	"html"
	"regexp"
	"strings"
)

// fileText is the text that Slack itself gives along with a file: of posts and canvases, of mails, of what is said in a
// recording (https://docs.slack.dev/reference/objects/file-object).
type fileText struct {
	PlainText        string        `json:"plain_text,omitzero"`
	PreviewPlainText string        `json:"preview_plain_text,omitzero"`
	HasMore          bool          `json:"has_more,omitzero"`
	Preview          string        `json:"preview,omitzero"`
	PreviewTruncated bool          `json:"preview_is_truncated,omitzero"`
	Transcription    transcription `json:"transcription,omitzero"`
}

type transcription struct {
	Status  string `json:"status,omitzero"`
	Preview struct {
		Content string `json:"content,omitzero"`
		HasMore bool   `json:"has_more,omitzero"`
	} `json:"preview,omitzero"`
}

// text returns the text, and whether it is all that the file says; an empty one if Slack gives none.
func (t fileText) text() (text string, whole bool) {
	switch {
	case t.PlainText != "":
		text, whole = t.PlainText, true
	case t.PreviewPlainText != "":
		text, whole = t.PreviewPlainText, !t.HasMore
	case t.Transcription.Preview.Content != "":
		text, whole = t.Transcription.Preview.Content, !t.Transcription.Preview.HasMore
	default:
		text, whole = withoutTags(t.Preview), !t.PreviewTruncated && !t.HasMore
	}
	return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")), whole
}

var (
	lineEnds = regexp.MustCompile(`(?i)<(?:br\s*/?|/p|/h[1-6]|/li|/div|/tr)>`)
	tags     = regexp.MustCompile(`<[^>]*>`)
)

// withoutTags returns the text of a preview, which is HTML if it begins with a tag.
func withoutTags(preview string) string {
	if !strings.HasPrefix(strings.TrimSpace(preview), "<") {
		return preview
	}
	return html.UnescapeString(tags.ReplaceAllString(lineEnds.ReplaceAllString(preview, "\n"), ""))
}
