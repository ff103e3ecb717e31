package content

import (
	"regexp"
	"strings"
)

// joined joins the texts that aren't empty.
func joined(separator string, parts ...string) string {
	var full []string
	for _, p := range parts {
		if strings.TrimSpace(p) != "" {
			full = append(full, strings.Trim(p, "\n"))
		}
	}
	return strings.Join(full, separator)
}

// stacked puts texts below each other. What is more than lines of a paragraph stands alone, or it would take in what
// follows.
func stacked(parts ...string) string {
	var out strings.Builder
	for _, p := range parts {
		if p = strings.Trim(p, "\n"); strings.TrimSpace(p) == "" {
			continue
		}
		switch {
		case out.Len() == 0:
		case beginsBlock.MatchString(p) || beginsBlock.MatchString(lastParagraph(out.String())):
			out.WriteString("\n\n")
		default:
			out.WriteByte('\n')
		}
		out.WriteString(p)
	}
	return out.String()
}

// beginsBlock matches a text that may begin with a quote, a list, a table, a heading or code.
var beginsBlock = regexp.MustCompile("^(?:[>+|#=`~<-]|[*] |[0-9]+[.)]|\\s)")

func lastParagraph(text string) string {
	return strings.TrimPrefix(text[max(0, strings.LastIndex(text, "\n\n")):], "\n\n")
}
