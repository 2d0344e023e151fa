package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

func kafkaCommand(open func(*testscript.TestScript) (stage, error)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, _ bool, args []string) { onStage(ts, open, args) }
}

func onStage(ts *testscript.TestScript, open func(*testscript.TestScript) (stage, error), args []string) {
	if args[0] == "start" {
		opened, err := open(ts)
		ts.Check(err)
		f := &scene{stage: opened}
		ts.Defer(f.Close)
		ts.Check(kafkafake.Seed(context.Background(), f.Address(), time.Now()))
		for _, name := range args[1:] {
			ts.Check(f.Inject(name))
		}
		ts.Setenv("KAFKA", f.Address())
		stages.Store(ts.Getenv("WORK"), f)
		f.Forget()
		return
	}
	stored, ok := stages.Load(ts.Getenv("WORK"))
	if !ok {
		ts.Fatalf("kafka: start it first")
	}
	f := stored.(*scene)
	if args[0] == "tool" {
		out, err := f.stage.(interface {
			Run(name string, args []string) (string, error)
		}).Run(args[2], args[3:])
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(out), 0o644))
		return
	}
	if args[0] == "program" {
		text := f.stage.(interface{ Program(name string) string }).Program(filepath.Base(args[1]))
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o755)) //nolint:gosec // a program
		return
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(f.Address()), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.MetadataMinAge(50*time.Millisecond))
	ts.Check(err)
	defer client.Close()
	ts.Check(independent(context.Background(), f, client, args))
}

// independent reads and writes as another client.
func independent(ctx context.Context, f *scene, client *kgo.Client, args []string) error {
	admin := kadm.NewClient(client)
	switch args[0] {
	case "commit":
		return commitAs(ctx, admin, args[1], args[2], args[3], args[4:])
	case "offsets":
		return sameOffsets(ctx, admin, args[1], args[2], args[3])
	case "metadata":
		return sameMetadata(ctx, admin, args[1], args[2], args[3:])
	case "read":
		return f.read(ctx, admin, args[1], args[2], args[3])
	case "group":
		return listed(ctx, client, args[1], strings.Join(args[2:], " "))
	case "begin":
		return f.begin(ctx, admin, args[1], args[2], args[3])
	case "end":
		return f.end(ctx, admin)
	case "join":
		if len(args) > 3 {
			return f.joinAs(ctx, client, args[1], args[2], args[3])
		}
		return f.Join(args[1], args[2])
	case "consume":
		return consume(ctx, f.Address(), args[1], args[2], args[3])
	case "topic", "produce", "grow", "delete-topic", "truncate":
		return changeTopic(ctx, admin, client, args)
	}
	return f.direct(args)
}

// changeTopic creates, fills, changes or deletes a topic.
func changeTopic(ctx context.Context, admin *kadm.Client, client *kgo.Client, args []string) error {
	var err error
	switch args[0] {
	case "topic":
		err = makeTopic(ctx, admin, client, args[1:])
	case "produce":
		count, _ := strconv.Atoi(args[2])
		var all []*kgo.Record
		for range count {
			all = append(all, &kgo.Record{Topic: args[1], Value: []byte("x")})
		}
		err = client.ProduceSync(ctx, all...).FirstErr()
	case "grow":
		parts, _ := strconv.Atoi(args[2])
		_, err = admin.UpdatePartitions(ctx, parts, args[1])
	case "delete-topic":
		_, err = admin.DeleteTopic(ctx, args[1])
	case "truncate":
		partition, _ := strconv.Atoi(args[2])
		offset, _ := strconv.ParseInt(args[3], 10, 64)
		var before kadm.Offsets
		before.AddOffset(args[1], int32(partition), offset, -1)
		_, err = admin.DeleteRecords(ctx, before)
	}
	return err
}

// direct changes the broker, or checks which requests it has received.
func (s *scene) direct(args []string) error {
	switch args[0] {
	case "leave":
		s.Leave()
	case "fault":
		return s.Inject(args[1])
	case "asked":
		return s.asked(args[1])
	case "forget":
		s.Forget()
	case "requests":
		if got := strconv.Itoa(s.Requests(args[1])); got != args[2] {
			return fmt.Errorf("%s requests %s arrived, want %s", got, args[1], args[2])
		}
	case "writes":
		defer s.Forget()
		if got := fmt.Sprint(s.Writes()); got != args[1] {
			return fmt.Errorf("%s requests have changed or joined, want %s", got, args[1])
		}
	case "stop":
		s.Close()
	default:
		return fmt.Errorf("unknown command: kafka %s", args[0])
	}
	return nil
}

func commitAs(ctx context.Context, admin *kadm.Client, group, topic, offsets string, extra []string) error {
	metadata, epoch := "", int64(-1)
	if len(extra) > 0 {
		metadata = extra[0]
	}
	if len(extra) > 1 {
		epoch, _ = strconv.ParseInt(extra[1], 10, 32)
	}
	var all kadm.Offsets
	for p, text := range strings.Split(offsets, ",") {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			all.Add(kadm.Offset{Topic: topic, Partition: int32(p), At: n, LeaderEpoch: int32(epoch), Metadata: metadata})
		}
	}
	return admin.CommitAllOffsets(ctx, group, all)
}

func sameOffsets(ctx context.Context, admin *kadm.Client, group, topic, want string) error {
	committed, err := admin.FetchOffsets(ctx, group)
	if err != nil && err != kerr.GroupIDNotFound { //nolint:errorlint // the library returns it bare
		return err
	}
	var got []string
	for p := range strings.Split(want, ",") {
		o, ok := committed.Lookup(topic, int32(p))
		text := "-"
		if ok && o.At >= 0 {
			text = strconv.FormatInt(o.At, 10)
		}
		got = append(got, text)
	}
	if s := strings.Join(got, ","); s != want {
		return fmt.Errorf("group %s is committed at %s on %s, want %s", group, s, topic, want)
	}
	return nil
}

func sameMetadata(ctx context.Context, admin *kadm.Client, group, topic string, want []string) error {
	committed, err := admin.FetchOffsets(ctx, group)
	if err != nil {
		return err
	}
	for _, o := range committed[topic] {
		if o.Metadata != want[0] {
			return fmt.Errorf("group %s has metadata %q on %s/%d, want %q", group, o.Metadata, topic, o.Partition, want[0])
		}
		if len(want) > 1 && strconv.Itoa(int(o.LeaderEpoch)) != want[1] {
			return fmt.Errorf("group %s has leader epoch %d on %s/%d, want %s", group, o.LeaderEpoch, topic, o.Partition, want[1])
		}
	}
	return nil
}

func makeTopic(ctx context.Context, admin *kadm.Client, client *kgo.Client, args []string) error {
	parts, _ := strconv.Atoi(args[1])
	count, _ := strconv.Atoi(args[2])
	first := time.Now().Add(time.Duration(1-count) * time.Second)
	if len(args) > 3 {
		var err error
		if first, err = time.Parse(time.RFC3339, args[3]); err != nil {
			return err
		}
	}
	if _, err := admin.CreateTopic(ctx, int32(parts), 1, map[string]*string{"retention.ms": kadm.StringPtr("-1")}, args[0]); err != nil {
		return err
	}
	var all []*kgo.Record
	for i := range count {
		for p := range parts {
			all = append(all, &kgo.Record{Topic: args[0], Partition: int32(p), Timestamp: first.Add(time.Duration(i) * time.Second), Value: []byte("x")})
		}
	}
	return client.ProduceSync(ctx, all...).FirstErr()
}
