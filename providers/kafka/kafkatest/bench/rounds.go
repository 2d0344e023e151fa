package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/resetplan/resetplan/providers/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kadm"
)

// A bench holds what all works share.
type bench struct {
	broker     *kafkatest.Broker
	admin      *kadm.Client
	dir        string // working folder of what is measured
	self, ours string // this program and resetplan
	kcl        string // "" = it is not installed
	rounds     int
	quick      bool           // Kafka's own tool is left out
	counts     map[string]int // Kafka's requests of the last run through the proxy
	lock       int64          // the size of the largest lock
}

// The programs that are compared, in the order of the table.
const (
	theTool = "kafka-consumer-groups"
	theKcl  = "kcl"
	theBare = "bare protocol"
	theOurs = "resetplan"
)

// findKcl returns the path of kcl, from PEER_KCL or the folders of PATH; "" if it is not
// installed.
func findKcl() string {
	if path := os.Getenv("PEER_KCL"); path != "" {
		return path
	}
	path, err := exec.LookPath(theKcl)
	if err != nil {
		return ""
	}
	return path
}

// A result is a task's figures, by program.
type result struct {
	task     task
	figures  map[string]spread
	requests map[string]map[string]int // Kafka's requests of one run, by kind
}

// sent is the number of requests of one run of a program.
func (r result) sent(program string) (all int) {
	for _, n := range r.requests[program] {
		all += n
	}
	return all
}

// commands are the programs' command lines for a task.
func (b *bench) commands(t task, bootstrap string) map[string][]string {
	all := map[string][]string{theOurs: append([]string{b.ours}, t.ours...)}
	if t.tool != nil && !b.quick {
		all[theTool] = b.broker.ToolCommand(bootstrap, theTool, t.tool...).Args
	}
	if t.kcl != nil && b.kcl != "" {
		all[theKcl] = append([]string{b.kcl, "--no-config", "-X", "seed_brokers=" + bootstrap}, t.kcl...)
	}
	if t.bare != nil {
		all[theBare] = append([]string{b.self, "bare", bootstrap}, t.bare...)
	}
	return all
}

// warmth is how often the quick programs do a task before it is measured: a
// broker that has just started is busy compiling itself, on the cores that
// all of them need.
const warmth = 10

// warmth returns how often a work is done before it is measured.
func (w *work) warmth() int {
	if w.large {
		return 1
	}
	return warmth
}

// measureTask measures a task: the programs in turns, on a warm broker and after one
// turn more, and then once through the proxy, which counts. Without rounds, that one run
// is what is measured.
func (b *bench) measureTask(ctx context.Context, w *work, t task) (result, error) {
	r := result{task: t, figures: map[string]spread{}, requests: map[string]map[string]int{}}
	warm, rounds := w.warmth(), b.rounds+1
	if b.rounds == 0 {
		warm, rounds = 0, 0
	}
	for range warm {
		quick := b.commands(t, b.broker.Addresses.Plain)
		delete(quick, theTool)
		for _, command := range quick {
			if _, err := b.once(ctx, w, t, b.broker.Addresses.Plain, command); err != nil {
				return r, err
			}
		}
	}
	all := map[string][]figure{}
	for round := range rounds {
		for program, command := range b.commands(t, b.broker.Addresses.Plain) {
			f, err := b.once(ctx, w, t, b.broker.Addresses.Plain, command)
			if err != nil {
				return r, err
			}
			if round > 0 {
				all[program] = append(all[program], f)
			}
		}
	}
	for program, figures := range all {
		r.figures[program] = spreadOf(figures)
	}
	if !t.requests {
		return r, nil
	}
	for program, command := range b.commands(t, b.broker.Addresses.Proxied) {
		f, err := b.once(ctx, w, t, b.broker.Addresses.Proxied, command)
		if err != nil {
			return r, err
		}
		if r.requests[program] = b.counts; b.rounds == 0 {
			r.figures[program] = spreadOf([]figure{f})
		}
	}
	return r, nil
}

// once runs one program from the same start as all others, and checks that
// it did what it was to do and nothing else.
func (b *bench) once(ctx context.Context, w *work, t task, bootstrap string, command []string) (figure, error) {
	if err := os.WriteFile(filepath.Join(b.dir, w.file()), []byte(w.plan(bootstrap)), 0o600); err != nil {
		return figure{}, err
	}
	if t.after != nil {
		if _, err := b.measure(ctx, append([]string{command[0]}, t.after...)); err != nil {
			return figure{}, err
		}
	}
	b.broker.Proxy.ResetCounts()
	f, err := b.measure(ctx, command)
	if err != nil {
		return f, err
	}
	b.counts = b.broker.Proxy.Counts()
	if err := w.checkPositions(ctx, b, t.writes); err != nil {
		return f, fmt.Errorf("after %s: %w", abridged(command), err)
	}
	if t.writes {
		b.lock = max(b.lockSize(w), b.lock)
		return f, w.rewind(ctx, b)
	}
	return f, nil
}
