package diag

// Nearest returns the known name that is most similar to the one written, or "" if
// none is similar: more than one edit in three letters is not.
func Nearest(written string, known []string) string {
	a := []rune(written)
	best, least := "", min((len(a)+2)/3+1, max(len(a), 1))
	var rows [3][maxCompared + 1]int
	for _, k := range known {
		b := []rune(k)
		if abs(len(a)-len(b)) >= least {
			continue
		}
		if d := distance(a, b, &rows); d < least {
			best, least = k, d
		}
	}
	return best
}

func abs(n int) int { return max(n, -n) }

// maxCompared is the maximum length of words that are compared.
const maxCompared = 64

// distance is the number of insertions, deletions, replacements and swaps of
// neighbours between two words.
func distance(a, b []rune, rows *[3][maxCompared + 1]int) int {
	if len(a) > maxCompared || len(b) > maxCompared {
		return maxCompared
	}
	before, last, row := rows[0][:len(b)+1], rows[1][:len(b)+1], rows[2][:len(b)+1]
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
