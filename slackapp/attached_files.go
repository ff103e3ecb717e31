package slackapp

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/content"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

// maxInlineFile limits the text of a file that becomes part of the prompt, in bytes.
const maxInlineFile = 64 << 10

// attachFiles renders a message's files: small text files in full, all others by name. It also returns the names of those
// that the agent can't open, because a link into Slack needs an account there. The errors are temporary Faults.
func (a *App) attachFiles(ctx context.Context, files []file) (parts, unread []string, err error) {
	var named []string
	for _, f := range files {
		if f.Access == "check_file_info" { // https://docs.slack.dev/apis/slack-connect#files
			if f, err = a.fileInfo(ctx, f); err != nil {
				return nil, nil, err
			}
		}
		text, why, err := a.fileText(ctx, f)
		switch {
		case err != nil:
			return nil, nil, err
		case why == "":
			parts = append(parts, f.name()+":\n"+content.Fence(text, ""))
		default:
			named = append(named, "- "+f.link()+": "+why)
			unread = append(unread, f.name())
		}
	}
	if len(named) > 0 {
		parts = append(parts, labelFiles+"\n"+strings.Join(named, "\n"))
	}
	return parts, unread, nil
}

// fileInfo calls https://docs.slack.dev/reference/methods/files.info. If Slack refuses that, it returns f.
func (a *App) fileInfo(ctx context.Context, f file) (file, error) {
	var answer struct {
		File file `json:"file"`
	}
	_, err := a.api.Call(ctx, webapi.Call{Method: "files.info"}, url.Values{"file": {f.ID}}, &answer)
	if errors.Is(err, bridge.ClassRejected) {
		return f, nil
	}
	return answer.File, err
}

// fileText downloads a file's text, or returns why it does not.
func (a *App) fileText(ctx context.Context, f file) (text, why string, err error) {
	address := cmp.Or(f.Download, f.URLPrivate)
	switch {
	case f.Mode == "tombstone" || f.Mode == "hidden_by_limit" || f.External || !f.isText() || address == "":
		return "", labelUnreadable, nil
	case f.Size > maxInlineFile:
		return "", labelTooLarge, nil
	case !a.api.MayDownload(address):
		return "", labelUnreadable, nil
	}
	data, err := a.api.Download(ctx, address, maxInlineFile)
	switch {
	case errors.Is(err, bridge.ClassRejected):
		return "", labelUnreadable, nil
	case err != nil:
		return "", "", err
	case len(data) > maxInlineFile:
		return "", labelTooLarge, nil
	case !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0:
		return "", labelUnreadable, nil
	}
	return strings.ReplaceAll(string(data), "\r\n", "\n"), "", nil
}
