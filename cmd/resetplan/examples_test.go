package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers/sandbox"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// TestExamples runs the commands of every example's README, in their order,
// against a sandbox of its own. If a story moves a Kafka group, the
// group ends at the position in the story.
func TestExamples(t *testing.T) {
	ends := map[string][2]string{ // group, its offsets on orders at the end
		"kafka-rewind":              {"orders-billing", "300,300,300"}, // rolled back
		"kafka-replay-window":       {"orders-billing", "300,300,300"}, // rolled back
		"playbooks/bad-deploy":      {"orders-billing", "300,300,300"}, // rolled back
		"playbooks/poison-message":  {"orders-billing", "300,300,301"},
		"playbooks/region-failover": {"orders-billing-eu", "300,300,300"},
	}
	for _, story := range stories(t) {
		name, err := filepath.Rel("../../examples", filepath.Dir(story))
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(story)
			if err != nil {
				t.Fatal(err)
			}
			p := readPage(string(raw))
			if p.calls() == 0 {
				t.Fatalf("%s has no commands", story)
			}
			box := freshSandbox(t)
			t.Chdir(staged(t, filepath.Dir(story), box))
			if err := p.run(box); err != nil {
				t.Fatal(err)
			}
			if end, moves := ends[name]; moves {
				committedAt(t, box, end[0], end[1])
			}
		})
	}
}

// TestPlaybooksRefuse runs the playbooks with values that do not fit their story.
func TestPlaybooksRefuse(t *testing.T) {
	for name, c := range map[string]struct {
		folder, args string
		code         int
		want         string
	}{
		"an incident without its number": {"bad-deploy", "--set since=now-1h --set incident=4711", 3, `"4711" does not match the pattern INC-[0-9]+`},
		"a time without its zone":        {"bad-deploy", "--set since=2026-11-18T09:30:00 --set incident=INC-1", 3, "has no time zone"},
		"an unknown service":             {"bad-deploy", "--set since=now-1h --set incident=INC-1 --set service=biling", 3, "did you mean billing?"},
		"a time not given":               {"bad-deploy", "--set incident=INC-1", 3, "give it with --set since=…: When the bad deploy went out"},
		"more records than the limit":    {"bad-deploy", "--set since=now-36h --set incident=INC-1 --set limit=10", 4, "maxReplay"},
		"a group before the record":      {"poison-message", "--params stuck.yaml --set next=305", 4, "maxSkip"},
		"a group after the record":       {"poison-message", "--params stuck.yaml --set next=299", 4, "maxReplay"},
		"another team's group":           {"poison-message", "--params stuck.yaml --set group=payments", 3, "does not match the pattern"},
		"an unknown region":              {"region-failover", "--set to=mars", 3, `"mars" is not one of eu, us, apac`},
		"positions of an unknown group":  {"region-failover", "--set to=eu --set from=orders-biling", 4, "orders-biling"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(staged(t, filepath.Join("../../examples/playbooks", c.folder), freshSandbox(t)))
			code, output := called(strings.Fields("resetplan plan plan.yaml " + c.args))
			if code != c.code || !strings.Contains(output, c.want) {
				t.Errorf("it exited with %d, want %d and %q:\n%s", code, c.code, c.want, output)
			}
		})
	}
}

// stories returns the READMEs of the examples.
func stories(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"../../examples/*/README.md", "../../examples/playbooks/*/README.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("no examples: %v", err)
		}
		all = append(all, found...)
	}
	return all
}

// called runs one command with the credentials of the sandbox, and returns its
// exit code and output.
func called(command []string) (int, string) {
	var output bytes.Buffer
	code := calledWith(command, nil, &output, &output)
	return code, output.String()
}

// calledWith is called with further variables in the environment, and with a
// writer for the result and one for messages.
func calledWith(command []string, env map[string]string, result, messages io.Writer) int {
	return answered(command, env, "", result, messages)
}

// answered runs a command in front of a person who types an answer. Without one, there
// is no terminal.
func answered(command []string, env map[string]string, answer string, result, messages io.Writer) int {
	return run(context.Background(), process{
		args: command, stdin: strings.NewReader(answer), stdinTTY: answer != "", stdout: result, stderr: messages,
		getenv: withSandboxCredentials(func(name string) string { return env[name] }), now: time.Now, operator: "tester@here",
	})
}

// committedAt reads a group's offsets on the topic orders as another program.
func committedAt(t *testing.T, box *sandbox.Sandbox, group, want string) {
	t.Helper()
	if err := sameOffsets(t.Context(), adminOf(t, box), group, "orders", want); err != nil {
		t.Error(err)
	}
}

// adminOf is another client of a sandbox's Kafka.
func adminOf(t *testing.T, box *sandbox.Sandbox) *kadm.Client {
	t.Helper()
	address, err := box.Address("kafka")
	if err != nil {
		t.Fatal(err)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(address))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return kadm.NewClient(client)
}

// freshSandbox serves everything on free ports.
func freshSandbox(t *testing.T) *sandbox.Sandbox {
	t.Helper()
	box, err := sandbox.Start(t.Context(), sandbox.Options{Listen: freePorts(), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(box.Close)
	return box
}

// staged copies an example's plans to a folder of its own, with the addresses of a
// sandbox instead of the default ones.
func staged(t *testing.T, dir string, box *sandbox.Sandbox) string {
	t.Helper()
	to := t.TempDir()
	plans, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range plans {
		raw, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, filepath.Base(p)), []byte(onSandbox(string(raw), box)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return to
}
