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

// damage changes a lock outside of the program.
func (sm *simulation) damage(o op) {
	path := sm.lockOf(o.Who)
	switch o.Do {
	case "lose":
		must(os.RemoveAll(path))
		must(os.RemoveAll(journalOf(path)))
		sm.forgetLock(path)
		sm.damaged[path] = false
	case "copy":
		if !exists(journalOf(path)) { // a lock without its journal is incomplete
			sm.copies[path] = sm.backup(path)
		}
	case "putback":
		if b, ok := sm.copies[path]; ok && !exists(journalOf(path)) {
			sm.restore(path, b)
			sm.damaged[path] = true // the copy may be truncated
			sm.checkLock(path)
		}
	case "cut":
		raw, err := os.ReadFile(path)
		if lines := slices.Collect(strings.Lines(string(raw))); err == nil && len(lines) > 1 {
			cut := strings.Join(lines[:1+o.N%(len(lines)-1)], "")
			must(os.WriteFile(path, []byte(cut), 0o600))
			sm.damaged[path] = true
		}
	}
}

// forge changes a number in the newest saved plan.
func (sm *simulation) forge(o op) {
	if len(sm.saved) == 0 {
		return
	}
	a := &sm.saved[len(sm.saved)-1]
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

// change performs an action of another client or of time.
func (sm *simulation) change(what string, n, count int) {
	g := group(n)
	all := sm.service.Partitions(topic)
	sm.changed(what, g)
	if what == "commit" && sm.script.Setup.Kind == "online" {
		what = "read" // no other client can commit on that service
	}
	switch what {
	case "time":
		sm.passed += []time.Duration{5 * time.Second, 40 * time.Second, time.Hour}[count%3]
	case "back":
		sm.skew -= []time.Duration{time.Minute, 2 * time.Hour, 48 * time.Hour, 0}[min(count, 3)]
	case "leave":
		sm.readOn(g, count)
		sm.rest(g)
	case "finish":
		sm.change("append", n, count)
		sm.readOn(g, 0)
		sm.rest(g)
	case "join", "start":
		sm.startByHand(what, g)
	case "read":
		sm.readOn(g, count)
	case "donor", "commit":
		for _, p := range all {
			sm.foreign(map[string]string{"donor": "donor", "commit": g}[what], p, count)
		}
	case "append":
		for _, p := range all {
			sm.service.Append(p, slices.Repeat([]time.Time{sm.truth()}, 1+count%3)...)
		}
		sm.keepUp(all)
	case "truncate":
		for _, p := range all {
			_, high, _, _ := sm.service.Log(p)
			sm.service.Truncate(p, min(int64(count), high))
		}
	case "partition":
		if len(all) > 0 && len(all) < 4 {
			sm.service.AddPartitions(topic, 1, sm.hours(records)...)
		}
	case "recreate", "delete":
		sm.service.DeleteTopic(topic)
		if what == "recreate" {
			sm.service.Topic(topic, sm.script.Setup.Parts, fmt.Sprint("log-", sm.seq), sm.hours(3+count%4)...)
		}
	case "ref":
		sm.ref(count)
	}
}

// changed records whose positions a change may move.
func (sm *simulation) changed(what, g string) {
	switch what {
	case "time", "back", "join", "start", "donor", "ref":
	case "commit", "read", "leave":
		sm.moved(g)
	default:
		for n := range sm.steps() {
			sm.moved(group(n))
		}
	}
}

// foreign commits as another client.
func (sm *simulation) foreign(g string, p providers.Part, count int) {
	low, high, _, _ := sm.service.Log(p)
	at := min(max(int64(count), low), high)
	sm.service.Commit(g, p, at, map[string]string{"metadata": fmt.Sprint("other-", sm.seq)})
}

// keepUp lets eager consumers read added records.
func (sm *simulation) keepUp(all []providers.Part) {
	for n := range sm.steps() {
		if sm.script.Setup.Eager && sm.service.Active(group(n)) {
			for _, p := range all {
				_, high, _, _ := sm.service.Log(p)
				sm.service.Commit(group(n), p, high, nil)
			}
		}
	}
}

// readOn lets consumers read some records, or to the end. They do not stop exactly at
// the position before a reset: no reading could detect that.
func (sm *simulation) readOn(g string, count int) {
	for _, p := range sm.service.Partitions(topic) {
		at, ok := sm.committed(g)[p].Offset()
		low, high, _, _ := sm.service.Log(p)
		if !ok || at >= high {
			continue
		}
		to := min(max(at, low)+int64(count), high)
		if count == 0 {
			to = high
		}
		for to < high && slices.Contains(sm.befores[g][p], providers.AtOffset(to)) {
			to++
		}
		sm.service.Commit(g, p, to, nil)
	}
}

// startByHand starts consumers by hand; "join" is a consumer that another program starts, if
// the service itself runs those that this program pauses.
func (sm *simulation) startByHand(what, g string) {
	if sm.script.Setup.Kind == "workload" {
		sm.startAll(0)
		return
	}
	sm.service.Activate(g)
	if what == "start" {
		delete(sm.paused, g)
	}
}

// rest stops the consumers of one group by hand.
func (sm *simulation) rest(g string) {
	sm.service.Rest(g)
	sm.consumers.running[g] = false
	sm.consumers.due = slices.DeleteFunc(sm.consumers.due, func(d transition) bool { return d.group == g })
}
