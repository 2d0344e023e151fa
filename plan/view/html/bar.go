package html

import (
	"math"

	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/providers"
)

// barLength is the length of a log in a bar: fine enough for any screen.
const barLength = 1000

// bar is the positions of a row in its log, from 0 to barLength: one number
// each for a single part, the first and the last for several. A position
// outside the log is -1 or barLength+1, an unknown one is nil.
//
// If the ends of the log are unknown there is no bar, but a text that says so:
// nothing is drawn that the service does not report.
func bar(r view.Row, marks []view.Span) any {
	start := r.Low.From
	length, ok := r.High.To.Distance(start)
	switch {
	case !ok:
		return "the service does not report the log's range"
	case length == 0:
		return "the log is empty"
	case length < 0:
		return "the log's end is before its start"
	}
	out := make([]any, len(marks))
	for i, mark := range marks {
		from, ok := offsetInBar(mark.From, start, length)
		to, _ := offsetInBar(mark.To, start, length)
		switch {
		case !ok:
		case len(r.Parts) == 1 && from == to:
			out[i] = from
		default:
			out[i] = [2]int{from, to}
		}
	}
	return out
}

// offsetInBar is a position's place in a bar, if it is known.
func offsetInBar(position, start providers.Position, length int64) (int, bool) {
	n, ok := position.Distance(start)
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
