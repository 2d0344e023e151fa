package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// The scenarios in testdata/script run the real program against an embedded
// Kafka. Beside the commands of testscript they have
//
//	resetplan ARG...                    the program
//	kafka start [FAULT...]              a seeded broker for this script; its address is in $KAFKA
//	kafka commit GROUP TOPIC N,N,... [METADATA]   an independent writer: commits by partition; - commits nothing
//	kafka offsets GROUP TOPIC N,N,...   an independent reader: fails unless these are committed; - is none
//	kafka metadata GROUP TOPIC TEXT     fails unless every commit has this metadata
//	kafka topic NAME PARTITIONS RECORDS makes a topic with records a second apart, the last one now
//	kafka delete-topic NAME
//	kafka truncate TOPIC PARTITION OFFSET  removes the records before an offset, as retention does
//	kafka join GROUP TOPIC / kafka leave   a live classic consumer of the group
//	kafka fault NAME                    as --fault of the sandbox
//	kafka writes N                      fails unless N requests have changed, joined or kept alive since the last count
//	kafka forget                        begins that count anew
//	kafka stop
//	exits CODE PROGRAM ARG...           runs a program as exec does; fails unless it ends with this code
//	expand FILE...                      replaces $KAFKA in files
func TestScripts(t *testing.T) {
	scripts(t, "testdata/script", embedded)
}

func scripts(t *testing.T, dir string, open func(*testscript.TestScript) (stage, error)) {
	testscript.Run(t, testscript.Params{
		Dir:  dir,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"kafka": kafkaCommand(open), "expand": expandCommand, "exits": exitsCommand},
		Setup: func(e *testscript.Env) error {
			examples, err := filepath.Abs("../../examples")
			e.Setenv("EXAMPLES", examples)
			return err
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"resetplan": func() {
		signals := make(chan os.Signal, 2)
		signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
		os.Exit(run(context.Background(), world{
			args: os.Args, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, signals: signals,
			getenv: os.Getenv, now: time.Now, by: "tester@here", stdinTTY: os.Getenv("TTY") != "",
		}))
	}})
}

// A stage is the Kafka of a script: the embedded one, or a real one.
type stage interface {
	Address() string
	Inject(fault string) error // an error for one that this Kafka cannot be made to do
	Join(group, topic string) error
	Leave()
	Writes() int
	Forget()
	Close()
}

// stages holds each script's Kafka, by its working folder.
var stages sync.Map

func embedded(*testscript.TestScript) (stage, error) {
	return kafkafake.Start("127.0.0.1:0", kfake.GroupMinSessionTimeout(100*time.Millisecond))
}

func expandCommand(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		text := strings.ReplaceAll(ts.ReadFile(name), "$KAFKA", ts.Getenv("KAFKA"))
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o644))
	}
}

func exitsCommand(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARG...")
	}
	err := ts.Exec(args[1], args[2:]...)
	var ended *exec.ExitError
	code := 0
	if errors.As(err, &ended) {
		code = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("it ended with %d, not %s", code, args[0])
	}
}

func kafkaCommand(open func(*testscript.TestScript) (stage, error)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, _ bool, args []string) { onStage(ts, open, args) }
}

func onStage(ts *testscript.TestScript, open func(*testscript.TestScript) (stage, error), args []string) {
	if args[0] == "start" {
		f, err := open(ts)
		ts.Check(err)
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
	f := stored.(stage)
	client, err := kgo.NewClient(kgo.SeedBrokers(f.Address()), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.MetadataMinAge(50*time.Millisecond))
	ts.Check(err)
	defer client.Close()
	ts.Check(independent(context.Background(), f, client, args))
}

// independent reads and writes as another program would.
func independent(ctx context.Context, f stage, client *kgo.Client, args []string) error {
	admin := kadm.NewClient(client)
	switch args[0] {
	case "commit":
		metadata := ""
		if len(args) > 4 {
			metadata = args[4]
		}
		return commitAs(ctx, admin, args[1], args[2], args[3], metadata)
	case "offsets":
		return sameOffsets(ctx, admin, args[1], args[2], args[3])
	case "metadata":
		return sameMetadata(ctx, admin, args[1], args[2], args[3])
	case "topic":
		return makeTopic(ctx, admin, client, args[1], args[2], args[3])
	case "delete-topic":
		_, err := admin.DeleteTopic(ctx, args[1])
		return err
	case "truncate":
		partition, _ := strconv.Atoi(args[2])
		offset, _ := strconv.ParseInt(args[3], 10, 64)
		var before kadm.Offsets
		before.AddOffset(args[1], int32(partition), offset, -1)
		_, err := admin.DeleteRecords(ctx, before)
		return err
	case "join":
		return f.Join(args[1], args[2])
	case "leave":
		f.Leave()
		return nil
	case "fault":
		return f.Inject(args[1])
	case "forget":
		f.Forget()
		return nil
	case "writes":
		defer f.Forget()
		if got := fmt.Sprint(f.Writes()); got != args[1] {
			return fmt.Errorf("%s requests have changed or joined, not %s", got, args[1])
		}
		return nil
	case "stop":
		f.Close()
		return nil
	}
	return fmt.Errorf("there is no kafka %s", args[0])
}

func commitAs(ctx context.Context, admin *kadm.Client, group, topic, offsets, metadata string) error {
	var all kadm.Offsets
	for p, text := range strings.Split(offsets, ",") {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			all.Add(kadm.Offset{Topic: topic, Partition: int32(p), At: n, LeaderEpoch: -1, Metadata: metadata})
		}
	}
	return admin.CommitAllOffsets(ctx, group, all)
}

func sameOffsets(ctx context.Context, admin *kadm.Client, group, topic, want string) error {
	there, err := admin.FetchOffsets(ctx, group)
	if err != nil && err != kerr.GroupIDNotFound { //nolint:errorlint // the library returns it bare
		return err
	}
	var got []string
	for p := range strings.Split(want, ",") {
		o, ok := there.Lookup(topic, int32(p))
		text := "-"
		if ok && o.At >= 0 {
			text = strconv.FormatInt(o.At, 10)
		}
		got = append(got, text)
	}
	if s := strings.Join(got, ","); s != want {
		return fmt.Errorf("group %s stands at %s on %s, not at %s", group, s, topic, want)
	}
	return nil
}

func sameMetadata(ctx context.Context, admin *kadm.Client, group, topic, want string) error {
	there, err := admin.FetchOffsets(ctx, group)
	if err != nil {
		return err
	}
	for _, o := range there[topic] {
		if o.Metadata != want {
			return fmt.Errorf("group %s has metadata %q on %s/%d, not %q", group, o.Metadata, topic, o.Partition, want)
		}
	}
	return nil
}

func makeTopic(ctx context.Context, admin *kadm.Client, client *kgo.Client, name, partitions, records string) error {
	parts, _ := strconv.Atoi(partitions)
	count, _ := strconv.Atoi(records)
	if _, err := admin.CreateTopic(ctx, int32(parts), 1, nil, name); err != nil {
		return err
	}
	var all []*kgo.Record
	for i := range count {
		for p := range parts {
			all = append(all, &kgo.Record{Topic: name, Partition: int32(p), Timestamp: time.Now().Add(time.Duration(i+1-count) * time.Second), Value: []byte("x")})
		}
	}
	return client.ProduceSync(ctx, all...).FirstErr()
}
