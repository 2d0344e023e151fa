package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/resetplan/resetplan/providers/sandbox"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/twmb/franz-go/pkg/kfake"
)

// The scenarios in testdata/script run the real program against an embedded
// Kafka. Besides the commands of testscript they have
//
//	resetplan ARG...                    the program
//	kafka start [FAULT...]              a seeded broker for this script; its address is in $KAFKA
//	kafka commit GROUP TOPIC N,N,... [METADATA [EPOCH]]   an independent writer: commits by partition; - commits nothing
//	kafka offsets GROUP TOPIC N,N,...   an independent reader: fails unless these are committed; - is none
//	kafka metadata GROUP TOPIC TEXT [EPOCH]   fails unless every commit has this metadata, and this leader epoch
//	kafka read GROUP TOPIC N,N,...      an independent consumer: fails unless it is delivered each partition from there to its end
//	kafka group GROUP TYPE [STATE]      waits until it is listed as classic, consumer (KIP-848) or share; none = not listed
//	kafka topic NAME PARTITIONS RECORDS [FIRST]   creates a topic with records a second apart, the last one now or the first at a time
//	kafka grow NAME N                   adds partitions to a topic, up to N
//	kafka delete-topic NAME
//	kafka truncate TOPIC PARTITION OFFSET  removes the records before an offset, as retention does
//	kafka join GROUP TOPIC [KIND] / kafka leave   a live classic consumer of the group, or one that is cooperative (no other
//	                                    assignor), static (stops without leaving), consumer (KIP-848) or share (KIP-932)
//	kafka begin GROUP TOPIC N / kafka end   a transaction with a pending commit on partition 0
//	kafka fault NAME                    as --fault of the sandbox
//	kafka writes N                      fails unless N requests have changed, joined or sent a heartbeat since the last count
//	kafka requests NAME N               fails unless N requests of this name arrived since the last count
//	kafka asked NAME                    waits until a request of this name has arrived since the last count
//	kafka consume GROUP TOPIC N         a consumer of the group reads from its commits to the end, N records a second, and leaves
//	kafka forget                        resets these counts
//	kafka program FILE                  writes a program that runs one of Kafka's own commands, by its name
//	kafka tool FILE NAME ARG...         one of Kafka's own commands, its output into a file; only a real Kafka has them
//	kafka stop
//	sandbox                             every service for this script; the address of aliyun-kafka is in $ALIYUN_KAFKA
//	exits CODE PROGRAM ARG...           runs a program as exec does; fails unless it exits with this code
//	receiver                            an address that receives posts, in $RECEIVER
//	received                            prints what was posted since the last time
//	consumer ADDRESS GROUP TOPIC FILE   a consumer of its own process: it writes each record that it reads into a file, and
//	                                    ends with SIGTERM
//	expand FILE...                      replaces $KAFKA in files
//	steps FILE STEP...                  writes a plan for $KAFKA with the steps s, t, u…, each "target: {…}, to: …"
func TestScripts(t *testing.T) {
	scripts(t, "testdata/script", embedded)
}

func scripts(t *testing.T, dir string, open func(*testscript.TestScript) (stage, error)) {
	testscript.Run(t, testscript.Params{
		Dir: dir,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"kafka": kafkaCommand(open), "expand": expandCommand, "steps": stepsCommand,
			"exits": exitsCommand, "sandbox": sandboxScript, "receiver": receiverScript, "received": receivedScript},
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
	// With the race detector, a program waits for a second before it exits. Those of the
	// tests wait as long as a goroutine has something to do instead: see lingering.
	if os.Getenv("GORACE") == "" {
		_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // read by the programs; this process has read its own
	}
	testscript.Main(suite{m}, map[string]func(){
		"resetplan": func() { os.Exit(lingering(runInProcess())) },
		"consumer":  func() { os.Exit(lingering(standInConsumer(os.Args[1:]))) },
		"allocated": func() { os.Exit(lingering(printAllocated(runInProcess))) },
	})
}

// runInProcess runs the program in a process of its own.
func runInProcess() int {
	config, _ := os.UserConfigDir()
	return run(context.Background(), process{
		args: os.Args, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, signals: notifySignals(),
		getenv: os.Getenv, configDir: config, now: time.Now, operator: "tester@here", stdinTTY: os.Getenv("TTY") != "" || isatty.IsTerminal(os.Stdin.Fd()),
		stdoutTTY: isatty.IsTerminal(os.Stdout.Fd()), stderrTTY: isatty.IsTerminal(os.Stderr.Fd()), columns: terminalColumns,
	})
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

// stages are the scenes of the scripts, by their working folders.
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
	text := fmt.Sprintf("version: 1\nname: %s\nproviders: {k: {type: kafka, bootstrapServers: [%q], timeout: 5s}}\nsteps:\n",
		strings.TrimSuffix(args[0], ".yaml"), ts.Getenv("KAFKA"))
	for i, step := range args[1:] {
		text += fmt.Sprintf("  - {id: %c, provider: k, %s}\n", 's'+i, step)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o644))
}

func sandboxScript(ts *testscript.TestScript, _ bool, _ []string) {
	box, err := sandbox.Start(context.Background(), sandbox.Options{Listen: freePorts(), Now: time.Now})
	ts.Check(err)
	ts.Defer(box.Close)
	for _, one := range box.Services() {
		ts.Setenv(strings.ToUpper(strings.ReplaceAll(one.Type, "-", "_")), one.Address)
	}
	for _, v := range sandbox.Environment() {
		ts.Setenv(v.Name, v.Value)
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
		ts.Fatalf("it exited with %d, want %s", code, args[0])
	}
}
