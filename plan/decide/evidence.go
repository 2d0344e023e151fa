package decide

import (
	"fmt"
	"maps"
	"slices"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// Compare returns the evidence of a reset between two observations of a target's
// consumers, and whether it proves that the reset took effect. sums are sorted by
// time; no figure is negative.
//
// Consumers only read on, and a log only grows. A newer sum with a lower offset is
// therefore proof, provided that it is about the same topic and that the end of the
// log, offset plus lag, has not gone back: a service that has not counted yet
// reports zeros. A larger lag alone proves nothing, because producers write on while
// the consumers are paused.
func Compare(before lock.Sum, sums []providers.Sum) (e lock.Evidence, proven bool) {
	e.Before = before
	for _, s := range sums {
		if !s.At.After(before.At.Time) || s.Topic != before.Topic {
			continue
		}
		after := lock.SumOf(s)
		lower := s.Offset < before.Offset && s.Lag != nil && before.Lag != nil && *s.Lag-*before.Lag >= before.Offset-s.Offset
		if lower || !proven {
			e.After, proven = &after, lower
		}
	}
	return e, proven
}

// Reference returns the sum with which to compare later ones: the newest of the topic
// in which the consumers are furthest, because there a reset shows most. sums are
// sorted by time. It reports false if there are none.
func Reference(sums []providers.Sum) (lock.Sum, bool) {
	newest := map[string]providers.Sum{}
	for _, s := range sums {
		newest[s.Topic] = s
	}
	var out providers.Sum
	for i, topic := range slices.Sorted(maps.Keys(newest)) {
		if s := newest[topic]; i == 0 || s.Offset > out.Offset {
			out = s
		}
	}
	return lock.SumOf(out), len(sums) > 0
}

// EvidenceText describes evidence in a phrase.
func EvidenceText(e lock.Evidence) string {
	out := sumText(e.Before) + " before the pause"
	if e.After == nil {
		return out + ", nothing newer after the start"
	}
	out += "; " + sumText(*e.After) + " after the start"
	if e.Before.Topic != "" {
		return out + " (sums over all partitions of " + e.Before.Topic + ")"
	}
	return out + " (sums over all partitions)"
}

func sumText(s lock.Sum) string {
	out := "offset " + text.Grouped(s.Offset)
	if s.Lag != nil {
		out += fmt.Sprintf(" with a lag of %s", text.Grouped(*s.Lag))
	}
	return out
}
