package operator

import (
	"fmt"
	"net"
	"slices"
	"sync"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema/literal"
)

// A Gate decides which addresses may be contacted, and remembers what it has refused:
// a client may hide the reason of a failure behind its own. Its methods may be called
// from several goroutines.
type Gate struct {
	file  string
	globs []literal.HostGlob
	any   bool

	mu      sync.Mutex
	refused []string
}

// Gate returns the gate of the configuration.
func (c *Configuration) Gate() *Gate {
	g := &Gate{file: c.File, any: c.Allow.Hosts == nil}
	for _, written := range c.Allow.Hosts {
		if glob, reason, _ := literal.ParseHostGlob(written); reason == "" {
			g.globs = append(g.globs, glob)
		}
	}
	return g
}

// Reach returns an error of kind providers.ErrForbidden if a provider may not contact
// an address, host:port.
func (g *Gate) Reach(address string) error {
	host, port, err := net.SplitHostPort(address)
	if g.any || err == nil && slices.ContainsFunc(g.globs, func(h literal.HostGlob) bool { return h.Match(host, port) }) {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if !slices.Contains(g.refused, address) {
		g.refused = append(g.refused, address)
	}
	return g.refusal(address)
}

// Refused returns the error of the first address that was refused, nil if none was.
func (g *Gate) Refused() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.refused) == 0 {
		return nil
	}
	return g.refusal(g.refused[0])
}

func (g *Gate) refusal(address string) error {
	return &providers.Error{Kind: providers.ErrForbidden, Message: fmt.Sprintf(
		"%s was not contacted: allow.hosts in %s does not permit it; only the operator of that file can add it", text.Safe(address), text.Safe(g.file))}
}
