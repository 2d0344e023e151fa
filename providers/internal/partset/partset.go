// Package partset holds the sets of partitions and shards that targets select: their
// order, their spelling in an address, and whether two sets intersect.
package partset

import (
	"fmt"
	"slices"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// A Set is sorted and holds each number once. Nil means all numbers; no other
// set is empty.
type Set []int

// Of returns the set of the numbers that a document lists under a key; nil stays nil.
func Of(key string, given []int) (Set, error) {
	if given == nil {
		return nil, nil
	}
	s := slices.Compact(slices.Sorted(slices.Values(given)))
	switch {
	case len(s) == 0:
		return nil, &providers.KeyError{Key: key, Reason: key + " is empty", Remedy: "remove it to select all"}
	case s[0] < 0:
		return nil, &providers.KeyError{Key: key, Reason: fmt.Sprintf("%s has the negative number %d", key, s[0]), Remedy: "use numbers from 0"}
	}
	return s, nil
}

// Has reports whether the set contains n.
func (s Set) Has(n int) bool {
	_, found := slices.BinarySearch(s, n)
	return s == nil || found
}

// Meets reports whether both sets have a number in common.
func (s Set) Meets(o Set) bool {
	return s == nil || o == nil || slices.ContainsFunc(s, o.Has)
}

// String returns the set in its shortest form: "0-3,7"; "*" is all.
func (s Set) String() string {
	if s == nil {
		return "*"
	}
	return text.Ranges(s)
}
