package modelcheck_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/resetplan/resetplan/providers"
)

// kind is the service in memory under the name of one that documents know.
type kind struct {
	providers.Provider
	w *world
}

func (k kind) Type() string {
	if k.w.script.Setup.Kind == "online" {
		return "huawei-rocketmq"
	}
	return "kafka"
}

// Target gives the target the address that the document spells; what it is
// does not depend on that.
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
	_ = c.Decode(&own) // other keys are the other kind's
	return named{t, address(keys.Group, len(own.BootstrapServers) > 1 || c.Endpoint != ""), keys.Group}, nil
}

func address(group string, respelt bool) string {
	if respelt {
		return "kafka:b0:9092,b1:9092/" + group + "/" + topic
	}
	return "kafka:b0:9092/" + group + "/" + topic
}

// named is a target with an address of its own.
type named struct {
	providers.Target
	address, group string
}

func (n named) Address() string { return n.address }

func (n named) Overlaps(o providers.Target) bool {
	other, ok := o.(named)
	return ok && n.Target.Overlaps(other.Target)
}

func (k kind) Connect(c providers.Config, env providers.Process) (providers.Connection, error) {
	conn, err := k.Provider.Connect(c, env)
	return &wire{conn, k.w}, err
}

// A wire is a connection on which everything is an event.
type wire struct {
	providers.Connection
	w *world
}

func (c *wire) Close() error { return nil }

func (c *wire) Read(ctx context.Context, reqs []providers.ReadRequest) []providers.Snapshot {
	err := c.w.enter("read")
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

// fault returns the error that a call is to meet, and whether it has its effect.
func (c *wire) fault(call string) (effect bool, err error) {
	how, at, _ := strings.Cut(c.w.command.Fault, "-")
	switch {
	case at != call:
		return true, nil
	case how == "no":
		return false, &providers.Error{Provider: "model", Op: call, Kind: providers.ErrUnavailable, Message: "no connection"}
	}
	return how == "lose", &providers.Error{Provider: "model", Op: call, Kind: providers.ErrInDoubt, Message: "the answer was lost"}
}

func (c *wire) Reset(ctx context.Context, m providers.Move) (providers.Receipt, error) {
	if err := c.w.enter("send"); err != nil {
		return providers.Receipt{}, err
	}
	group := m.Target.(named).group
	s := c.w.sending(group, m)
	m.Target = m.Target.(named).Target
	effect, lost := c.fault("reset")
	if !effect {
		return providers.Receipt{}, lost
	}
	receipt, err := c.Connection.Reset(ctx, m)
	if err == nil || errors.Is(err, providers.ErrInDoubt) {
		c.w.sent(s)
	}
	if lost != nil {
		receipt, err = providers.Receipt{}, lost
	}
	if killed := c.w.enter("sent"); killed != nil {
		return providers.Receipt{}, killed
	}
	return receipt, err
}

func (c *wire) Pause(ctx context.Context, t providers.Target) error {
	return c.control("pause", "paused", func() error {
		group := t.(named).group
		if was := c.w.service.Active(group); was {
			c.w.paused[group] = c.w.command.lock
		}
		return c.Connection.(providers.Pauser).Pause(ctx, t.(named).Target)
	})
}

func (c *wire) Start(ctx context.Context, t providers.Target, settings map[string]any) error {
	return c.control("start", "started", func() error {
		delete(c.w.paused, t.(named).group)
		return c.Connection.(providers.Pauser).Start(ctx, t.(named).Target, settings)
	})
}

func (c *wire) control(before, after string, do func() error) error {
	if err := c.w.enter(before); err != nil {
		return err
	}
	effect, lost := c.fault(before)
	if !effect {
		return lost
	}
	err := do()
	c.w.log("  %s took effect", before)
	if lost != nil {
		err = lost
	}
	if killed := c.w.enter(after); killed != nil {
		return killed
	}
	return err
}

func (w *world) log(format string, args ...any) {
	w.trace = append(w.trace, w.anywhere(fmt.Sprintf(format, args...)))
}

// anywhere leaves the folder out of a text, so that it is the same in every run.
func (w *world) anywhere(text string) string { return strings.ReplaceAll(text, w.dir+"/", "") }

func (w *world) violated(name, format string, args ...any) {
	if ignored[name[:1]] {
		return
	}
	text := w.anywhere(fmt.Sprintf("INVARIANT %s: %s", name, fmt.Sprintf(format, args...)))
	w.wrong = append(w.wrong, text)
	w.log("  %s", text)
}

// ignored are the numbers of invariants that a survey passes over.
var ignored = map[string]bool{}
