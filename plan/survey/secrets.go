package survey

import (
	"context"
	"fmt"

	"github.com/resetplan/resetplan/providers"
)

// An answer may repeat the request that the service refuses, including key and
// signature. This file is the only point at which answers enter the core: each
// value that the process knows as a secret is replaced here, so that no later code
// can show it or write it into a lock. The optional interfaces of a connection are
// reached only through the methods below.

// Read reads, and removes secrets from the answer.
func (c *Connection) Read(ctx context.Context, reqs []providers.ReadRequest) []providers.Snapshot {
	out := c.Connection.Read(ctx, reqs)
	for i := range out {
		c.secrets.HideSnapshot(&out[i])
	}
	return out
}

// Reset resets, and removes secrets from the answer.
func (c *Connection) Reset(ctx context.Context, m providers.Move) (providers.Receipt, error) {
	receipt, err := c.Connection.Reset(ctx, m)
	c.secrets.HideReceipt(&receipt)
	return receipt, c.secrets.HideError(err)
}

// Identifier returns the connection as an Identifier, if it is one.
func (c *Connection) Identifier() (providers.Identifier, bool) {
	inner, ok := c.Connection.(providers.Identifier)
	return redactingIdentifier{inner, c.secrets}, ok
}

// Lister returns the connection as a Lister, if it is one.
func (c *Connection) Lister() (providers.Lister, bool) {
	inner, ok := c.Connection.(providers.Lister)
	return redactingLister{inner, c.secrets}, ok
}

// Sizer returns the connection as a Sizer, if it is one.
func (c *Connection) Sizer() (providers.Sizer, bool) {
	inner, ok := c.Connection.(providers.Sizer)
	return redactingSizer{inner, c.secrets}, ok
}

// Pauser returns the connection as a Pauser, if it is one.
func (c *Connection) Pauser() (providers.Pauser, bool) {
	inner, ok := c.Connection.(providers.Pauser)
	return redactingPauser{inner, c.secrets}, ok
}

// Observer returns the connection as an Observer, if it is one.
func (c *Connection) Observer() (providers.Observer, bool) {
	inner, ok := c.Connection.(providers.Observer)
	return redactingObserver{redactingPauser{inner, c.secrets}, inner}, ok
}

type redactingIdentifier struct {
	inner   providers.Identifier
	secrets *providers.Secrets
}

// Identify refuses an id that repeats a credential: the id becomes the target's
// key in the lock, so it cannot be hidden there.
func (d redactingIdentifier) Identify(ctx context.Context, t providers.Target) (providers.Target, error) {
	same, err := d.inner.Identify(ctx, t)
	if err != nil {
		return same, d.secrets.HideError(err)
	}
	if d.secrets.Hide(same.Identity()) != same.Identity() && d.secrets.Hide(t.Identity()) == t.Identity() {
		return t, fmt.Errorf("%w: the id that the service reports for %s contains a credential of this program; check the endpoint",
			providers.ErrInvalid, t.Address())
	}
	return same, nil
}

type redactingLister struct {
	inner   providers.Lister
	secrets *providers.Secrets
}

// Names does not change the names: a reset needs them exactly.
func (d redactingLister) Names(ctx context.Context, key string, within map[string]string) ([]string, error) {
	names, err := d.inner.Names(ctx, key, within)
	return names, d.secrets.HideError(err)
}

type redactingSizer struct {
	inner   providers.Sizer
	secrets *providers.Secrets
}

func (d redactingSizer) Size(ctx context.Context, reqs []providers.SizeRequest) []providers.Size {
	out := d.inner.Size(ctx, reqs)
	for i := range out {
		out[i].Err = d.secrets.HideError(out[i].Err)
	}
	return out
}

type redactingPauser struct {
	inner   providers.Pauser
	secrets *providers.Secrets
}

func (d redactingPauser) Pause(ctx context.Context, t providers.Target) error {
	return d.secrets.HideError(d.inner.Pause(ctx, t))
}

func (d redactingPauser) Start(ctx context.Context, t providers.Target, settings map[string]any) error {
	return d.secrets.HideError(d.inner.Start(ctx, t, settings))
}

type redactingObserver struct {
	redactingPauser
	observer providers.Observer
}

func (d redactingObserver) Observe(ctx context.Context, t providers.Target) ([]providers.Sum, error) {
	out, err := d.observer.Observe(ctx, t)
	for i := range out {
		out[i].Topic = d.secrets.Hide(out[i].Topic)
	}
	return out, d.secrets.HideError(err)
}

var _ providers.Connection = (*Connection)(nil)
