package plan_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/resetplan/resetplan/plan"
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
				if s.Setup.Kept {
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
	c.Notes = maps.Clone(c.Notes)
	switch w.script.Setup.Kind {
	case "online":
		c.Moves = map[providers.Kind]providers.Grain{providers.Time: providers.WholeTarget, providers.Earliest: providers.WholeTarget, providers.Latest: providers.WholeTarget}
		c.Resolves, c.Needs, c.Undo, c.Settle = nil, providers.Active, providers.Inferred, settling
	case "pausing":
		delete(c.Notes, "idle.pause")
	case "blind":
		delete(c.Notes, "idle.pause")
		c.Moves = map[providers.Kind]providers.Grain{providers.Default: providers.WholeTarget}
		c.Resolves, c.Reads, c.Bounds, c.Undo = nil, providers.No, providers.No, providers.No
	}
	return c
}

func (w *world) truth() time.Time { return start.Add(w.passed) }
func (w *world) now() time.Time   { return start.Add(w.passed + w.skew) }

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
		text += fmt.Sprintf("  - id: s%d\n    provider: k\n    target: {group: %s, topic: %s}\n    to: %s\n    guards: {%s}\n", n, group(n), topic, w.to(n), w.guards())
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
		s := lock.Step{ID: fmt.Sprint("s", i), Digest: digestOf(fmt.Sprint(i)), Address: address(group(i), w.respelt), Outcome: lock.Verified, At: w.now()}
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

// A command is one run of the program, with what happens to it.
type command struct {
	op
	lock, run string
	undo      bool
	approved  approval // what was shown to whoever approved it
	mu        sync.Mutex
	counts    map[string]int
	frozen    bool // the process was killed: what it still does has no effect
	left      files
	journal   int // bytes of the journal at the last event
	cancel    context.CancelFunc
	sends     int             // resets that may have taken effect
	tried     map[string]bool // groups of which a reset has left
	disturbed bool
}

var errKilled = errors.New("the process was killed")

// enter is called at every event of a command. Its error means that the
// command was killed.
func (w *world) enter(what string) error {
	c := w.command
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.frozen {
		return errKilled
	}
	c.counts[what]++
	at := fmt.Sprintf("%s:%d", what, c.counts[what])
	if c.Mid == at {
		c.disturbed = true
		w.intrude(c.op)
	}
	if c.Kill == at {
		c.frozen, c.left = true, snapshot(c.lock, c.journal, c.Cut)
		c.cancel()
		return errKilled
	}
	c.journal = journalSize(c.lock)
	if c.counts["sleep"] > maxSleeps {
		w.violated("it ends", "the command waits without end")
		c.frozen, c.left = true, snapshot(c.lock, c.journal, 0)
		c.cancel()
		return errKilled
	}
	return nil
}

func (w *world) sleep(ctx context.Context, d time.Duration) error {
	if w.command != nil && w.command.frozen {
		return errKilled
	}
	w.passed += (d + time.Second - 1).Truncate(time.Second) // some pauses vary at random
	if err := w.enter("sleep"); err != nil {
		return err
	}
	return ctx.Err()
}

func (w *world) operator(who int) operator {
	return operator{kind: kind{memory.New(w.service, w.caps), w}, by: fmt.Sprintf("op%d@here", who), now: w.now, sleep: w.sleep,
		tell: func(plan.Event) { _ = w.enter("told") }} // a kill shows at the next call
}

// files are a lock and its journal as a kill leaves them; nil: not there.
type files struct{ lock, journal []byte }

func journalOf(path string) string { return strings.TrimSuffix(path, ".yaml") + ".journal" }

func journalSize(path string) int {
	raw, _ := os.ReadFile(journalOf(path))
	return len(strings.TrimRight(string(raw), "\x00"))
}

// snapshot takes what is on disk. Of what was written to the journal since the
// last event, which had a size then, a kill may keep any part.
func snapshot(path string, had, cut int) files {
	var f files
	f.lock, _ = os.ReadFile(path)
	raw, err := os.ReadFile(journalOf(path))
	if err != nil {
		return f
	}
	raw = []byte(strings.TrimRight(string(raw), "\x00"))
	if had > len(raw) {
		had = 0 // it was begun anew
	}
	const most = 9
	f.journal = raw[:len(raw)-(len(raw)-had)*cut/most]
	return f
}

// putBack leaves on disk what the killed command had left.
func (f files) putBack(path string) {
	all, err := os.ReadDir(filepath.Dir(path))
	must(err)
	for _, one := range all {
		if strings.HasPrefix(one.Name(), "."+filepath.Base(path)) {
			must(os.Remove(filepath.Join(filepath.Dir(path), one.Name())))
		}
	}
	for name, raw := range map[string][]byte{path: f.lock, journalOf(path): f.journal} {
		must(os.RemoveAll(name))
		if raw != nil {
			must(os.WriteFile(name, raw, 0o600))
		}
	}
}
