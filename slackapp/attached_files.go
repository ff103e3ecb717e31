package slackapp

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/content"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

const (
	// maxInlineFile limits the text of a file that becomes part of the prompt, in bytes.
	maxInlineFile = 64 << 10
	// fileTime is how long reading the files of one message may take.
	fileTime = 8 * time.Second
)

// attachedFile is what the prompt has of a file: its text, or why it has none.
type attachedFile struct {
	file
	content string
	partial bool
	why     string
	err     error
}

// attachFiles renders a message's files: what is text as text, all others by name, type, size and link. What the agent
// doesn't get is added to left. A file that can't be read now is an error, and on the last try one of those left out.
func (a *App) attachFiles(ctx context.Context, files []file, lastTry bool, left *bridge.Omissions) (parts []string, err error) {
	read := a.readFiles(ctx, files)
	if err := ctxFault(ctx); err != nil {
		return nil, err
	}
	var named []string
	for _, f := range read {
		switch {
		case errors.Is(f.err, bridge.ClassRejected), lastTry && errors.Is(f.err, bridge.ClassTemporary):
			f.why = labelUnreadable
			left.Unreadable = append(left.Unreadable, f.name())
		case f.err != nil:
			return nil, f.err
		case f.why != "":
			left.Unopened = append(left.Unopened, f.name())
		}
		if f.content != "" || f.why == "" {
			parts = append(parts, f.markdown())
		}
		if f.why != "" || f.partial {
			named = append(named, "- "+f.reference()+f.reason())
		}
	}
	if len(named) > 0 {
		parts = append(parts, labelFiles+"\n"+strings.Join(named, "\n"))
	}
	return parts, nil
}

func (f attachedFile) markdown() string {
	if f.partial {
		return labelBeginning(f.name()) + "\n" + content.Fence(f.content, "")
	}
	return f.name() + ":\n" + content.Fence(f.content, "")
}

func (f attachedFile) reason() string {
	if f.why == "" {
		return ""
	}
	return ": " + f.why
}

// readFiles reads files side by side, so that one that hangs takes no time from the others.
func (a *App) readFiles(ctx context.Context, files []file) []attachedFile {
	ctx, cancel := context.WithTimeout(ctx, fileTime)
	defer cancel()
	read := make([]attachedFile, len(files))
	var readers sync.WaitGroup
	for i, f := range files {
		readers.Go(func() { read[i] = a.readFile(ctx, f) })
	}
	readers.Wait()
	return read
}

// readFile reads the text of a file: what it holds, or else what Slack gives along with it.
func (a *App) readFile(ctx context.Context, f file) attachedFile {
	r := attachedFile{file: f}
	if f.isIncomplete() {
		if r.file, r.err = a.fileInfo(ctx, f); r.err != nil {
			return r
		}
	}
	r.content, r.why, r.err = a.download(ctx, r.file)
	switch text, whole := r.text(); {
	case r.content != "" || text == "":
	case whole:
		return attachedFile{file: r.file, content: text}
	default:
		r.content, r.partial = text, true
		if !r.isText() {
			r.why = "" // people see no more of it, either
		}
	}
	return r
}

// fileInfo calls https://docs.slack.dev/reference/methods/files.info. The error is temporary for a file that Slack is
// still processing.
func (a *App) fileInfo(ctx context.Context, f file) (file, error) {
	var answer struct {
		File file `json:"file"`
	}
	call := webapi.Call{Method: "files.info"}
	if _, err := a.api.Call(ctx, call, url.Values{"file": {f.ID}}, &answer); err != nil {
		return f, err
	}
	answer.File.Access = ""
	if answer.File.isIncomplete() {
		return answer.File, call.Fault(bridge.ClassTemporary, "", 0, errUnprocessed)
	}
	return answer.File, nil
}

var errUnprocessed = errors.New("slack is still processing the file")

// download returns the text that the file holds, or why it is not for the agent.
func (a *App) download(ctx context.Context, f file) (text, why string, err error) {
	switch {
	case f.isGone() || f.External || !f.isText() || !a.api.MayDownload(f.address()):
		return "", labelNotOpened, nil
	case f.Size > maxInlineFile:
		return "", labelTooLarge, nil
	}
	data, err := a.api.Download(ctx, f.address(), f.isHTML(), maxInlineFile)
	switch {
	case err != nil:
		return "", "", err
	case len(data) > maxInlineFile:
		return "", labelTooLarge, nil
	case f.isHTML() && int64(len(data)) != f.Size:
		return "", "", webapi.Call{Method: "file"}.Fault(bridge.ClassTemporary, "", 0, errOtherPage)
	case !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0:
		return "", labelNotOpened, nil
	}
	return strings.ReplaceAll(string(data), "\r\n", "\n"), "", nil
}

var errOtherPage = errors.New("the page is not of the file's size")
