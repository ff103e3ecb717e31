package daemon

import (
	"maps"
	"slices"
	"strings"
)

// Hint is a variable that is not one of ours but looks like it.
type Hint struct {
	// Name is the variable that is set, Like the one that was probably meant.
	Name, Like string
}

// String returns one line.
func (h Hint) String() string {
	return h.Name + ": not a variable of agenbridge; is " + h.Like + " meant?"
}

// hints returns the variables that look misspelt: all but one or two letters
// of ours, or of a family that only we have.
func hints(given map[string]string) []Hint {
	known := map[string]bool{}
	for _, v := range Variables() {
		known[v.Name] = true
		if v.Secret {
			known[v.Name+fileSuffix] = true
		}
	}
	names := slices.Sorted(maps.Keys(known))
	var all []Hint
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if known[name] || strings.HasPrefix(name, routePrefix) || len(name) > 64 {
			continue
		}
		like := slices.MinFunc(names, func(a, b string) int { return distance(name, a) - distance(name, b) })
		if d := distance(name, like); d <= 2 && d < len(like)/3 || family(name) {
			all = append(all, Hint{Name: name, Like: like})
		}
	}
	return all
}

func family(name string) bool {
	return strings.HasPrefix(name, "REACTION_") || strings.HasPrefix(name, "ALLOW_")
}

// distance is how many letters have to be put in, taken out or changed to
// make one name of the other.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
