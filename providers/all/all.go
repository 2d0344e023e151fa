// Package all lists the providers that are built in. It is the only list, and
// written by hand.
package all

import (
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/kafka"
)

// Providers returns every provider, in the order in which people meet them.
func Providers() []providers.Provider {
	return []providers.Provider{
		kafka.New(),
	}
}
