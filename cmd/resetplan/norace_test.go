//go:build !race

package main

// allocationFactor is 1: nothing but the command allocates.
const allocationFactor = 1

// lingering does nothing without the race detector.
func lingering(code int) int { return code }
