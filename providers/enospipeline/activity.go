package enospipeline

import (
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/enospipeline/internal/api"
)

// The documented statuses.
const (
	running   = "RUNNING"
	paused    = "PAUSED"
	stopped   = "STOPPED"
	published = "PUBLISHED"
)

func statusOf(p api.Pipeline) string { return strings.ToUpper(strings.TrimSpace(p.Status)) }

// activity reports whether a pipeline reads its topic. A released pipeline that
// was never started does not; from an undocumented status nothing is concluded.
func activity(p api.Pipeline) providers.Activity {
	a := providers.Activity{Why: statusOf(p)}
	switch a.Why {
	case running:
		a.State = providers.Active
		a.Members = []providers.Member{{ID: p.ID, Client: p.Name}}
	case paused, stopped, published:
		a.State = providers.Idle
	case "":
		a.Why = "EnOS reports no status"
	}
	return a
}
