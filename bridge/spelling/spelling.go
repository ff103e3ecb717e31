// Package spelling finds the word that was probably meant by a misspelled one. It
// knows nothing about what the words are for.
package spelling

// Closest returns the first of the words with the smallest edit distance to word,
// and that distance. Without any words it returns the empty string and -1.
func Closest(word string, words []string) (best string, distance int) {
	distance = -1
	for _, w := range words {
		if d := editDistance(word, w); distance < 0 || d < distance {
			best, distance = w, d
		}
	}
	return best, distance
}

// editDistance counts the bytes to insert, remove or replace, and the neighbors to swap
// (optimal string alignment).
func editDistance(a, b string) int {
	before, above, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before, above, row = above, row, before
		row[0] = i + 1
		for j := range len(b) {
			cost := above[j]
			if a[i] != b[j] {
				cost++
			}
			row[j+1] = min(cost, above[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(b)]
}
