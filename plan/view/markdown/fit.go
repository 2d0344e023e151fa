package markdown

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan/text"
)

// commentBytes is the maximum length of a comment. GitHub refuses more than
// 65,536 characters, and a character is at least one byte.
const commentBytes = 64_900

// A piece is a part of a comment that can be shortened.
type piece interface {
	// write returns the piece in at most so many bytes, and adds what does not
	// fit to the omissions.
	write(most int, left *omissions) string
}

// omissions count what does not fit into a comment.
type omissions struct{ steps, texts, rows, parts int }

// A chapter is one step. Its heading is omitted only if there are thousands of
// them; its pieces are shortened, the last ones first.
type chapter struct {
	heading   func(most int) string
	important bool     // takes precedence if not all headings fit
	pieces    [3]piece // a refusal, details, a table; nil = none
	ending    string   // after the pieces
}

// leastHeading is the minimum length of a heading in bytes.
const leastHeading = 60

// leastFold is the minimum length of a collapsed chapter in bytes.
const leastFold = 150

// fitted writes an opening, chapters and a closing within the limit of a comment:
// all headings, then as much as fits of the refusals, the details and the tables,
// in this order, each chapter with a fair share. left has the omissions so far.
func fitted(opening string, chapters []chapter, closing string, left omissions) string {
	const rest = 500 // reserved for the list of omissions
	room := commentBytes - len(opening) - len(closing) - rest
	least := leastHeading
	if len(chapters) > 0 && chapters[0].ending != "" {
		least = leastFold
	}
	chapters, over := mostImportant(chapters, room/least)
	left.steps += over
	texts := make([][5]string, len(chapters))
	for i := range chapters {
		texts[i][4] = chapters[i].ending
		texts[i][0] = chapters[i].heading(room/(len(chapters)-i) - len(texts[i][4]))
		room -= len(texts[i][0]) + len(texts[i][4])
	}
	for level := range 3 {
		room -= fill(chapters, level, texts, room, &left)
	}
	var out strings.Builder
	out.WriteString(opening)
	for _, t := range texts {
		out.WriteString(strings.Join(t[:], ""))
	}
	out.WriteString(closing)
	out.WriteString(left.String())
	return out.String()
}

// fill writes the pieces of a level, each with a fair share of the room. What the shares
// leave completes pieces, those of important chapters first. It returns the bytes used.
func fill(chapters []chapter, level int, texts [][5]string, room int, left *omissions) (used int) {
	whole, omitted, sizes := make([]string, len(chapters)), make([]omissions, len(chapters)), []int(nil)
	for i, c := range chapters {
		if c.pieces[level] != nil {
			whole[i] = c.pieces[level].write(math.MaxInt, &omissions{})
			sizes = append(sizes, len(whole[i]))
		}
	}
	each := share(sizes, room)
	for i, c := range chapters {
		if c.pieces[level] != nil {
			texts[i][1+level] = c.pieces[level].write(each, &omitted[i])
			used += len(texts[i][1+level])
		}
	}
	for _, first := range []bool{true, false} {
		for i, c := range chapters {
			more := len(whole[i]) - len(texts[i][1+level])
			if c.pieces[level] == nil || c.important != first || more <= 0 || used+more > room {
				continue
			}
			omitted[i], used = omissions{}, used+more
			texts[i][1+level] = c.pieces[level].write(math.MaxInt, &omitted[i])
		}
	}
	for _, o := range omitted {
		left.steps, left.texts, left.rows, left.parts = left.steps+o.steps, left.texts+o.texts, left.rows+o.rows, left.parts+o.parts
	}
	return used
}

// mostImportant keeps so many chapters, the important ones rather than others, in
// their order, and returns how many it leaves out.
func mostImportant(chapters []chapter, most int) ([]chapter, int) {
	over := len(chapters) - most
	if over <= 0 {
		return chapters, 0
	}
	var out []chapter
	important := 0
	for _, c := range chapters {
		if c.important {
			important++
		}
	}
	others := max(0, most-important)
	for _, c := range chapters {
		switch {
		case len(out) == most:
		case c.important:
			out = append(out, c)
		case others > 0:
			out, others = append(out, c), others-1
		}
	}
	return out, over
}

// share divides room among pieces of these sizes: it returns the maximum size
// of a piece, so that small pieces fit and the others share the rest equally.
func share(sizes []int, room int) int {
	sizes = slices.Sorted(slices.Values(sizes))
	for i, n := range sizes {
		left := len(sizes) - i
		if n > room/left {
			return max(room/left, 0)
		}
		room -= n
	}
	return math.MaxInt
}

func (o omissions) String() string {
	var all []string
	for _, one := range []struct {
		n    int
		noun string
	}{{o.steps, "step"}, {o.texts, "text"}, {o.rows, "table row"}} {
		if one.n > 0 {
			all = append(all, text.Plural(one.n, one.noun))
		}
	}
	if all == nil {
		return ""
	}
	out := strings.Join(all, ", ")
	if o.parts > 0 {
		out += fmt.Sprintf(" (%s)", text.Plural(o.parts, "partition"))
	}
	return "**Truncated to fit the comment size limit:** " + out + ". The HTML format of the same digest shows more, and JSON everything.\n"
}

// sentences are a text of one paragraph per sentence: a fixed label, a name
// shown as code, and a text from outside.
type sentences []sentence

type sentence struct{ label, name, text string }

func (all sentences) write(most int, left *omissions) string {
	var out strings.Builder
	for i, s := range all {
		label := s.label
		if s.name != "" {
			name, cut := coded(s.name, 2*nameBytes)
			if label += name + " "; cut {
				left.texts++
			}
		}
		room := most - out.Len() - len(label) - len("\n\n")
		if least := len("…") + 12; room < least && len(s.text) > room {
			left.texts += len(all) - i
			break
		}
		body, cut := literal(s.text, room)
		if cut {
			left.texts++
		}
		out.WriteString(label + body + "\n\n")
	}
	return out.String()
}
