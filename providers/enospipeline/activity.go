package enospipeline

import (
	"fmt"
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

// starting is not documented: a service that changes states slowly may report it.
const starting = "STARTING"

func statusOf(p api.Pipeline) string { return strings.ToUpper(strings.TrimSpace(p.Status)) }

// activity reports whether a pipeline reads its topic. From a status other than these
// three, nothing is concluded.
func activity(p api.Pipeline) providers.Activity {
	a := providers.Activity{Why: statusOf(p)}
	switch a.Why {
	case running:
		a.State = providers.Active
		a.Members = []providers.Member{{ID: p.ID, Client: p.Name}}
	case paused, stopped:
		a.State = providers.Idle
	case "":
		a.Why = "EnOS reports no status"
	}
	return a
}

// between reports whether a status is between two others: STARTING, PAUSING, STOPPING.
func between(status string) bool { return status != running && strings.HasSuffix(status, "ING") }

// broken reports whether a pipeline does not get out of a status by itself, such as
// FAILED.
func broken(status string) bool {
	return unready(status) != "" && status != published && !between(status)
}

// unready returns why a pipeline in a status cannot be reset, and what to do; "" if it
// can, or if no status is reported. The manual documents a reset only for paused and
// stopped pipelines, and a pause only for running ones.
func unready(status string) string {
	switch {
	case status == running, status == paused, status == stopped, status == "":
		return ""
	case status == published:
		return "the pipeline is PUBLISHED: it was released and has not been started since, and EnOS resets only pipelines that are PAUSED or STOPPED; " +
			"start it, pause it, then run plan again"
	case between(status):
		return fmt.Sprintf("the pipeline is %s, between two states, and EnOS resets only pipelines that are PAUSED or STOPPED; "+
			"wait until that is over, then run plan again", status)
	}
	return fmt.Sprintf("the pipeline is %s, and EnOS resets only pipelines that are PAUSED or STOPPED; "+
		"pause or stop it in the console under Stream Processing, Stream Operation, then run plan again", status)
}
