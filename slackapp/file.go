package slackapp

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/agenbridge/agenbridge/slackapp/content"
)

// file is the part of a file object that is used here (https://docs.slack.dev/reference/objects/file-object).
type file struct {
	ID         string `json:"id,omitzero"`
	Name       string `json:"name,omitzero"`
	Title      string `json:"title,omitzero"`
	MIME       string `json:"mimetype,omitzero"`
	Type       string `json:"filetype,omitzero"`
	Mode       string `json:"mode,omitzero"`
	Size       int64  `json:"size,omitzero"`
	External   bool   `json:"is_external,omitzero"`
	Access     string `json:"file_access,omitzero"`
	Permalink  string `json:"permalink,omitzero"`
	Download   string `json:"url_private_download,omitzero"`
	URLPrivate string `json:"url_private,omitzero"`
	// AltText is what somebody wrote about an image for those who don't see it.
	AltText string `json:"alt_txt,omitzero"`
	fileText
}

// name returns the name of the file.
func (f file) name() string {
	return cmp.Or(content.CleanName(f.Name), content.CleanName(f.Title), content.CleanName(f.ID))
}

// reference returns the name of the file, linked to its address, with its type and size.
func (f file) reference() string {
	address := f.Permalink
	if f.External {
		address = cmp.Or(f.URLPrivate, f.Permalink) // where it is kept
	}
	var about []string
	if kind := cmp.Or(content.CleanName(f.MIME), content.CleanName(f.Type)); kind != "" {
		about = append(about, kind)
	}
	if f.Size > 0 {
		about = append(about, byteCount(f.Size))
	}
	if alt := content.CleanName(f.AltText); alt != "" {
		about = append(about, "described as “"+alt+"”")
	}
	text := content.Link(address, f.name())
	if len(about) > 0 {
		text += " (" + strings.Join(about, ", ") + ")"
	}
	return text
}

// byteCount returns a size as people read it.
func byteCount(n int64) string {
	switch {
	case n == 1:
		return "1 byte"
	case n < 1<<10:
		return fmt.Sprintf("%d bytes", n)
	case n < 1<<20:
		return fmt.Sprintf("%.0f KB", float64(n)/(1<<10))
	default:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	}
}

// address returns where the file's content is; empty if nowhere.
func (f file) address() string { return cmp.Or(f.Download, f.URLPrivate) }

// isGone reports whether Slack shows nothing of the file but that it was there.
func (f file) isGone() bool { return f.Mode == "tombstone" || f.Mode == "hidden_by_limit" }

// isIncomplete reports whether files.info has to be asked for the file: events about a file from another organization
// have only its id (https://docs.slack.dev/apis/slack-connect#files), and Slack announces files before it has processed
// them (https://docs.slack.dev/reference/methods/files.completeUploadExternal).
func (f file) isIncomplete() bool {
	return f.Access == "check_file_info" || !f.isGone() && !f.External && (f.address() == "" || f.MIME == "" && f.Type == "")
}

// isText reports whether the file is text that a person could have pasted
// (https://docs.slack.dev/reference/objects/file-object#file-types).
func (f file) isText() bool {
	if f.Mode == "snippet" {
		return true
	}
	if f.Mode != "hosted" && f.Mode != "" {
		return false // posts, canvases, lists, mail
	}
	kind, _, _ := strings.Cut(f.MIME, ";")
	return strings.HasPrefix(kind, "text/") || textTypes[kind] || textTypes[f.Type] ||
		strings.HasSuffix(kind, "+json") || strings.HasSuffix(kind, "+xml") && kind != "image/svg+xml"
}

// isHTML reports whether the file itself is a page, which can't be told from one about it by its type.
func (f file) isHTML() bool { return strings.HasPrefix(f.MIME, "text/html") || f.Type == "html" }

// textTypes are the MIME types and Slack file types of text without the prefix "text/".
var textTypes = setOf([]string{
	"application/json", "application/xml", "application/yaml", "application/x-yaml", "application/toml",
	"application/javascript", "application/x-sh", "application/x-httpd-php", "application/sql", "application/x-ndjson",
	"application/x-patch", "application/graphql",
	"text", "markdown", "csv", "diff", "go", "python", "javascript", "typescript", "java", "c", "cpp", "csharp", "ruby",
	"php", "rust", "shell", "sql", "yaml", "json", "xml", "html", "css", "kotlin", "swift", "scala", "perl", "lua",
	"haskell", "dockerfile", "toml", "ini", "log",
})

// realFiles returns those that can be named: a file that is nothing but malformed has no id.
func realFiles(files []file) []file {
	return slices.DeleteFunc(slices.Clone(files), func(f file) bool { return f.ID == "" })
}
