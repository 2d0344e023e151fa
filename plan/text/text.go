// Package text formats text for people and for other programs: numbers, times and
// sentences, ranges of partitions, and foreign text (names and messages from services,
// plans and files) for a terminal, a shell or YAML. It also matches names against
// globs. Each of these is implemented only here.
//
// The invariant: foreign text is written so that every character is visible and none
// of them controls a terminal, breaks a line or changes the writing direction. The
// package imports nothing of this module.
package text
