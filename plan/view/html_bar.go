package view

import (
	"math"

	"github.com/resetplan/resetplan/providers"
)

// barLength is a log's length in a bar: fine enough for any screen.
const barLength = 1000

// A bar is where some places of a log lie in it, from 0 to barLength: for one
// part a number each, for several the first and the last. A place outside the
// log is -1 or barLength+1, one that is not known is nil.
//
// Where the log's ends are not known there is no bar, but words that say so:
// nothing is drawn that a service has not told.
func bar[T any](f fold[T], low, high func(*T) providers.Position, marks ...func(*T) providers.Position) any {
	begin, _ := f.ends(low)
	_, end := f.ends(high)
	length, ok := end.Distance(begin)
	switch {
	case !ok:
		return "the service does not tell its log"
	case length == 0:
		return "the log is empty"
	case length < 0:
		return "its end lies before its begin"
	}
	out := make([]any, len(marks))
	for i, of := range marks {
		from, to := f.ends(of)
		a, ok := along(from, begin, length)
		b, _ := along(to, begin, length)
		switch {
		case !ok:
		case len(f) == 1:
			out[i] = a
		default:
			out[i] = [2]int{a, b}
		}
	}
	return out
}

// along tells how far a place lies along a log.
func along(at, begin providers.Position, length int64) (int, bool) {
	n, ok := at.Distance(begin)
	switch {
	case !ok:
		return 0, false
	case n < 0:
		return -1, true
	case n > length:
		return barLength + 1, true
	}
	return int(math.Round(float64(n) / float64(length) * barLength)), true
}

// beyond tells in words that a place lies outside its log.
func beyond(at, low, high providers.Position) string {
	switch {
	case sign(at, low) < 0:
		return " (before the log)"
	case sign(at, high) > 0:
		return " (after the log)"
	}
	return ""
}

// end shows an end of a log, or nothing where it is not known.
func end(s span) string {
	if s.from == "?" {
		return ""
	}
	return s.String()
}

// known writes "?" out.
func known(cell string) string {
	if cell == "?" || cell == "? -> ?" {
		return "not known"
	}
	return cell
}
