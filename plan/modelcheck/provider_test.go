package modelcheck_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/resetplan/resetplan/providers"
)

// kind is the service in memory under the type of a built-in provider.
type kind struct {
	providers.Provider
	sm *simulation
}

func (k kind) Type() string {
	if k.sm.script.Setup.Kind == "online" {
		return "huawei-rocketmq"
	}
	return "kafka"
}

// Target returns a target with the address in the document. Its identity does not
// depend on the address.
func (k kind) Target(c providers.Config, decode func(any) error) (providers.Target, error) {
	var keys struct {
		Group, Topic string
		Partitions   []int
	}
	if err := decode(&keys); err != nil {
		return nil, err
	}
	t, err := k.Provider.Target(c, decode)
	if err != nil {
		return nil, err
	}
	var own struct{ BootstrapServers []string }
	_ = c.Decode(&own) // other types have other keys
	return named{t, address(keys.Group, len(own.BootstrapServers) > 1 || c.Endpoint != ""), keys.Group}, nil
}

func address(group string, otherAddress bool) string {
	if otherAddress {
		return "kafka:b0:9092,b1:9092/" + group + "/" + topic
	}
	return "kafka:b0:9092/" + group + "/" + topic
}

// named is a target with the address in the document.
type named struct {
	providers.Target
	address, group string
}

func (n named) Address() string { return n.address }

func (n named) SameGroup(o providers.Target) bool {
	other, ok := o.(named)
	return ok && n.Target.SameGroup(other.Target)
}

func (n named) Overlaps(o providers.Target) bool {
	other, ok := o.(named)
	return ok && n.Target.Overlaps(other.Target)
}

func (k kind) Connect(c providers.Config, env providers.Process) (providers.Connection, error) {
	conn, err := k.Provider.Connect(c, env)
	return &connection{conn, k.sm}, err
}

// A connection reports every call as an event.
type connection struct {
	providers.Connection
	sm *simulation
}

func (c *connection) Close() error { return nil }

func (c *connection) Read(ctx context.Context, reqs []providers.ReadRequest) []providers.Snapshot {
	err := c.sm.enter("read")
	own := make([]providers.ReadRequest, len(reqs))
	for i, q := range reqs {
		own[i] = q
		own[i].Target = q.Target.(named).Target
	}
	if err == nil {
		return c.Connection.Read(ctx, own)
	}
	out := make([]providers.Snapshot, len(reqs))
	for i := range out {
		out[i].Err = err
	}
	return out
}

// fault returns the error that a call returns, and whether the call takes effect.
func (sm *simulation) fault(call string) (effect bool, err error) {
	how, at, _ := strings.Cut(sm.command.Fault, "-")
	switch {
	case at == "second" && call == "reset" && sm.command.counts["send"] == 2:
		return false, &providers.Error{Provider: "model", Op: call, Kind: providers.ErrDenied, Message: "not permitted"}
	case at != call:
		return true, nil
	case how == "no":
		return false, &providers.Error{Provider: "model", Op: call, Kind: providers.ErrUnavailable, Message: "no connection"}
	}
	return how == "lose", &providers.Error{Provider: "model", Op: call, Kind: providers.ErrInDoubt, Message: "the answer was lost"}
}

func (c *connection) Reset(ctx context.Context, m providers.Move) (providers.Receipt, error) {
	if err := c.sm.enter("send"); err != nil {
		return providers.Receipt{}, err
	}
	group := m.Target.(named).group
	s := c.sm.sending(group, m)
	m.Target = m.Target.(named).Target
	effect, lost := c.sm.fault("reset")
	if !effect {
		return providers.Receipt{}, lost
	}
	receipt, err := c.Connection.Reset(ctx, m)
	if err == nil || errors.Is(err, providers.ErrInDoubt) {
		c.sm.sent(s)
	}
	if lost != nil {
		receipt, err = providers.Receipt{}, lost
	}
	if killed := c.sm.enter("sent"); killed != nil {
		return providers.Receipt{}, killed
	}
	return receipt, err
}

func (c *connection) Pause(ctx context.Context, t providers.Target) error {
	return c.sm.control("pause", "paused", func() error {
		group := t.(named).group
		if was := c.sm.service.Active(group); was {
			c.sm.paused[group] = c.sm.command.lock
		}
		return c.Connection.(providers.Pauser).Pause(ctx, t.(named).Target)
	})
}

func (c *connection) Start(ctx context.Context, t providers.Target, settings map[string]any) error {
	return c.sm.control("start", "started", func() error {
		delete(c.sm.paused, t.(named).group)
		return c.Connection.(providers.Pauser).Start(ctx, t.(named).Target, settings)
	})
}

func (sm *simulation) control(before, after string, do func() error) error {
	if err := sm.enter(before); err != nil {
		return err
	}
	effect, lost := sm.fault(before)
	if !effect {
		return lost
	}
	err := do()
	sm.log("  %s took effect", before)
	if lost != nil {
		err = lost
	}
	if killed := sm.enter(after); killed != nil {
		return killed
	}
	return err
}

func (sm *simulation) log(format string, args ...any) {
	sm.trace = append(sm.trace, sm.withoutFolder(fmt.Sprintf(format, args...)))
}

// withoutFolder removes the folder from a text, so that the text is the same in every
// run.
func (sm *simulation) withoutFolder(text string) string {
	return strings.ReplaceAll(text, sm.dir+"/", "")
}

func (sm *simulation) violated(name, format string, args ...any) {
	if ignored[name[:1]] {
		return
	}
	text := sm.withoutFolder(fmt.Sprintf("INVARIANT %s: %s", name, fmt.Sprintf(format, args...)))
	sm.wrong = append(sm.wrong, text)
	sm.log("  %s", text)
}

// ignored lists the numbers of invariants that are not checked.
var ignored = map[string]bool{}
