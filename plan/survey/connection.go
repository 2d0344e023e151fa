package survey

import (
	"fmt"
	"slices"
	"sync"

	"github.com/resetplan/resetplan/providers"
)

// A Connection is a provider's connection with its capabilities and its secrets.
type Connection struct {
	mu                   sync.Mutex
	providers.Connection // nil until it is opened
	Kind                 providers.Provider
	Config               providers.Config
	Caps                 providers.Capabilities
	Shared               bool               // it is a connection of the operator's configuration
	own                  []string           // variables that the operator's configuration names for it
	secrets              *providers.Secrets // values that must not be shown
}

// Open connects, unless it is already connected. It does not use the network.
func (c *Connection) Open(name string, env providers.Process) (err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.secrets = env.Secrets
	env.AllowEnv = slices.Concat(env.AllowEnv, c.own)
	if c.Connection == nil {
		if c.Connection, err = c.Kind.Connect(c.Config, env); err != nil {
			return fmt.Errorf("provider %s: %w", name, c.secrets.HideError(err))
		}
	}
	return nil
}
