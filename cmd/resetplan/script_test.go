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
//	kafka commit GROUP TOPIC N,N,... [METADATA [EPOCH]]   an independent writer: commits by partition; - commits nothing
//	kafka offsets GROUP TOPIC N,N,...   an independent reader: fails unless these are committed; - is none
//	kafka metadata GROUP TOPIC TEXT [EPOCH]   fails unless every commit has this metadata, and this leader epoch
//	kafka read GROUP TOPIC N,N,...      an independent consumer: fails unless it is delivered each partition from there to its end
//	kafka group GROUP TYPE [STATE]      waits until it is listed so: classic, consumer (KIP-848) or share; none = not at all
//	kafka topic NAME PARTITIONS RECORDS [FIRST]   makes a topic with records a second apart, the last one now or the first at a time
//	kafka delete-topic NAME
//	kafka truncate TOPIC PARTITION OFFSET  removes the records before an offset, as retention does
//	kafka join GROUP TOPIC [KIND] / kafka leave   a live classic consumer of the group, or one that is cooperative (no other
//	                                    assignor), static (leaves without a word), consumer (KIP-848) or share (KIP-932)
//	kafka begin GROUP TOPIC N / kafka end   a transaction with a pending commit on partition 0
//	kafka fault NAME                    as --fault of the sandbox
//	kafka writes N                      fails unless N requests have changed, joined or kept alive since the last count
//	kafka requests NAME N               fails unless N requests of this name have come since the last count
//	kafka asked NAME                    waits until a request of this name has come since the last count
//	kafka consume GROUP TOPIC N         a consumer of the group reads from its commits to the end, N records a second, and leaves
//	kafka forget                        begins these counts anew
//	kafka program FILE                  writes one of Kafka's own commands, by its name, to be run as it is
//	kafka tool FILE NAME ARG...         one of Kafka's own commands, its output into a file; only a real Kafka has them
//	kafka stop
//	exits CODE PROGRAM ARG...           runs a program as exec does; fails unless it ends with this code
//	expand FILE...                      replaces $KAFKA in files
//	steps FILE STEP...                  writes a plan for $KAFKA with the steps s, t, u…, each "target: {…}, to: …"
func TestScripts(t *testing.T) {
	scripts(t, "testdata/script", embedded)
}

func scripts(t *testing.T, dir string, open func(*testscript.TestScript) (stage, error)) {
	testscript.Run(t, testscript.Params{
		Dir:  dir,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"kafka": kafkaCommand(open), "expand": expandCommand, "steps": stepsCommand, "exits": exitsCommand},
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
	Requests(name string) int
	Forget()
	Close()
}

// stages holds each script's scene, by its working folder.
var stages sync.Map

// fakeStage is the embedded Kafka.
type fakeStage struct{ *kafkafake.Fake }

func (f fakeStage) Requests(name string) int {
	n := 0
	for key, times := range f.Fake.Requests() {
		if key.Name() == name {
			n += times
		}
	}
	return n
}

func embedded(*testscript.TestScript) (stage, error) {
	f, err := kafkafake.Start("127.0.0.1:0", kfake.GroupMinSessionTimeout(100*time.Millisecond))
	return fakeStage{f}, err
}

func expandCommand(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		text := strings.ReplaceAll(ts.ReadFile(name), "$KAFKA", ts.Getenv("KAFKA"))
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o644))
	}
}

func stepsCommand(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: steps FILE STEP...")
	}
	text := fmt.Sprintf("version: 1\nname: %s\nproviders: {k: {type: kafka, bootstrapServers: [%q], timeout: 5s}}\nsteps:\n", strings.TrimSuffix(args[0], ".yaml"), ts.Getenv("KAFKA"))
	for i, step := range args[1:] {
		text += fmt.Sprintf("  - {id: %c, provider: k, %s}\n", 's'+i, step)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o644))
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

// independent reads and writes as another program would.
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
	case "topic":
		return makeTopic(ctx, admin, client, args[1:])
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
		if len(args) > 3 {
			return f.joinAs(ctx, client, args[1], args[2], args[3])
		}
		return f.Join(args[1], args[2])
	case "leave":
		f.Leave()
		return nil
	case "fault":
		return f.Inject(args[1])
	case "asked":
		return f.asked(args[1])
	case "consume":
		return consume(ctx, f.Address(), args[1], args[2], args[3])
	case "forget":
		f.Forget()
		return nil
	case "requests":
		if got := strconv.Itoa(f.Requests(args[1])); got != args[2] {
			return fmt.Errorf("%s requests %s have come, not %s", got, args[1], args[2])
		}
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

func commitAs(ctx context.Context, admin *kadm.Client, group, topic, offsets string, beside []string) error {
	metadata, epoch := "", int64(-1)
	if len(beside) > 0 {
		metadata = beside[0]
	}
	if len(beside) > 1 {
		epoch, _ = strconv.ParseInt(beside[1], 10, 32)
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

func sameMetadata(ctx context.Context, admin *kadm.Client, group, topic string, want []string) error {
	there, err := admin.FetchOffsets(ctx, group)
	if err != nil {
		return err
	}
	for _, o := range there[topic] {
		if o.Metadata != want[0] {
			return fmt.Errorf("group %s has metadata %q on %s/%d, not %q", group, o.Metadata, topic, o.Partition, want[0])
		}
		if len(want) > 1 && strconv.Itoa(int(o.LeaderEpoch)) != want[1] {
			return fmt.Errorf("group %s has leader epoch %d on %s/%d, not %s", group, o.LeaderEpoch, topic, o.Partition, want[1])
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
