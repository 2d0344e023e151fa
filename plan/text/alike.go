package text

import (
	"slices"
	"strconv"
	"strings"
)

// Alike are sentences that differ only in numbers.
type Alike struct {
	kind      string // a sentence with gaps for its numbers
	low, high []number
}

type number struct {
	text string
	n    int64
}

// gap replaces a number. It is in no sentence: control characters are escaped in it.
const gap = "\x00"

// AlikeOf returns the sentences that differ from one only in numbers.
func AlikeOf(sentence string) Alike {
	var kind strings.Builder
	var all []number
	for i := 0; i < len(sentence); {
		if text := numberAt(sentence, i); text != "" {
			if n, err := strconv.ParseInt(strings.ReplaceAll(text, ",", ""), 10, 64); err == nil {
				kind.WriteString(gap)
				all, i = append(all, number{text, n}), i+len(text)
				continue
			}
		}
		kind.WriteByte(sentence[i])
		i++
	}
	return Alike{kind.String(), all, slices.Clone(all)}
}

// numberAt returns the number at a place of a sentence, "" if none starts there: digits
// in a name, a time or a duration are no number.
func numberAt(s string, at int) string {
	if at > 0 && !strings.ContainsRune(" (:", rune(s[at-1])) {
		return ""
	}
	end := at
	for end < len(s) && (isDigit(s[end]) || s[end] == ',' && end > at && end+1 < len(s) && isDigit(s[end+1])) {
		end++
	}
	rest := s[end:]
	if rest != "" && !strings.ContainsRune(" ),;", rune(rest[0])) && rest != "." && !strings.HasPrefix(rest, ". ") && !strings.HasPrefix(rest, ": ") {
		return ""
	}
	return s[at:end]
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// Kind is equal of sentences that differ only in numbers.
func (a *Alike) Kind() string { return a.kind }

// Add adds a sentence of the same kind.
func (a *Alike) Add(other Alike) {
	for i := range a.low {
		if n := other.low[i]; n.n < a.low[i].n {
			a.low[i] = n
		}
		if n := other.high[i]; n.n > a.high[i].n {
			a.high[i] = n
		}
	}
}

// String is one sentence for all of them: "at offset:4 to 9, …".
func (a *Alike) String() string {
	var out strings.Builder
	for i, piece := range strings.Split(a.kind, gap) {
		if i > 0 {
			low, high := a.low[i-1], a.high[i-1]
			if out.WriteString(low.text); low.n != high.n {
				out.WriteString(" to " + high.text)
			}
		}
		out.WriteString(piece)
	}
	return out.String()
}

// Apart is the number of sentences up to which those that differ only in numbers stay
// separate.
const Apart = 2

// A Sentences is one sentence for several, with their indexes.
type Sentences struct {
	Text string
	At   []int
}

// Together returns each different sentence once, in their order. More than Apart that
// differ only in numbers are one.
func Together(all []string) []Sentences {
	type kind struct {
		alike     Alike
		different int
	}
	kinds, known := map[string]*kind{}, map[string]*kind{}
	of := make([]*kind, len(all))
	for i, line := range all {
		if of[i] = known[line]; of[i] != nil {
			continue
		}
		a := AlikeOf(line)
		if of[i] = kinds[a.kind]; of[i] == nil {
			of[i] = &kind{alike: a}
			kinds[a.kind] = of[i]
		}
		known[line] = of[i]
		of[i].different++
		of[i].alike.Add(a)
	}
	var out []Sentences
	at := map[string]int{}
	for i, line := range all {
		if of[i].different > Apart {
			line = of[i].alike.String()
		}
		n, seen := at[line]
		if !seen {
			n, at[line] = len(out), len(out)
			out = append(out, Sentences{Text: line})
		}
		out[n].At = append(out[n].At, i)
	}
	return out
}
