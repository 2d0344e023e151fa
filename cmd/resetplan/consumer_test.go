package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// standInConsumer is a consumer that a workload of a scenario runs. It writes each record
// that it reads, "partition offset", commits it, and leaves its group when it is stopped.
// With a pause it reads one record at a time, and waits that long after each.
func standInConsumer(args []string) int {
	if len(args) < 4 {
		fmt.Fprintln(os.Stderr, "usage: consumer ADDRESS GROUP TOPIC FILE [PAUSE]")
		return 2
	}
	most, pause := 0, time.Duration(0)
	if len(args) > 4 {
		var err error
		if pause, err = time.ParseDuration(args[4]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 2
		}
		most = 1
	}
	read, err := os.OpenFile(args[3], os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer read.Close()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	client, err := kgo.NewClient(kgo.SeedBrokers(args[0]), kgo.ConsumerGroup(args[1]), kgo.ConsumeTopics(args[2]), kgo.DisableAutoCommit(),
		kgo.HeartbeatInterval(100*time.Millisecond), kgo.MetadataMinAge(50*time.Millisecond))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer client.Close()
	for ctx.Err() == nil {
		client.PollRecords(ctx, most).EachRecord(func(r *kgo.Record) { fmt.Fprintln(read, r.Partition, r.Offset) })
		if err := client.CommitUncommittedOffsets(context.WithoutCancel(ctx)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
	return 0
}
