package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/resetplan/resetplan/providers/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// crowded are the groups that are reset while a node is down.
const crowded = 1000

// failover applies a reset of many groups on several nodes, kills one after a third of
// them and starts it again, applies until nothing is left, and counts in the log of the
// commits how often each partition of each group was set to its target.
func failover(ctx context.Context, ours string, nodes int) error {
	dir, err := os.MkdirTemp("", "resetplan-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	cluster, err := kafkatest.LaunchCluster(ctx, nodes, kafkatest.Options{JVM: []string{"-Xmx512m"}})
	if err != nil {
		return err
	}
	var seeds []string
	for _, b := range cluster {
		defer b.Close()
		seeds = append(seeds, b.Addresses.Plain)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(seeds...))
	if err != nil {
		return err
	}
	defer client.Close()
	// Groups before the end of the log: a commit of which the answer was lost, and that is not
	// found, is then known not to have taken effect.
	w := &work{name: "crowd", groups: crowded, partitions: 12, records: 20, behind: 5}
	b := &bench{broker: cluster[0], admin: kadm.NewClient(client), dir: dir, ours: ours}
	topic := kafkatest.Topic{Name: w.topic(), Partitions: w.partitions, Records: w.records, Replicas: int16(min(nodes, 3))}
	if err := cluster[0].Seed(ctx, topic); err != nil {
		return err
	}
	if err := w.rewind(ctx, b); err != nil {
		return err
	}
	plan := w.plan(seeds[0])
	if err := os.WriteFile(filepath.Join(dir, w.file()), []byte(plan+"onError: continue\n"), 0o600); err != nil {
		return err
	}
	applies, err := b.applyUntilDone(ctx, w, cluster[nodes-1])
	if err != nil {
		return err
	}
	if err := w.checkPositions(ctx, b, true); err != nil {
		return err
	}
	effects, err := countCommits(ctx, seeds, w)
	if err != nil {
		return err
	}
	return judgeEffects(effects, w, nodes, applies)
}

// applyUntilDone applies a work and kills a node during the first apply. It returns the
// number of applies until one has nothing left to do.
func (b *bench) applyUntilDone(ctx context.Context, w *work, victim *kafkatest.Broker) (int, error) {
	const most = 10
	for n := range most {
		cmd := exec.CommandContext(ctx, b.ours, "apply", w.file(), "--auto-approve", "--parallelism", inFlight) //nolint:gosec // it is what is measured
		cmd.Dir = b.dir
		var out strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			return 0, err
		}
		killed := make(chan error, 1)
		if n == 0 {
			go func() { killed <- b.killAfterAThird(ctx, w, victim) }()
		} else {
			killed <- nil
		}
		err := cmd.Wait()
		if failed := <-killed; failed != nil {
			return 0, failed
		}
		fmt.Fprintf(os.Stderr, "bench: apply %d: %v\n", n+1, cmd.ProcessState)
		if err == nil {
			return n + 1, nil
		}
		if n == most-1 {
			return 0, fmt.Errorf("after %d applies: %w; the output of the last:\n%s", most, err, out.String())
		}
	}
	return 0, errors.New("no apply was started")
}

// killAfterAThird kills a node once a third of the groups are at their target, and starts
// it again.
func (b *bench) killAfterAThird(ctx context.Context, w *work, victim *kafkatest.Broker) error {
	for {
		read := b.admin.FetchManyOffsets(ctx, w.group(crowded/3))
		if o, ok := read[w.group(crowded/3)].Fetched.Lookup(w.topic(), 0); ok && o.At == 0 {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
	victim.Kill()
	fmt.Fprintln(os.Stderr, "bench: a node was killed")
	return victim.Restart(ctx)
}

// countCommits reads the log of all commits, and counts those that set a partition of a
// group of the work to its target.
func countCommits(ctx context.Context, seeds []string, w *work) (map[string]int, error) {
	const commitsTopic = "__consumer_offsets"
	client, err := kgo.NewClient(kgo.SeedBrokers(seeds...), kgo.ConsumeTopics(commitsTopic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		return nil, err
	}
	defer client.Close()
	ends, err := kadm.NewClient(client).ListEndOffsets(ctx, commitsTopic)
	if err != nil {
		return nil, err
	}
	left := map[int32]int64{} // the end of each partition that is not read to its end
	ends.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 {
			left[o.Partition] = o.Offset
		}
	})
	effects := map[string]int{}
	for len(left) > 0 {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			return nil, err
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if r.Offset+1 >= left[r.Partition] {
				delete(left, r.Partition)
			}
			var key kmsg.OffsetCommitKey
			var value kmsg.OffsetCommitValue
			if key.ReadFrom(r.Key) != nil || key.Version > 1 || value.ReadFrom(r.Value) != nil || key.Topic != w.topic() || value.Offset != 0 {
				return
			}
			effects[fmt.Sprintf("%s/%d", key.Group, key.Partition)]++
		})
	}
	return effects, nil
}

// judgeEffects prints how often each target was set, and fails unless it was once.
func judgeEffects(effects map[string]int, w *work, nodes, applies int) error {
	twice := 0
	for _, n := range effects {
		if n > 1 {
			twice++
		}
	}
	want := w.groups * int(w.partitions)
	fmt.Printf("%d nodes on loopback, one killed and restarted during the apply of %d groups × %d partitions: %d of %d positions were set, "+
		"%d of them more than once; %d applies until nothing was left.\n", nodes, w.groups, w.partitions, len(effects), want, twice, applies)
	if twice > 0 || len(effects) != want {
		return errors.New("the effects are not as planned")
	}
	return nil
}
