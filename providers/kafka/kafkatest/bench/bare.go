package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// bare asks for what a preview shows, and for a reset commits it, with
// nothing around it: the floor for any program in this language.
//
// Arguments: bootstrap, "preview" or "reset", topic, "earliest" or a time in
// milliseconds, how many groups to commit at once, prefix of the groups.
func bare(ctx context.Context, args []string) error {
	if len(args) != 6 {
		return fmt.Errorf("bare requires 6 arguments, got %d", len(args))
	}
	bootstrap, mode, topic, to, prefix := args[0], args[1], args[2], args[3], args[5]
	inFlight, err := strconv.Atoi(args[4])
	if err != nil {
		return err
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap))
	if err != nil {
		return err
	}
	defer client.Close()
	admin := kadm.NewClient(client)

	listed, err := admin.ListGroups(ctx)
	if err != nil {
		return err
	}
	groups := slices.DeleteFunc(listed.Groups(), func(g string) bool { return !strings.HasPrefix(g, prefix) })
	if err := admin.FetchManyOffsets(ctx, groups...).Error(); err != nil {
		return err
	}
	if _, err := admin.ListEndOffsets(ctx, topic); err != nil {
		return err
	}
	target, err := admin.ListStartOffsets(ctx, topic)
	if err == nil && to != "earliest" {
		var at int64
		if at, err = strconv.ParseInt(to, 10, 64); err == nil {
			target, err = admin.ListOffsetsAfterMilli(ctx, at, topic)
		}
	}
	if err != nil || mode == "preview" {
		return err
	}
	if err := commit(ctx, admin, groups, target.Offsets(), inFlight); err != nil {
		return err
	}
	return admin.FetchManyOffsets(ctx, groups...).Error()
}

// commit moves all groups to the same offsets, some at a time.
func commit(ctx context.Context, admin *kadm.Client, groups []string, to kadm.Offsets, inFlight int) error {
	work, errs := make(chan string), make(chan error, len(groups))
	var all sync.WaitGroup
	for range inFlight {
		all.Go(func() {
			for group := range work {
				errs <- admin.CommitAllOffsets(ctx, group, to)
			}
		})
	}
	for _, group := range groups {
		work <- group
	}
	close(work)
	all.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
