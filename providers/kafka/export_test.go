package kafka

import "github.com/resetplan/resetplan/providers"

// Waiting returns the number of steps that wait to be read back.
func Waiting(c providers.Connection) int {
	t := &c.(*connection).together
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.waiting)
}
