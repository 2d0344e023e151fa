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

// A sheet is a table: its rows and how many parts each of them stands for.
type sheet struct {
	head  []column
	rows  []string
	parts []int
}

// foldedFrom is from how many partitions on a table is folded away.
const foldedFrom = 31

func (s sheet) write(most int, left *omissions) string {
	before, after := s.frame()
	note := func(rows, parts int) string {
		return fmt.Sprintf("%s more, of %s, left out.\n\n", count(rows, "row"), count(parts, "partition"))
	}
	all := len(before) + len(after) + len(strings.Join(s.rows, ""))
	room := most
	if all > most {
		room = most - len(note(len(s.rows), s.sum(0))) - 8
	}
	size, n := len(before)+len(after), 0
	for n < len(s.rows) && size+len(s.rows[n]) <= room {
		size += len(s.rows[n])
		n++
	}
	out := before + strings.Join(s.rows[:n], "") + after
	if n == len(s.rows) {
		return out
	}
	left.rows += len(s.rows) - n
	left.parts += s.sum(n)
	switch text := note(len(s.rows)-n, s.sum(n)); {
	case n > 0:
		return out + text
	case len(text) <= most:
		return text
	}
	return ""
}

// sum is how many parts the rows from n on stand for.
func (s sheet) sum(n int) (parts int) {
	for _, p := range s.parts[n:] {
		parts += p
	}
	return parts
}

// frame is what stands before and after the rows.
func (s sheet) frame() (before, after string) {
	names, lines := "|", "|"
	for _, c := range s.head {
		names += " " + strings.ToLower(c.name) + " |"
		if c.right {
			lines += " --: |"
		} else {
			lines += " --- |"
		}
	}
	before, after = names+"\n"+lines+"\n", "\n"
	if parts := s.sum(0); parts >= foldedFrom {
		before = fmt.Sprintf("<details><summary>%s</summary>\n\n", count(parts, "partition")) + before
		after += "</details>\n\n"
	}
	return before, after
}

// add adds a row of cells that are written already.
func (s *sheet) add(parts int, cells ...string) {
	s.rows = append(s.rows, "| "+strings.Join(cells, " | ")+" |\n")
	s.parts = append(s.parts, parts)
}
