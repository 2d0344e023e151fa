//go:build linux && amd64

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// A workloadCluster is a Kafka whose groups have consumers that a workload stops: a group is active unless its folder
// exists.
type workloadCluster struct {
	*cluster
	command string            // makes or removes a folder
	folders string            // those of groups, and next to each one an entry for each command, in its order
	runs    map[string]string // by group: the group whose folder it shares
	early   map[string]int    // by group: commits while it was active
	readers map[string]func() // by group: what its consumers do when they are seen running; may be nil
}

// folderCommand is the program of a workload: "stop FOLDER" makes the folder, "start FOLDER" removes it. Each run makes an
// entry: "FOLDER.TIME.stop", or "again" if there was nothing to do. It uses no system call at which a traced program stops:
// those fail in its children.
const folderCommand = `package main

import (
	"fmt"
	"os"
	"syscall"
	"time"
	"unsafe"
)

func call(number uintptr, folder string) syscall.Errno {
	name := append([]byte(folder), 0)
	_, _, err := syscall.RawSyscall(number, uintptr(unsafe.Pointer(&name[0])), 0o700, 0)
	return err
}

func main() {
	verb, folder := os.Args[1], os.Args[2]
	err := call(map[string]uintptr{"stop": syscall.SYS_MKDIR, "start": syscall.SYS_RMDIR}[verb], folder)
	if err != 0 && err != syscall.EEXIST && err != syscall.ENOENT {
		os.Exit(1)
	}
	if err != 0 {
		verb += "-again"
	}
	call(syscall.SYS_MKDIR, fmt.Sprintf("%s.%d.%s", folder, time.Now().UnixNano(), verb))
}
`

func newWorkloadCluster(t testing.TB) *workloadCluster {
	t.Helper()
	dir := t.TempDir()
	w := &workloadCluster{cluster: newBroker(t), command: filepath.Join(dir, "folder"), folders: filepath.Join(dir, "groups"),
		runs: map[string]string{}, early: map[string]int{}, readers: map[string]func(){}}
	source := filepath.Join(dir, "main.go")
	if err := os.WriteFile(source, []byte(folderCommand), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(w.folders, 0o700); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-o", w.command, source)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the command of the workload: %v\n%s", err, out)
	}
	w.active = func(group string) bool {
		is := w.runs[group] != "" && !w.stopped(group)
		if is {
			w.early[group]++
		}
		return is
	}
	w.ControlKey(int16(kmsg.ListGroups), w.list)
	return w
}

// list lists the groups of trials with the state of their consumers.
func (w *workloadCluster) list(r kmsg.Request) (kmsg.Response, error, bool) {
	w.KeepControl()
	answer := r.(*kmsg.ListGroupsRequest).ResponseKind().(*kmsg.ListGroupsResponse)
	w.mu.Lock()
	defer w.mu.Unlock()
	for name := range w.ledgers {
		one := kmsg.NewListGroupsResponseGroup()
		one.Group, one.ProtocolType, one.GroupType, one.GroupState = name, "consumer", "classic", "Stable"
		if w.stopped(name) {
			one.GroupState = "Empty"
		} else if read := w.readers[name]; read != nil {
			go read()
		}
		answer.Groups = append(answer.Groups, one)
	}
	return answer, nil, true
}

func (w *workloadCluster) folder(group string) string { return filepath.Join(w.folders, group) }

// stopped reports whether the consumers of a group are stopped. The caller holds the cluster.
func (w *workloadCluster) stopped(group string) bool {
	_, err := os.Stat(w.folder(w.runs[group]))
	return err == nil
}

// share makes a group run by the workload of another one, or by one of its own.
func (w *workloadCluster) share(group, with string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.runs[group] = with
}

// workload is a step whose consumers a workload stops.
func (w *workloadCluster) workload(t testing.TB, l *ledger, _ func() time.Time) service {
	s := w.kafka(t, l, 300, 120)
	group := s.group
	w.share(group, group)
	s.step += "    idle: {workload: consumers}\n"
	s.paused = func() bool {
		_, err := os.Stat(w.folder(group))
		return err == nil
	}
	s.faults = func() []string { return w.faults(group) }
	config := filepath.Join(t.TempDir(), "c.yaml")
	text := fmt.Sprintf("version: 1\nworkloads: {consumers: {stop: [%q, stop, %q], start: [%q, start, %q]}}\n", w.command, w.folder(group), w.command,
		w.folder(group))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.env = []string{"RESETPLAN_CONFIG=" + config}
	return s
}

// replay is a step that replays a part of what it rewinds, and whose consumers read that part, and somewhat more, as
// soon as they are seen running after the reset.
func (w *workloadCluster) replay(then string) func(testing.TB, *ledger, func() time.Time) service {
	return func(t testing.TB, l *ledger, now func() time.Time) service {
		s := w.workload(t, l, now)
		s.step += "    until: {offset: 150}\n    then: " + then + "\n"
		const former, readTo = 300, 200
		s.stops, s.after = then == "stop", everywhere(s.parts, strconv.Itoa(readTo))
		if then == "return" {
			s.after = everywhere(s.parts, strconv.Itoa(former))
		}
		var once sync.Once
		w.mu.Lock()
		defer w.mu.Unlock()
		w.former[s.group] = former
		w.readers[s.group] = func() {
			if len(l.all()) >= len(s.parts) {
				once.Do(func() { s.readers(readTo) })
			}
		}
		return s
	}
}

// shared is two steps whose consumers the same workload runs. The second one is refused until lift is called, so that the
// first one is rolled back.
func (w *workloadCluster) shared(t testing.TB, l *ledger, now func() time.Time) service {
	s := w.workload(t, l, now)
	w.failing(t, &s)
	_, after, _ := strings.Cut(s.second, "group: ")
	second, _, _ := strings.Cut(after, ",")
	w.share(second, s.group)
	s.second += "    idle: {workload: consumers}\n"
	return s
}

// faults returns what was done that must not be: a stop of what is stopped already, and a commit to an active group.
func (w *workloadCluster) faults(group string) (out []string) {
	for _, run := range w.commands(group) {
		if run == "stop-again" {
			out = append(out, "the workload is stopped twice without a start")
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.early[group] > 0 {
		out = append(out, "a reset is sent while the consumers are active")
	}
	return out
}

// commands returns the commands that a workload has run, in their order.
func (w *workloadCluster) commands(group string) (out []string) {
	all, err := filepath.Glob(w.folder(group) + ".*") // sorted: times have the same number of digits
	if err != nil {
		return []string{err.Error()}
	}
	for _, name := range all {
		out = append(out, name[strings.LastIndex(name, ".")+1:])
	}
	return out
}
