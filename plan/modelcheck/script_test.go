package modelcheck_test

import (
	"fmt"
	"math/bits"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"pgregory.net/rapid"
)

// A script is one case of the model check as data: the initial state and the
// operations. Its text can be saved in testdata and run again.
type script struct {
	Setup setup
	Ops   []op
}

// A setup is the state before the first operation.
type setup struct {
	Kind     string // offline, online, pausing, blind or workload: see kinds
	Parts    int    // partitions of the topic
	To       string // of the first step
	To2      string // of a second step; "" = no second step
	At       int    // committed on each partition of the first step's group; -1 = no commit
	At2      int    // the same for the second step's group
	Idle     string // wait, assume, pause, workload or ""
	Guard    string // skip (maxSkip: unlimited), replay (maxReplay: 2) or ""
	Active   bool   // the first step's group has a member
	Own      bool   // the second operator has a separate lock
	Eager    bool   // online: consumers immediately read from the target to the end
	Delay    int    // online: seconds until a reset takes effect; workload: until the service reports a stop or a start
	Metadata bool   // the groups' commits carry metadata
	Undo     bool   // workload: onError is undo
	Status   bool   // workload: it has a status command
}

// An op is one operation. The fields that its Do does not use stay zero.
type op struct {
	Do    string
	Who   int // operator
	Run   int
	Step  int
	N     int    // an offset, a number of records, the index of a saved plan …
	Kill  string // the process is killed at this event: "sent:1"
	Cut   int    // at a kill: how much of the last write to the journal is lost
	Mid   string // at this event another client performs MidDo
	MidDo string
	Fault string // lose-, drop- or no- and reset, pause or start; deny-second: the second reset is refused
}

// line formats the fields that are set, on one line.
func line(v any) string {
	var out []string
	s := reflect.ValueOf(v)
	for i := range s.NumField() {
		f, name := s.Field(i), strings.ToLower(s.Type().Field(i).Name)
		switch {
		case f.IsZero():
		case name == "do" && len(out) == 0:
			out = append(out, f.String())
		default:
			out = append(out, fmt.Sprintf("%s=%v", name, f.Interface()))
		}
	}
	return strings.Join(out, " ")
}

func (s script) String() string {
	text := "setup " + line(s.Setup) + "\n"
	for _, o := range s.Ops {
		text += line(o) + "\n"
	}
	return text
}

// parse reads the output of String. Lines that start with # are comments.
func parse(text string) (script, error) {
	var s script
	for _, l := range strings.Split(strings.TrimSpace(text), "\n") {
		words := strings.Fields(l)
		if len(words) == 0 || strings.HasPrefix(l, "#") {
			continue
		}
		into := reflect.ValueOf(&s.Setup).Elem()
		var o op
		if words[0] != "setup" {
			o.Do = words[0]
			into = reflect.ValueOf(&o).Elem()
		}
		for _, w := range words[1:] {
			if err := fill(into, w); err != nil {
				return s, err
			}
		}
		if words[0] != "setup" {
			s.Ops = append(s.Ops, o)
		}
	}
	return s, nil
}

func fill(into reflect.Value, word string) error {
	name, value, _ := strings.Cut(word, "=")
	f := into.FieldByNameFunc(func(field string) bool { return strings.EqualFold(field, name) })
	if !f.IsValid() {
		return fmt.Errorf("%q is not a field", name)
	}
	switch f.Kind() {
	case reflect.Int:
		n, err := strconv.Atoi(value)
		f.SetInt(int64(n))
		return err
	case reflect.Bool:
		f.SetBool(value == "true")
	default:
		f.SetString(value)
	}
	return nil
}

// forms lists the forms of `to` by kind of service.
var forms = map[string][]string{
	"offline":  {"offset:2", "latest", "earliest", "current", "shift:-2", "shift:3", "time:3", "offsets:1", "group", "lock", "unset", "offset:5"},
	"online":   {"time:3", "latest", "earliest", "time:1"},
	"pausing":  {"offset:2", "latest", "shift:-2", "offset:5"},
	"blind":    {"default"},
	"workload": {"offset:2", "latest", "shift:-2", "current", "offset:5"},
}

// The events of an apply at which it can be killed or another client can interfere.
var (
	events = []string{"sent:1", "send:1", "read:1", "read:2", "read:3", "read:4", "progress:1", "progress:2", "progress:3", "sent:2", "send:2",
		"sleep:1", "sleep:2", "prompt:1"}
	pauses        = []string{"pause:1", "paused:1", "start:1", "started:1"}
	openings      = []string{"prompt:1", "sent:1", "sleep:1", "sleep:3", "read:1", "read:2", "read:3", "sent:2"}
	interferences = []string{"commit", "apply", "leave", "finish", "append", "read", "truncate", "partition", "recreate", "join"}
	faults        = []string{"lose-reset", "drop-reset", "no-reset"}
	seconds       = []string{"deny-second", "deny-second", "deny-second", "deny-second", "deny-second"}
	stops         = []string{"lose-pause", "drop-pause", "no-pause", "lose-start", "drop-start", "no-start"}
)

// uniform draws from 0 to n-1 with equal probability: rapid's own integers are mostly
// small. It shrinks to 0.
func uniform(t *rapid.T, n int) int {
	value := 0
	for range bits.Len(uint(n)) + 3 {
		value *= 2
		if rapid.Bool().Draw(t, "bit") {
			value++
		}
	}
	return value % n
}

func pick[T any](t *rapid.T, of []T) T { return of[uniform(t, len(of))] }

