package view

import (
	"fmt"
	"strings"
)

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
