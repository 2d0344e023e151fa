//go:build integration && linux && amd64

package objects

import (
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan/lock/internal/store"
	"github.com/resetplan/resetplan/plan/lock/internal/store/storetest"
	"github.com/resetplan/resetplan/plan/lock/locktest"
)

// TestIntegrationRealServersConform runs the suite of stores on servers that other
// projects wrote.
func TestIntegrationRealServersConform(t *testing.T) {
	for scheme, start := range locktest.Servers {
		t.Run(scheme, func(t *testing.T) {
			server := start(t)
			use(t, server)
			storetest.Run(t, func(t *testing.T) storetest.Place {
				w, open := newShifted(t, server.URL(server.Address, strings.ReplaceAll(t.Name(), "/", "-")))
				return storetest.Place{Open: func() store.Store { return open() }, Crash: w.end, Lose: w.end}
			})
		})
	}
}

// use sets the variables of a server.
func use(t *testing.T, server *locktest.Server) {
	t.Helper()
	for _, v := range server.Env(server.Address) {
		name, value, _ := strings.Cut(v, "=")
		t.Setenv(name, value)
	}
}
