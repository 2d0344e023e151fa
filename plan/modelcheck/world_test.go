package modelcheck_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/memory"
)

// start is when every world begins.
var start = time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)

const (
	topic     = "orders"
	settling  = 30 * time.Second // of the online kind
	records   = 6                // on each partition at the beginning
	maxSleeps = 200              // in one command; more is a command that hangs
)

// A world is one service, the files of one plan, and the commands that are run
// on them one after the other.
type world struct {
	script  script
	dir     string
	service *memory.Service
	caps    providers.Capabilities
	passed  time.Duration // of the one true time
	skew    time.Duration // of the operators' clock; it only ever goes back
	seq     int           // operations so far
	edits   [2]int        // which variation of each step's `to` the document has
	respelt bool          // the document names the service by another address
	command *command      // the one that is running; nil: none
	saved   []approval
	shown   []approval
	copies  map[string]backup // of a lock, by its path
	ledger
	trace []string
	wrong []string // violations, the first first
}

func newWorld(dir string, s script) *world {
	w := &world{script: s, dir: dir, service: memory.NewService(), copies: map[string]backup{}, ledger: newLedger()}
	w.caps = w.kind()
	w.service.Topic(topic, s.Setup.Parts, "log-0", w.hours(records)...)
	if s.Setup.Kind == "online" {
		w.service.Late(w.truth, time.Duration(s.Setup.Delay)*time.Second, settling, s.Setup.Eager)
	}
	for n, at := range []int{s.Setup.At, s.Setup.At2} {
		for p := range s.Setup.Parts {
			if at >= 0 {
				var kept map[string]string
				if s.Setup.Metadata {
					kept = map[string]string{"metadata": fmt.Sprint("of-", n)}
				}
				w.service.Commit(group(n), part(p), int64(at), kept)
			}
			w.service.Commit("donor", part(p), 1, nil)
		}
		if at >= 0 && s.Setup.Kind != "offline" {
			w.service.Activate(group(n))
		}
	}
	if s.Setup.Active {
		w.service.Activate(group(0))
	}
	w.ref(0)
	w.writeDocument()
	return w
}

func group(n int) string { return fmt.Sprint("g", n) }

func part(n int) providers.Part { return providers.Part{Topic: topic, Number: n} }

// hours are the times of n records, an hour apart, the last an hour ago.
func (w *world) hours(n int) (out []time.Time) {
	for i := range n {
		out = append(out, start.Add(time.Duration(i-n)*time.Hour))
	}
	return out
}

// kind are the capabilities of the service. offline is like Kafka, online like
// Huawei RocketMQ, blind like EnOS; pausing can do what both first and last can.
func (w *world) kind() providers.Capabilities {
	c := memory.Full()
	switch w.script.Setup.Kind {
	case "online":
		c.Moves = map[providers.Kind]providers.Grain{
			providers.Time: providers.WholeTarget, providers.Earliest: providers.WholeTarget, providers.Latest: providers.WholeTarget}
		c.Resolves, c.Needs, c.Undo, c.Settle = nil, providers.Active, providers.Inferred, settling
	case "pausing":
		c.CanPause = true
	case "blind":
		c.CanPause = true
		c.Moves = map[providers.Kind]providers.Grain{providers.Default: providers.WholeTarget}
		c.Resolves, c.Reads, c.Bounds, c.Undo = nil, providers.No, providers.No, providers.No
	}
	return c
}

func (w *world) truth() time.Time { return start.Add(w.passed) }

func (w *world) now() time.Time { return start.Add(w.passed + w.skew) }

// file is the plan; locks are those of the two operators.
func (w *world) file() string { return filepath.Join(w.dir, "p.yaml") }

func (w *world) lockOf(who int) string {
	if who == 1 && w.script.Setup.Own {
		return filepath.Join(w.dir, "other.lock.yaml")
	}
	return filepath.Join(w.dir, "p.lock.yaml")
}

func runOf(n int) string { return []string{"once", "again"}[n] }

// to returns a step's present `to` as the document writes it.
func (w *world) to(step int) string {
	form := []string{w.script.Setup.To, w.script.Setup.To2}[step]
	all := forms[w.script.Setup.Kind]
	if w.edits[step] > 0 {
		form = all[w.edits[step]%len(all)]
	}
	word, value, _ := strings.Cut(form, ":")
	n, _ := strconv.Atoi(value)
	switch word {
	case "time":
		return fmt.Sprintf("{timestamp: %s}", start.Add(-time.Duration(n)*time.Hour).Format(time.RFC3339))
	case "offset", "shift":
		return fmt.Sprintf("{%s: %d}", word, n)
	case "offsets":
		return fmt.Sprintf("{offsets: {0: %d}}", n)
	case "group":
		return "{group: donor}"
	case "lock":
		return fmt.Sprintf("{lock: %s, run: once, step: s%d}", "ref.lock.yaml", step)
	}
	return form
}

func (w *world) steps() int {
	if w.script.Setup.To2 == "" {
		return 1
	}
	return 2
}

func (w *world) writeDocument() {
	provider, approximate := `{type: kafka, bootstrapServers: ["b0:9092"]}`, false
	if w.respelt {
		provider = `{type: kafka, bootstrapServers: ["b0:9092", "b1:9092"]}`
	}
	if w.script.Setup.Kind == "online" {
		provider, approximate = "{type: huawei-rocketmq, region: cn-north-4, projectId: p, instanceId: i}", true
		if w.respelt {
			provider = strings.TrimSuffix(provider, "}") + ", endpoint: \"https://mirror.example\"}"
		}
	}
	text := "version: 1\nname: p\nproviders:\n  k: " + provider + "\nsteps:\n"
	for n := range w.steps() {
		text += fmt.Sprintf("  - id: s%d\n    provider: k\n    target: {group: %s, topic: %s}\n", n, group(n), topic)
		text += fmt.Sprintf("    to: %s\n    guards: {%s}\n", w.to(n), w.guards())
		if approximate {
			text += "    approximate: true\n"
		}
		if idle := map[string]string{"wait": "{wait: 20s}", "assume": "{assume: true}", "pause": "{pause: true}"}[w.script.Setup.Idle]; idle != "" {
			text += "    idle: " + idle + "\n"
		}
	}
	must(os.WriteFile(w.file(), []byte(text), 0o600))
}

func (w *world) guards() string {
	var out []string
	if w.script.Setup.Kind != "online" {
		out = append(out, "allowNew: true")
	}
	switch w.script.Setup.Guard {
	case "skip":
		out = append(out, "maxSkip: unlimited")
	case "replay":
		out = append(out, "maxReplay: 2")
	}
	return strings.Join(out, ", ")
}

// ref writes the lock that `to: {lock}` refers to.
func (w *world) ref(n int) {
	path := filepath.Join(w.dir, "ref.lock.yaml")
	must(os.RemoveAll(path))
	for i := range 2 {
		s := lock.Step{ID: fmt.Sprint("s", i), Digest: digestOf(fmt.Sprint(i)), Address: address(group(i), w.respelt), Outcome: lock.Verified, At: lock.AtTime(w.now())}
		for p := range w.script.Setup.Parts {
			s.Parts = append(s.Parts, lock.Part{Part: part(p), Before: providers.AtOffset(int64((n + 1) % (records + 1))), After: providers.AtOffset(0)})
		}
		must(write(path, "p", w.now, "once", s))
	}
}

func digestOf(s string) string { return "sha256:" + strings.Repeat("0", 64-len(s)) + s }

func must(err error) {
	if err != nil {
		panic(err)
	}
}
