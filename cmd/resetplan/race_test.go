//go:build race

package main

// allocationFactor is how much more a command may allocate with the race detector, which
// empties pools at random.
const allocationFactor = 12
