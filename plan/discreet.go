package plan

import (
	"context"

	"github.com/resetplan/resetplan/providers"
)

// An answer may repeat the request that the service refuses, including key and
// signature. Every answer enters the core here, and each value that the process
// knows as a secret is replaced, so that nothing can show it or write it into a
// lock.

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
