package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/cmd/resetplan/internal/cmdline"
)

// TestCommandsAllocateLittle holds that a command builds only what it needs: reading
// the schema takes half a megabyte, and compiling it or deriving flags from it about one;
// with the race detector, some times as much.
func TestCommandsAllocateLittle(t *testing.T) {
	const plan = "../../examples/kafka-rewind/plan.yaml"
	for _, c := range []struct {
		args  []string
		bytes uint64 // at most
	}{
		{[]string{"version"}, 170_000},
		{[]string{"completion", "bash"}, 170_000},
		{[]string{"lock", "--help"}, 180_000},
		{[]string{"validate", plan}, 2_450_000},
		{[]string{"plan", "--help"}, 1_250_000},
	} {
		p := exec.CommandContext(t.Context(), "allocated", c.args...)
		p.Env = append(os.Environ(), "HOME="+t.TempDir())
		var out, messages bytes.Buffer
		p.Stdout, p.Stderr = &out, &messages
		if err := p.Run(); err != nil {
			t.Fatalf("%v: %v: %s", c.args, err, messages.String())
		}
		got, err := strconv.ParseUint(strings.TrimSpace(messages.String()), 10, 64)
		if err != nil || out.Len() == 0 {
			t.Fatalf("%v: %v; it printed %d bytes", c.args, err, out.Len())
		}
		if most := c.bytes * allocationFactor; got > most {
			t.Errorf("%v allocates %d bytes, want at most %d", c.args, got, most)
		}
	}
}

// printAllocated prints how many bytes a run allocates after the packages are initialized.
func printAllocated(run func() int) int {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	code := run()
	runtime.ReadMemStats(&after)
	fmt.Fprintln(os.Stderr, after.TotalAlloc-before.TotalAlloc)
	return code
}

// TestFlagsOfPlansAreDerivedWhenNeeded holds that a command line without a flag that
// describes a plan derives none of them.
func TestFlagsOfPlansAreDerivedWhenNeeded(t *testing.T) {
	for line, derived := range map[string]bool{
		"plan p.yaml --run once --format json":    false,
		"apply p.yaml --auto-approve":             false,
		"snapshot --from p.yaml":                  false,
		"doctor p.yaml --all-groups":              false,
		"init p.yaml":                             false,
		"plan --provider kafka --group g":         true,
		"apply p.yaml --max-skip 3":               true,
		"snapshot --connection c":                 true,
		"doctor --bootstrap b:9092":               true,
		"init --from-group --provider kafka --to": true,
		"plan p.yaml --no-such-flag":              true,
	} {
		app := newApp(process{})
		words := strings.Fields(line)
		_, _ = cmdline.Parse(app, commonFlags(), append([]string{"resetplan"}, words...)) // an error is one case
		later := 0
		for _, f := range app.Command(words[0]).Flags {
			if _, ok := f.(cmdline.Later); ok {
				later++
			}
		}
		if (later == 0) != derived || later > 1 {
			t.Errorf("%s: %d lists of flags are left for later, want them derived: %v", line, later, derived)
		}
	}
}
