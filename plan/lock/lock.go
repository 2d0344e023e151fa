// Package lock keeps the proof of what was done: the lock file, its journal
// and the hold on both.
//
// TODO by author: package comment and implementation.
package lock
