package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// asked waits until the broker has received a request, so that a script knows how
// far the program has come.
func (s *scene) asked(name string) error {
	for range 200 {
		if s.Requests(name) > 0 {
			time.Sleep(200 * time.Millisecond) // for the response to be handled
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("no request %s arrived", name)
}

// consume reads as a member of a group, from its commits to the end.
func consume(ctx context.Context, address, group, topic, rate string) error {
	pace, err := strconv.Atoi(rate)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(address), kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.ClientID("scripted-consumer"),
		kgo.DisableAutoCommit())
	if err != nil {
		return err
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	for {
		records := client.PollRecords(ctx, max(pace/5, 1)).Records()
		if err := client.CommitRecords(ctx, records...); err != nil {
			return err
		}
		lag, err := admin.Lag(ctx, group)
		if err != nil {
			return err
		}
		if lag[group].Lag.Total() == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("group %s has %d records left", group, lag[group].Lag.Total())
		case <-time.After(200 * time.Millisecond):
		}
	}
}
