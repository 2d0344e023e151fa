package main

import (
	"context"
	"fmt"
	"os"
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
	rounds     int
}

// The programs that are compared, in the order of the table.
const (
	theTool = "kafka-consumer-groups"
	theBare = "bare protocol"
	theOurs = "resetplan"
)

// A result is a task's figures, by program.
type result struct {
	task     task
	figures  map[string]figure // medians
	requests map[string]int    // Kafka's requests of one run
}

// commands are the programs' command lines for a task.
func (b *bench) commands(t task, bootstrap string) map[string][]string {
	all := map[string][]string{
		theTool: b.broker.ToolCommand(bootstrap, theTool, t.tool...).Args,
		theOurs: append([]string{b.ours}, t.ours...),
	}
	if t.bare != nil {
		all[theBare] = append([]string{b.self, "bare", bootstrap}, t.bare...)
	}
	return all
}

// warmth is how often the quick programs do a task before it is measured: a
// broker that has just started is busy compiling itself, on the cores that
// all of them need.
const warmth = 40

// measureTask measures a task: the programs in turns, on a warm broker and after one
// turn more, and then once through the proxy, which counts.
func (b *bench) measureTask(ctx context.Context, w *work, t task) (result, error) {
	r := result{task: t, figures: map[string]figure{}, requests: map[string]int{}}
	for range warmth {
		quick := b.commands(t, b.broker.Addresses.Plain)
		delete(quick, theTool)
		for _, command := range quick {
			if _, err := b.once(ctx, w, t, b.broker.Addresses.Plain, command); err != nil {
				return r, err
			}
		}
	}
	all := map[string][]figure{}
	for round := range b.rounds + 1 {
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
		r.figures[program] = median(figures)
	}
	if !t.requests {
		return r, nil
	}
	for program, command := range b.commands(t, b.broker.Addresses.Proxied) {
		b.broker.Proxy.ResetCounts()
		if _, err := b.once(ctx, w, t, b.broker.Addresses.Proxied, command); err != nil {
			return r, err
		}
		for _, n := range b.broker.Proxy.Counts() {
			r.requests[program] += n
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
	f, err := b.measure(ctx, command)
	if err != nil {
		return f, err
	}
	if err := w.checkPositions(ctx, b, t.writes); err != nil {
		return f, fmt.Errorf("after %s: %w", abridged(command), err)
	}
	if t.writes {
		return f, w.rewind(ctx, b)
	}
	return f, nil
}