func setups(kind string) *rapid.Generator[setup] {
	return rapid.Custom(func(t *rapid.T) setup {
		s := setup{
			Kind: kind, Parts: 1 + uniform(t, 2),
			To: pick(t, forms[kind]),
			At: pick(t, []int{4, 6, 2, 3, 4, 6, 0, -1}),
		}
		if uniform(t, 3) == 2 {
			s.To2, s.At2 = pick(t, forms[kind]), pick(t, []int{4, 6, 2})
		}
		s.Guard = pick(t, []string{"skip", "skip", "skip", ""})
		s.Own = uniform(t, 4) == 3
		s.Metadata = uniform(t, 2) == 1
		switch kind {
		case "online":
			s.Eager, s.Delay, s.Active = uniform(t, 2) == 1, pick(t, []int{0, 10, 25}), true
			s.At = max(s.At, 0)
		case "pausing", "blind":
			s.Idle, s.Active = "pause", true
		case "workload":
			s.Idle, s.Active, s.Delay = "workload", true, pick(t, []int{0, 10, 25})
			s.Undo, s.Status = uniform(t, 2) == 1, uniform(t, 3) == 2
			if s.To2 == "" && uniform(t, 2) == 1 { // most documents have steps that share the workload
				s.To2, s.At2 = pick(t, forms[kind]), pick(t, []int{4, 6, 2})
			}
		default:
			if uniform(t, 6) == 5 {
				s.Guard = "replay"
			}
			s.Idle = pick(t, []string{"", "wait", "assume"})
			s.Active = s.Idle == "wait" && uniform(t, 4) > 0
		}
		return s
	})
}

// operations lists the possible operations; an operation that is listed more often is
// more likely.
func operations(kind string) []string {
	all := []string{
		"apply", "apply", "apply", "apply", "apply", "rollback", "review", "save", "save", "apply-digest", "apply-digest", "apply-saved",
		"apply-saved", "settle", "commit", "commit", "read", "append", "append", "truncate", "partition", "recreate", "time", "back",
		"lose", "putback", "cut", "edit", "respell", "forge", "round",
	}
	switch kind {
	case "online":
		return append(all, "time", "time", "time", "apply", "apply", "read", "join")
	case "offline":
		return append(all, "leave", "join", "donor", "ref", "save", "apply-saved", "delete")
	case "workload":
		all = append(all, "resume", "resume", "resume", "unknown")
	}
	return append(all, "start", "apply", "apply", "join", "leave", "time")
}

func ops(kind string) *rapid.Generator[op] {
	return rapid.Custom(func(t *rapid.T) op {
		o := op{Do: pick(t, operations(kind))}
		small := func(most int) int { return uniform(t, most+1) }
		switch o.Do {
		case "apply", "apply-digest", "apply-saved", "rollback":
			o.Who, o.Run = small(4)/4, small(5)/5
			if o.Do == "apply-digest" || o.Do == "apply-saved" {
				o.N = small(2)
			}
			disturb(t, kind, &o)
		case "resume":
			o.Who = small(4) / 4
			disturb(t, kind, &o)
		case "review", "save", "round":
			o.Who, o.Run = small(4)/4, small(5)/5
		case "settle":
			o.Run, o.Step, o.N = small(5)/5, small(1), small(1)
		case "lose", "copy", "putback", "cut":
			o.Who, o.N = small(4)/4, small(40)
		case "back":
			o.N = small(2)
		default:
			o.Step, o.N = small(1), small(7)
		}
		return o
	})
}

// disturb draws what happens to an apply while it runs.
func disturb(t *rapid.T, kind string, o *op) {
	kills, wrongs := events, faults
	switch kind {
	case "workload":
		kills, wrongs = append(pauses, events...), slices.Concat(stops, faults, seconds)
	case "pausing", "blind":
		kills, wrongs = append(pauses, events...), append(stops, faults...)
	}
	if uniform(t, 3) == 2 {
		o.Kill, o.Cut = pick(t, kills), uniform(t, 10)
	}
	if uniform(t, 3) == 2 {
		o.Mid, o.MidDo = pick(t, openings), pick(t, interferences)
		o.Step, o.N = uniform(t, 2), uniform(t, 8)
	}
	if often := map[string]int{"workload": 3}[kind]; uniform(t, 6) >= 5-often {
		o.Fault = pick(t, wrongs)
	}
}

func scripts(kind string, most int) *rapid.Generator[script] {
	return rapid.Custom(func(t *rapid.T) script {
		setup := setups(kind).Draw(t, "setup")
		some := rapid.SliceOfN(ops(kind), 1, most/2).Draw(t, "ops")
		return script{setup, withPrerequisites(setup, append(some, rapid.SliceOfN(ops(kind), 0, most/2).Draw(t, "more")...))}
	})
}

// withPrerequisites replaces operations that could not do anything yet by the
// operations that they need.
func withPrerequisites(s setup, all []op) []op {
	needs := map[string]string{
		"rollback": "apply", "settle": "apply", "lose": "apply", "cut": "apply", "start": "apply", "resume": "apply",
		"apply-saved": "save", "forge": "save", "apply-digest": "review", "putback": "copy",
	}
	done := map[string]bool{}
	for i := range all {
		o := &all[i]
		if first, ok := needs[o.Do]; ok && !done[first] {
			o.Do = first
		}
		done[o.Do] = true
		if sends := strings.HasPrefix(o.Do, "apply"); sends && s.Idle == "wait" && s.Active && o.Mid == "" {
			o.Mid, o.MidDo = "sleep:2", []string{"leave", "finish"}[o.N%2]
		}
	}
	return all
}
