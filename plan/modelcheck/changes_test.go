package modelcheck_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// damage is what happens to a lock outside of this program.
func (w *world) damage(o op) {
	path := w.lockOf(o.Who)
	switch o.Do {
	case "lose":
		must(os.RemoveAll(path))
		must(os.RemoveAll(journalOf(path)))
		w.forget(path)
		w.spoilt[path] = false
	case "copy":
		if !exists(journalOf(path)) { // without its journal a lock is not all that is known
			w.copies[path] = w.backup(path)
		}
	case "putback":
		if b, ok := w.copies[path]; ok && !exists(journalOf(path)) {
			w.restore(path, b)
			w.spoilt[path] = true // the copy may have been cut
			w.claims(path)
		}
	case "cut":
		raw, err := os.ReadFile(path)
		if lines := slices.Collect(strings.Lines(string(raw))); err == nil && len(lines) > 1 {
			cut := strings.Join(lines[:1+o.N%(len(lines)-1)], "")
			must(os.WriteFile(path, []byte(cut), 0o600))
			w.spoilt[path] = true
		}
	}
}

// forge changes a number in the newest saved plan.
func (w *world) forge(o op) {
	if len(w.saved) == 0 {
		return
	}
	a := &w.saved[len(w.saved)-1]
	var p map[string]any
	must(json.Unmarshal(a.raw, &p))
	steps, _ := p["steps"].([]any)
	step, _ := steps[o.Step%len(steps)].(map[string]any)
	parts, _ := step["parts"].([]any)
	if len(parts) == 0 {
		return
	}
	one, _ := parts[0].(map[string]any)
	keys := slices.Sorted(maps.Keys(one))
	field := []string{"after", "before", "high", "low", "after"}[o.N%5]
	if slices.Contains(keys, field) {
		one[field] = fmt.Sprint("offset:", o.N%3)
	}
	var err error
	a.raw, err = json.Marshal(p)
	must(err)
}

// change is what other programs and time do.
func (w *world) change(what string, n, count int) {
	g := group(n)
	all := w.service.Partitions(topic)
	w.changed(what, g)
	if what == "commit" && w.script.Setup.Kind == "online" {
		what = "read" // no other client can commit there
	}
	switch what {
	case "time":
		w.passed += []time.Duration{5 * time.Second, 40 * time.Second, time.Hour}[count%3]
	case "back":
		w.skew -= []time.Duration{time.Minute, 2 * time.Hour, 48 * time.Hour, 0}[min(count, 3)]
	case "leave":
		w.readOn(g, count)
		w.service.Rest(g)
	case "finish":
		w.change("append", n, count)
		w.readOn(g, 0)
		w.service.Rest(g)
	case "join":
		w.service.Activate(g)
	case "start":
		w.service.Activate(g)
		delete(w.paused, g)
	case "read":
		w.readOn(g, count)
	case "donor", "commit":
		for _, p := range all {
			w.foreign(map[string]string{"donor": "donor", "commit": g}[what], p, count)
		}
	case "append":
		for _, p := range all {
			w.service.Append(p, slices.Repeat([]time.Time{w.truth()}, 1+count%3)...)
		}
		w.keepUp(all)
	case "truncate":
		for _, p := range all {
			_, high, _, _ := w.service.Log(p)
			w.service.Truncate(p, min(int64(count), high))
		}
	case "partition":
		if len(all) > 0 && len(all) < 4 {
			w.service.AddPartitions(topic, 1, w.hours(records)...)
		}
	case "recreate", "delete":
		w.service.DeleteTopic(topic)
		if what == "recreate" {
			w.service.Topic(topic, w.script.Setup.Parts, fmt.Sprint("log-", w.seq), w.hours(3+count%4)...)
		}
	case "ref":
		w.ref(count)
	}
}

// changed notes whose positions a change may touch.
func (w *world) changed(what, g string) {
	switch what {
	case "time", "back", "join", "start", "donor", "ref":
	case "commit", "read", "leave":
		w.moved(g)
	default:
		for n := range w.steps() {
			w.moved(group(n))
		}
	}
}

// foreign is a commit by another client.
func (w *world) foreign(g string, p providers.Part, count int) {
	low, high, _, _ := w.service.Log(p)
	at := min(max(int64(count), low), high)
	w.service.Commit(g, p, at, map[string]string{"metadata": fmt.Sprint("other-", w.seq)})
}

// keepUp lets eager consumers read what was added.
func (w *world) keepUp(all []providers.Part) {
	for n := range w.steps() {
		if w.script.Setup.Eager && w.service.Active(group(n)) {
			for _, p := range all {
				_, high, _, _ := w.service.Log(p)
				w.service.Commit(group(n), p, high, nil)
			}
		}
	}
}

// readOn lets consumers read some records, or to the end. They do not stop
// exactly where a reset took them away: no reading could see that.
func (w *world) readOn(g string, count int) {
	for _, p := range w.service.Partitions(topic) {
		at, ok := w.committed(g)[p].Offset()
		low, high, _, _ := w.service.Log(p)
		if !ok || at >= high {
			continue
		}
		to := min(max(at, low)+int64(count), high)
		if count == 0 {
			to = high
		}
		for to < high && slices.Contains(w.befores[g][p], providers.AtOffset(to)) {
			to++
		}
		w.service.Commit(g, p, to, nil)
	}
}
