package kafka

import (
	"time"

	"github.com/resetplan/resetplan/providers"
)

// Failed returns the error of a failed request.
func Failed(op string, err error) error { return failed(op, err) }

// Waiting returns the number of steps that wait to be read back.
func Waiting(c providers.Connection) int {
	t := &c.(*connection).together
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.waiting)
}

// StopClock stops the clock of a connection, so that nothing that it has read becomes too
// old, however busy the machine is.
func StopClock(c providers.Connection) {
	own := c.(*connection)
	at := own.now()
	own.now = func() time.Time { return at }
}
