package plan

import (
	"context"

	"github.com/resetplan/resetplan/providers"
)

// What a service answers may repeat the request that it refuses, key and
// signature too. Here, where every answer enters the core, such texts lose each
// value that the process knows for a secret: nothing below can then show it, or
// write it into a lock.

// Read reads without secrets.
func (c *connection) Read(ctx context.Context, reqs []providers.ReadRequest) []providers.Snapshot {
	out := c.Connection.Read(ctx, reqs)
	for i := range out {
		c.secrets.HideSnapshot(&out[i])
	}
	return out
}

// Reset resets without secrets.
func (c *connection) Reset(ctx context.Context, m providers.Move) (providers.Receipt, error) {
	receipt, err := c.Connection.Reset(ctx, m)
	c.secrets.HideReceipt(&receipt)
	return receipt, c.secrets.HideError(err)
}

var _ providers.Connection = (*connection)(nil)
