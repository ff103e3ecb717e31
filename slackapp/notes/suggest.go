package notes

import (
	"strings"

	"github.com/agenbridge/agenbridge/bridge/spelling"
)

// suggest returns the word that was probably meant, or an empty string if none is
// similar.
func suggest(word string, words []string) string {
	if meant, distance := spelling.Closest(strings.ToLower(word), words); distance >= 0 && distance < 3 {
		return meant
	}
	return ""
}
