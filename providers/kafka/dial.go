package kafka

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/resetplan/resetplan/providers/internal/neterr"
)

// A dialer opens connections. If the document names several servers, one that
// cannot be reached, or that accepts and never answers, leaves time for the
// next within the timeout of one call.
type dialer struct {
	timeout time.Duration // of one call
	servers int
	tls     *tls.Config // nil = plain text
	reach   func(address string) error
}

// patience is how long a server may take to respond for the first time.
func (d dialer) patience() time.Duration {
	if d.servers < 2 {
		return d.timeout
	}
	return d.timeout / time.Duration(d.servers+1)
}

func (d dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if err := d.reach(address); err != nil { // a broker that the cluster advertises, too
		return nil, err
	}
	plain := &net.Dialer{Timeout: d.patience()}
	open := plain.DialContext
	if d.tls != nil {
		config := d.tls.Clone()
		if config.ServerName == "" {
			host, _, err := net.SplitHostPort(address)
			if err != nil {
				return nil, fmt.Errorf("address %s: %w", address, err)
			}
			config.ServerName = host
		}
		open = (&tls.Dialer{NetDialer: plain, Config: config}).DialContext
	}
	c, err := open(ctx, network, address)
	if err != nil {
		return nil, &neterr.Error{Address: address, Err: err}
	}
	return &fresh{Conn: c, less: d.timeout - d.patience()}, nil
}

// fresh is a connection of which the first answer is due sooner than the
// client thinks.
type fresh struct {
	net.Conn
	less  time.Duration
	heard atomic.Bool
}

// SetReadDeadline moves the deadline forward until the server was heard of.
func (f *fresh) SetReadDeadline(at time.Time) error {
	if !at.IsZero() && !f.heard.Load() {
		at = at.Add(-f.less)
	}
	return f.Conn.SetReadDeadline(at)
}

func (f *fresh) Read(b []byte) (int, error) {
	n, err := f.Conn.Read(b)
	if n > 0 {
		f.heard.Store(true)
	}
	return n, err
}
