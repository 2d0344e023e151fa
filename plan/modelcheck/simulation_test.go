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

// start is the time at which every simulation starts.
var start = time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)

const (
	topic        = "orders"
	onlineSettle = 30 * time.Second // of an online service
	records      = 6                // on each partition at the start
	maxSleeps    = 200              // in one command; more means that the command hangs
)

// A simulation is one service, the files of one plan, and the commands that run on
// them one after the other.
type simulation struct {
	script       script
	dir          string
	service      *memory.Service
	caps         providers.Capabilities
	passed       time.Duration // real time since start
	skew         time.Duration // of the operators' clock; it only decreases
	seq          int           // operations so far
	edits        [2]int        // the variant of each step's `to` in the document
	otherAddress bool          // the document has another address of the service
	command      *command      // the one that is running; nil = none
	saved        []approval
	shown        []approval
	copies       map[string]backup // of locks, by path
	ledger
	trace []string
	wrong []string // violations, in order

	consumers consumers // of the kind workload
}

func newSimulation(dir string, s script) *simulation {
	sm := &simulation{script: s, dir: dir, service: memory.NewService(), copies: map[string]backup{}, ledger: newLedger()}
	sm.caps = sm.kind()
	sm.service.Topic(topic, s.Setup.Parts, "log-0", sm.hours(records)...)
	if s.Setup.Kind == "online" {
		sm.service.Late(sm.truth, time.Duration(s.Setup.Delay)*time.Second, onlineSettle, s.Setup.Eager)
	}
	for n, at := range []int{s.Setup.At, s.Setup.At2} {
		for p := range s.Setup.Parts {
			if at >= 0 {
				var metadata map[string]string
				if s.Setup.Metadata {
					metadata = map[string]string{"metadata": fmt.Sprint("of-", n)}
				}
				sm.service.Commit(group(n), part(p), int64(at), metadata)
			}
			sm.service.Commit("donor", part(p), 1, nil)
		}
		if at >= 0 && s.Setup.Kind != "offline" {
			sm.service.Activate(group(n))
		}
	}
	if s.Setup.Active {
		sm.service.Activate(group(0))
	}
	sm.ref(0)
	sm.consumers.running = map[string]bool{}
	for n := range sm.steps() {
		sm.consumers.running[group(n)] = sm.service.Active(group(n))
	}
	sm.writeDocument()
	return sm
}

func group(n int) string { return fmt.Sprint("g", n) }

func part(n int) providers.Part { return providers.Part{Topic: topic, Number: n} }

// hours returns the times of n records, one hour apart, the last one hour ago.
func (sm *simulation) hours(n int) (out []time.Time) {
	for i := range n {
		out = append(out, start.Add(time.Duration(i-n)*time.Hour))
	}
	return out
}

// kind returns the capabilities of the service. offline is like Kafka, online like
// Huawei RocketMQ, blind like EnOS; pausing has the capabilities of offline and can
// pause like blind; workload is like offline, and an operator's workload runs the
// consumers of all groups.
func (sm *simulation) kind() providers.Capabilities {
	c := memory.Full()
	switch sm.script.Setup.Kind {
	case "online":
		c.Moves = map[providers.Kind]providers.Grain{
			providers.Time: providers.WholeTarget, providers.Earliest: providers.WholeTarget, providers.Latest: providers.WholeTarget}
		c.Resolves, c.Needs, c.Undo, c.Settle = nil, providers.Active, providers.Inferred, onlineSettle
	case "pausing":
		c.CanPause = true
	case "blind":
		c.CanPause = true
		c.Moves = map[providers.Kind]providers.Grain{providers.Default: providers.WholeTarget}
		c.Resolves, c.Reads, c.Bounds, c.Undo = nil, providers.No, providers.No, providers.No
	}
	return c
}

func (sm *simulation) truth() time.Time { return start.Add(sm.passed) }

func (sm *simulation) now() time.Time { return start.Add(sm.passed + sm.skew) }

// file is the path of the document.
func (sm *simulation) file() string { return filepath.Join(sm.dir, "p.yaml") }

func (sm *simulation) lockOf(who int) string {
	if who == 1 && sm.script.Setup.Own {
		return filepath.Join(sm.dir, "other.lock.yaml")
	}
	return filepath.Join(sm.dir, "p.lock.yaml")
}

func runOf(n int) string { return []string{"once", "again"}[n] }

// to returns a step's present `to` as the document writes it.
func (sm *simulation) to(step int) string {
	form := []string{sm.script.Setup.To, sm.script.Setup.To2}[step]
	all := forms[sm.script.Setup.Kind]
	if sm.edits[step] > 0 {
		form = all[sm.edits[step]%len(all)]
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

func (sm *simulation) steps() int {
	if sm.script.Setup.To2 == "" {
		return 1
	}
	return 2
}

func (sm *simulation) writeDocument() {
	provider, approximate := `{type: kafka, bootstrapServers: ["b0:9092"]}`, false
	if sm.otherAddress {
		provider = `{type: kafka, bootstrapServers: ["b0:9092", "b1:9092"]}`
	}
	if sm.script.Setup.Kind == "online" {
		provider, approximate = "{type: huawei-rocketmq, region: cn-north-4, projectId: p, instanceId: i}", true
		if sm.otherAddress {
			provider = strings.TrimSuffix(provider, "}") + ", endpoint: \"https://mirror.example\"}"
		}
	}
	text := "version: 1\nname: p\n"
	if sm.script.Setup.Undo {
		text += "onError: undo\n"
	}
	text += "providers:\n  k: " + provider + "\nsteps:\n"
	for n := range sm.steps() {
		text += fmt.Sprintf("  - id: s%d\n    provider: k\n    target: {group: %s, topic: %s}\n", n, group(n), topic)
		text += fmt.Sprintf("    to: %s\n    guards: {%s}\n", sm.to(n), sm.guards())
		if approximate {
			text += "    approximate: true\n"
		}
		if idle := map[string]string{"wait": "{wait: 20s}", "assume": "{assume: true}", "pause": "{pause: true}", "workload": "{workload: w}"}[sm.script.Setup.Idle]; idle != "" {
			text += "    idle: " + idle + "\n"
		}
	}
	must(os.WriteFile(sm.file(), []byte(text), 0o600))
}

func (sm *simulation) guards() string {
	var out []string
	if sm.script.Setup.Kind != "online" {
		out = append(out, "allowNew: true")
	}
	switch sm.script.Setup.Guard {
	case "skip":
		out = append(out, "maxSkip: unlimited")
	case "replay":
		out = append(out, "maxReplay: 2")
	}
	return strings.Join(out, ", ")
}

// ref writes the lock to which `to: {lock}` refers.
func (sm *simulation) ref(n int) {
	path := filepath.Join(sm.dir, "ref.lock.yaml")
	must(os.RemoveAll(path))
	for i := range 2 {
		s := lock.Step{ID: fmt.Sprint("s", i), Digest: digestOf(fmt.Sprint(i)), Address: address(group(i), sm.otherAddress), Outcome: lock.Verified,
			At: lock.AtTime(sm.now())}
		for p := range sm.script.Setup.Parts {
			s.Parts = append(s.Parts, lock.Part{Part: part(p), Before: providers.AtOffset(int64((n + 1) % (records + 1))),
				After: providers.AtOffset(0)})
		}
		must(write(path, "p", sm.now, "once", s))
	}
}

func digestOf(s string) string { return "sha256:" + strings.Repeat("0", 64-len(s)) + s }

func must(err error) {
	if err != nil {
		panic(err)
	}
}
