package aliyunkafka

import (
	"slices"
	"strings"

	"github.com/resetplan/resetplan/providers"
)

// group returns where a group stands, and itself as missing where there is no
// such group. What has neither commits nor a state is looked for in the list:
// the service tells of groups that nobody made.
func (r *reading) group(name string) (*progress, []providers.Missing, error) {
	p, err := r.progress(name)
	switch {
	case isUnknown(err, "group"):
		p = &progress{}
	case err != nil:
		return nil, nil, err
	case p.standing() == providers.Committed || p.activity().State != providers.UnknownState && spelled(p.state) != "DEAD":
		return p, nil, nil
	}
	known, err := r.groups()
	if err != nil || slices.Contains(known, name) {
		return p, nil, err
	}
	return p, []providers.Missing{{What: "group", Name: name, Known: known}}, nil
}

// committed is where the group stands on a part. What the service leaves out
// was never committed.
func (p *progress) committed(part providers.Part) providers.Position {
	at, listed := p.commits[part.Topic][part.Number]
	if !listed {
		return providers.At(providers.Unset)
	}
	return at
}

func (p *progress) standing() providers.Standing {
	for _, parts := range p.commits {
		for _, at := range parts {
			if at.Kind() != providers.Unset {
				return providers.Committed
			}
		}
	}
	return providers.Blank
}

// activity tells whether consumers are at work, by the state that the service
// passes on from the broker. Members that it names are at work whatever the
// state says: a broker calls a group of Kafka's newer protocol dead.
func (p *progress) activity() providers.Activity {
	a := providers.Activity{Why: p.state, Members: p.members}
	switch spelled(p.state) {
	case "STABLE", "PREPARINGREBALANCE", "COMPLETINGREBALANCE":
		a.State = providers.Active
	case "EMPTY", "DEAD":
		a.State = providers.Idle
	case "":
		a.Why = "this instance does not tell the group's state"
	}
	if a.State != providers.Active && len(p.members) > 0 {
		a.State, a.Why = providers.Active, a.Why+", yet it names members"
	}
	return a
}

// spelled brings a state into one spelling: the service writes
// PREPARING_REBALANCE, Kafka PreparingRebalance.
func spelled(state string) string {
	return strings.ToUpper(strings.ReplaceAll(state, "_", ""))
}
