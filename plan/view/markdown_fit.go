package view

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// mostMarkdown is how many bytes a comment takes; GitHub refuses one of more
// than 65,536 characters, and no character is less than a byte.
const mostMarkdown = 64_900

// A piece is a part of a comment that can be shortened.
type piece interface {
	// write returns the piece in so many bytes at the most, and adds to the
	// omissions what is not in it.
	write(most int, left *omissions) string
}

// omissions count what a comment leaves out.
type omissions struct{ steps, texts, rows, parts int }

// A chapter is one step. Its heading is never left out where there are not
// thousands of them; its pieces are, the last ones first.
type chapter struct {
	heading func(most int) string
	weighty bool     // its heading comes before others' where not all can be there
	pieces  [3]piece // a refusal, what else is to be said, a table; nil = none
}

// leastHeading is the least room that a heading can be told in.
const leastHeading = 60

// fitted writes an opening and chapters in the bytes that a comment takes: all
// headings, then as much of the refusals as there is room for, then of the
// texts, then of the tables, each given its fair share.
func fitted(opening string, chapters []chapter) string {
	var left omissions
	const closing = 500 // what is kept for telling what is left out
	room := mostMarkdown - len(opening) - closing
	chapters, left.steps = foremost(chapters, room/leastHeading)
	texts := make([][4]string, len(chapters))
	for i := range chapters {
		texts[i][0] = chapters[i].heading(room / (len(chapters) - i))
		room -= len(texts[i][0])
	}
	for level := range 3 {
		var sizes []int
		for _, c := range chapters {
			if c.pieces[level] != nil {
				sizes = append(sizes, len(c.pieces[level].write(math.MaxInt, &omissions{})))
			}
		}
		each := share(sizes, room)
		for i, c := range chapters {
			if c.pieces[level] != nil {
				texts[i][1+level] = c.pieces[level].write(each, &left)
				room -= len(texts[i][1+level])
			}
		}
	}
	var out strings.Builder
	out.WriteString(opening)
	for _, t := range texts {
		out.WriteString(strings.Join(t[:], ""))
	}
	out.WriteString(left.String())
	return out.String()
}

// foremost keeps so many chapters, the weighty ones rather than others, in
// their order, and returns how many it leaves out.
func foremost(chapters []chapter, most int) ([]chapter, int) {
	over := len(chapters) - most
	if over <= 0 {
		return chapters, 0
	}
	var out []chapter
	weighty := 0
	for _, c := range chapters {
		if c.weighty {
			weighty++
		}
	}
	others := max(0, most-weighty)
	for _, c := range chapters {
		switch {
		case len(out) == most:
		case c.weighty:
			out = append(out, c)
		case others > 0:
			out, others = append(out, c), others-1
		}
	}
	return out, over
}

// share returns how much each may take of a room, so that who needs less gets
// all, and what is left goes to the others alike.
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
			all = append(all, count(one.n, one.noun))
		}
	}
	if all == nil {
		return ""
	}
	text := strings.Join(all, ", ")
	if o.parts > 0 {
		text += fmt.Sprintf(" (%s)", count(o.parts, "partition"))
	}
	return "**Left out or cut, for a comment holds no more:** " + text + ". The table and the HTML of the same digest show all.\n"
}

// sentences are a text, each of them a paragraph: a label that is ours, a name
// that is shown as code, and what is said.
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
		text, cut := spelt(s.text, room)
		if cut {
			left.texts++
		}
		out.WriteString(label + text + "\n\n")
	}
	return out.String()
}
