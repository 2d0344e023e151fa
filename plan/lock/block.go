package lock

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// A block is the parts of one topic in one line: the numbers of the parts, and for each
// key one value that holds for all of them, or a list with one for each. An offset is a
// number; any other position is its text. "before" and "after" instead of a value mean
// the positions of that key.
//
//	- {parts: orders/0-999, before: [1200,1310,…], after: 800, seen: after, high: [1500,1610,…]}

// writeParts writes a list of parts: in blocks if that is wanted and possible, or in a
// line for each.
func (l *layout) writeParts(begin string, all []Part, blocks bool) {
	for len(all) > 0 {
		n := 1
		if blocks {
			n = blockOf(all)
		}
		if n == 1 {
			l.literal(begin + ": ")
			l.part(&all[0])
		} else {
			l.literal(begin + "s: ")
			block := all[:n]
			l.block(&block)
		}
		all = all[n:]
	}
}

// blockOf returns how many parts from the first on can be in one block.
func blockOf(all []Part) int {
	first := all[0]
	if first.Part == (providers.Part{}) || first.Error != "" || first.DecidedBy != "" {
		return 1
	}
	n := 1
	for n < min(len(all), maxBlock) && fits(&first, &all[n]) && all[n].Part.Number > all[n-1].Part.Number {
		n++
	}
	return n
}

// fits reports whether two parts can be in one block: they differ only in what a block
// has lists of.
func fits(a, b *Part) bool {
	return a.Part.Topic == b.Part.Topic && a.Part.Broker == b.Part.Broker && a.LogID == b.LogID && b.Error == "" && b.DecidedBy == "" &&
		a.ReadUpTo.IsZero() == b.ReadUpTo.IsZero()
}

// names are the parts of a block: "orders/0-3,7".
type names struct{ to *[]Part }

func (n names) empty() bool { return false }

func (n names) appendTo(out []byte) []byte {
	all := *n.to
	numbers := make([]int, len(all))
	for i := range all {
		numbers[i] = all[i].Part.Number
	}
	first := all[0].Part.String()
	return append(out, text.Scalar(first[:strings.LastIndexByte(first, '/')+1]+text.Ranges(numbers))...)
}

func (n names) parse(token string) bool {
	decoded, err := unquoted(token)
	if err == nil {
		*n.to, err = parseNames(decoded)
	}
	return err == nil
}

var errNames = errors.New("lock: not the names of parts")

// parseNames returns the parts of a block. Their numbers ascend.
func parseNames(s string) ([]Part, error) {
	n, err := eachName(s, func(providers.Part, int) {})
	if err != nil {
		return nil, err
	}
	out := make([]Part, 0, n)
	_, err = eachName(s, func(p providers.Part, last int) {
		for ; p.Number < last; p.Number++ {
			out = append(out, Part{Part: p})
		}
		out = append(out, Part{Part: p})
	})
	return out, err
}

// eachName passes the ranges of a block's names to a function: the first part and the
// last number. It returns how many parts they have.
func eachName(s string, to func(first providers.Part, last int)) (n int, err error) {
	at := strings.LastIndexByte(s, '/')
	if at <= 0 {
		return 0, errNames
	}
	before := -1
	for numbers := range strings.SplitSeq(s[at+1:], ",") {
		from, end, isRange := strings.Cut(numbers, "-")
		if !isRange {
			end = from
		}
		first, err := providers.ParsePart(s[:at+1] + from)
		last, invalid := strconv.Atoi(end)
		if err != nil || invalid != nil || first.Number <= before || last < first.Number || last-first.Number >= maxBlock-n {
			return 0, errNames
		}
		to(first, last)
		n, before = n+last-first.Number+1, last
	}
	return n, nil
}

func (l *layout) block(b *[]Part) {
	l.value("", names{b})
	all := *b
	if l.failed {
		return
	}
	l.positions(", before: ", all, positionBefore, "", nil)
	l.positions(", after: ", all, positionAfter, "before", positionBefore)
	l.positions(", seen: ", all, positionSeen, "after", positionAfter)
	l.positions(", high: ", all, positionHigh, "", nil)
	if l.has(", readUpTo: ", !all[0].ReadUpTo.IsZero()) {
		l.column(len(all), func(i int) scalar { return &all[i].ReadUpTo })
	}
	l.kept(all)
	if l.has(", log: ", all[0].LogID != "") {
		log := all[0].LogID
		l.value("", (*str)(&log))
		for i := range all {
			all[i].LogID = log
		}
	}
	l.literal("}")
}

type positionOf func(*Part) *providers.Position

func positionBefore(p *Part) *providers.Position { return &p.Before }
func positionAfter(p *Part) *providers.Position  { return &p.After }
func positionSeen(p *Part) *providers.Position   { return &p.Seen }
func positionHigh(p *Part) *providers.Position   { return &p.High }

// positions writes or reads one position of each part. Positions that are all unknown
// are left out, except those that every part has. word replaces the positions of
// another key.
func (l *layout) positions(key string, all []Part, of positionOf, word string, other positionOf) {
	required := key == ", before: " || key == ", after: "
	known := anyPart(all, func(p *Part) bool { return !of(p).IsZero() })
	if !l.has(key, required || known) {
		l.require(!required)
		return
	}
	same := other != nil && !anyPart(all, func(p *Part) bool { return *of(p) != *other(p) })
	if other != nil && l.has(word, same && !l.reading) {
		for i := range all {
			*of(&all[i]) = *other(&all[i])
		}
		return
	}
	l.column(len(all), func(i int) scalar { return (*listed)(of(&all[i])) })
}

// column writes or reads a value for each part: one if they are all equal, else a list.
func (l *layout) column(n int, at func(i int) scalar) {
	if l.reading {
		if !l.has("[", false) {
			token := l.token()
			for i := range n {
				l.require(at(i).parse(token))
			}
			return
		}
		for i := range n {
			l.require((i == 0 || l.has(",", false)) && at(i).parse(l.token()))
		}
		l.literal("]")
		return
	}
	begin := len(l.text)
	l.text = append(l.text, '[')
	equal, first := true, []byte(nil)
	for i := range n {
		if i > 0 {
			l.text = append(l.text, ',')
		}
		from := len(l.text)
		l.text = at(i).appendTo(l.text)
		if i == 0 {
			first = slices.Clone(l.text[from:])
		}
		equal = equal && bytes.Equal(first, l.text[from:])
	}
	if equal {
		l.text = append(l.text[:begin], first...)
		return
	}
	l.text = append(l.text, ']')
}

// listed is a position in a block: an offset is a number.
type listed providers.Position

func (p *listed) empty() bool { return false }

func (p *listed) appendTo(out []byte) []byte {
	if n, ok := providers.Position(*p).Offset(); ok {
		return strconv.AppendInt(out, n, 10)
	}
	return append(out, text.Scalar(providers.Position(*p).String())...)
}

func (p *listed) parse(token string) bool {
	if n, err := strconv.ParseInt(token, 10, 64); err == nil {
		*p = listed(providers.AtOffset(n))
		return true
	}
	return parseInto((*providers.Position)(p), providers.ParsePosition, token)
}

// anyPart reports whether a condition holds for one of the parts, without a copy of each.
func anyPart(all []Part, holds func(*Part) bool) bool {
	for i := range all {
		if holds(&all[i]) {
			return true
		}
	}
	return false
}
