package html

import (
	"math"

	"github.com/resetplan/resetplan/plan/view"
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
	number := r.Parts[0].OnLog // several parts share a row only if all have offsets, or cursors made readable
	start, ok1 := number(r.Low.From)
	end, ok2 := number(r.High.To)
	switch {
	case !ok1 || !ok2:
		return "the service does not report the log's range"
	case start == end:
		return "the log is empty"
	case start > end:
		return "the log's end is before its start"
	}
	out := make([]any, len(marks))
	for i, mark := range marks {
		from, ok := number(mark.From)
		to, _ := number(mark.To)
		switch {
		case !ok:
		case len(r.Parts) == 1 && from == to:
			out[i] = scale(from, start, end)
		default:
			out[i] = [2]int{scale(from, start, end), scale(to, start, end)}
		}
	}
	return out
}

// scale places a position on a bar that represents the log from start to end.
func scale(position, start, end int64) int {
	switch {
	case position < start:
		return -1
	case position > end:
		return barLength + 1
	}
	return int(math.Round(float64(uint64(position-start)) / float64(uint64(end-start)) * barLength))
}
