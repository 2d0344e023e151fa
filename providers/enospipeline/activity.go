package enospipeline

import (
	"strings"

	"github.com/resetplan/resetplan/providers"
)

// The statuses that are documented.
const (
	running   = "RUNNING"
	paused    = "PAUSED"
	stopped   = "STOPPED"
	published = "PUBLISHED"
)

func statusOf(p pipeline) string { return strings.ToUpper(strings.TrimSpace(p.Status)) }

// activity tells whether a pipeline reads its topic. A released pipeline that
// was never started does not; of a status that is not documented nothing is
// concluded.
func activity(p pipeline) providers.Activity {
	a := providers.Activity{Why: statusOf(p)}
	switch a.Why {
	case running:
		a.State = providers.Active
		a.Members = []providers.Member{{ID: p.ID, Client: p.Name}}
	case paused, stopped, published:
		a.State = providers.Idle
	case "":
		a.Why = "EnOS tells no status"
	}
	return a
}
