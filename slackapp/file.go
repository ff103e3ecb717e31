package slackapp

import (
	"cmp"
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
}

// name returns the name of the file.
func (f file) name() string {
	return cmp.Or(content.CleanName(f.Name), content.CleanName(f.Title), content.CleanName(f.ID))
}

// link returns the name of the file, linked to its address in Slack if it has one.
func (f file) link() string { return content.Link(f.Permalink, f.name()) }

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

// textTypes are the MIME types and Slack file types of text without the prefix "text/".
var textTypes = setOf([]string{
	"application/json", "application/xml", "application/yaml", "application/x-yaml", "application/toml",
	"application/javascript", "application/x-sh", "application/x-httpd-php", "application/sql", "application/x-ndjson",
	"application/x-patch", "application/graphql",
	"text", "markdown", "csv", "diff", "go", "python", "javascript", "typescript", "java", "c", "cpp", "csharp", "ruby",
	"php", "rust", "shell", "sql", "yaml", "json", "xml", "html", "css", "kotlin", "swift", "scala", "perl", "lua",
	"haskell", "dockerfile", "toml", "ini", "log",
})
