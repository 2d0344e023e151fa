package view

import (
	"cmp"
	"strconv"
	"strings"

	safe "github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// fewParts is up to how many parts only equal ones are shown as one.
const fewParts = 8

// A fold is some parts of one topic that behave alike, by number.
type fold[T any] []*T

// folds puts together what behaves alike, in the order in which each kind of
// behaviour is met first. Where o is wide, nothing is put together.
func folds[T any, K comparable](parts []T, o Options, behaviour func(*T) K) []fold[T] {
	var out []fold[T]
	if o.Wide {
		for i := range parts {
			out = append(out, fold[T]{&parts[i]})
		}
		return out
	}
	at := map[K]int{}
	var last K
	goes := 0
	for i := range parts {
		k := behaviour(&parts[i])
		if i == 0 || k != last { // neighbours are mostly alike, and a key is long to look up
			var met bool
			if goes, met = at[k]; !met {
				goes = len(out)
				at[k], out = goes, append(out, nil)
			}
			last = k
		}
		out[goes] = append(out[goes], &parts[i])
	}
	return out
}

// name writes the parts briefly: "orders/0-11,14".
func (f fold[T]) name(of func(*T) providers.Part) string {
	first := of(f[0])
	if first == (providers.Part{}) {
		return "(the whole)"
	}
	numbers := make([]int, len(f))
	for i, p := range f {
		numbers[i] = of(p).Number
	}
	stem := strings.TrimSuffix(first.String(), strconv.Itoa(first.Number))
	return stem + safe.Ranges(numbers)
}

// A span is the least and the greatest of some places, as they are shown.
type span struct{ from, to string }

func (s span) String() string {
	if s.from == s.to {
		return s.from
	}
	return s.from + ".." + s.to
}

// span shows a position of every part. Positions that have no order are
// folded only where they are equal.
func (f fold[T]) span(of func(*T) providers.Position) span {
	from, to := f.ends(of)
	return span{position(from), position(to)}
}

// ends returns the least and the greatest of a position of every part.
func (f fold[T]) ends(of func(*T) providers.Position) (from, to providers.Position) {
	from, to = of(f[0]), of(f[0])
	for _, p := range f[1:] {
		switch at := of(p); {
		case sign(at, from) < 0:
			from = at
		case sign(at, to) > 0:
			to = at
		}
	}
	return from, to
}

// sign compares two places; those without an order count as equal.
func sign(a, b providers.Position) int {
	n, _ := a.Distance(b)
	return cmp.Compare(n, 0)
}

// sum shows the sum of a number of every part, "?" where one is not known.
func (f fold[T]) sum(of func(*T) *int64) string {
	var sum int64
	for _, p := range f {
		n := of(p)
		if n == nil {
			return "?"
		}
		sum += *n
	}
	return grouped(sum)
}

// same is what parts have in common that are folded: their topic and, of each
// position, the kind. Offsets may differ where there are many; nothing else
// may.
type same struct {
	topic, broker string
	places        [4]providers.Position
}

// likeness says by what a part with these positions is folded.
func likeness(p providers.Part, few bool, places [4]providers.Position) same {
	s := same{topic: p.Topic, broker: p.Broker}
	for i, at := range places {
		if _, ok := at.Offset(); ok && !few {
			at = providers.AtOffset(0)
		}
		s.places[i] = at
	}
	return s
}
