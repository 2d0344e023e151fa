package main

import "testing"

// TestGarbageOfALargeHeapIsCollectedEarly holds what decides the memory of large plans.
func TestGarbageOfALargeHeapIsCollectedEarly(t *testing.T) {
	for live, want := range map[uint64]int{0: 1200, 3 << 20: 1200, 6 << 20: 800, 12 << 20: 400, 24 << 20: 200, 48 << 20: 100, 96 << 20: 75, 1 << 30: 75} {
		if got := garbagePercent(live); got != want {
			t.Errorf("next to %d MiB, %d percent may be garbage, want %d", live>>20, got, want)
		}
	}
}
