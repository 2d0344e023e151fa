//go:build !race

package main

// allocationFactor is 1: nothing but the command allocates.
const allocationFactor = 1
