package plan_test

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"pgregory.net/rapid"
)

// A script is a case of the model check as data: how the world begins, and
// what is done in it. Its text can be read, kept in testdata and run again.
type script struct {
	Setup setup
	Ops   []op
}

// A setup is the world before the first operation.
type setup struct {
	Kind   string // offline, online, pausing or blind: see kinds
	Parts  int    // partitions of the topic
	To     string // of the first step
	To2    string // of a second step; "" = there is none
	At     int    // committed on each partition of the first step's group; -1 = never
	At2    int    // the same of the second step's
	Idle   string // wait, assume, pause or ""
	Guard  string // skip (maxSkip: unlimited), replay (maxReplay: 2) or ""
	Active bool   // the first step's group has a live member
	Own    bool   // the second operator has a lock of its own
	Eager  bool   // online: consumers read from the target to the end at once
	Delay  int    // online: seconds until a reset takes effect
	Kept   bool   // the groups' commits carry metadata
}

// An op is one operation. The fields that its Do does not use stay zero.
type op struct {
	Do    string
	Who   int // operator
	Run   int
	Step  int
	N     int    // an offset, a number of records, which saved plan …
	Kill  string // the process is killed at this event: "sent:1"
	Cut   int    // at a kill: how much of what was last written to the journal is lost
	Mid   string // at this event another client does MidDo
	MidDo string
	Fault string // lose-, drop- or no- and reset, pause or start
}

// String writes the fields that are set, in a line.
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

// parse reads what String wrote. Lines that begin with # are comments.
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

// Forms of `to` by the kind of service.
var forms = map[string][]string{
	"offline": {"offset:2", "latest", "earliest", "current", "shift:-2", "shift:3", "time:3", "offsets:1", "group", "lock", "unset", "offset:5"},
	"online":  {"time:3", "latest", "earliest", "time:1"},
	"pausing": {"offset:2", "latest", "shift:-2", "offset:5"},
	"blind":   {"default"},
}

// The events of an apply at which it can be killed, or the world can change.
var (
	events    = []string{"sent:1", "send:1", "read:1", "read:2", "read:3", "read:4", "told:1", "told:2", "told:3", "sent:2", "send:2", "sleep:1", "sleep:2", "prompt:1"}
	pauses    = []string{"pause:1", "paused:1", "start:1", "started:1"}
	openings  = []string{"prompt:1", "sent:1", "sleep:1", "sleep:3", "read:1", "read:2", "read:3", "sent:2"}
	intrusion = []string{"commit", "leave", "finish", "append", "read", "truncate", "partition", "recreate", "join"}
	faults    = []string{"lose-reset", "drop-reset", "no-reset"}
	stops     = []string{"lose-pause", "drop-pause", "no-pause", "lose-start", "drop-start", "no-start"}
)

func setups(kind string) *rapid.Generator[setup] {
	return rapid.Custom(func(t *rapid.T) setup {
		s := setup{
			Kind: kind, Parts: rapid.IntRange(1, 2).Draw(t, "parts"),
			To: rapid.SampledFrom(forms[kind]).Draw(t, "to"),
			At: rapid.SampledFrom([]int{4, 6, 2, 3, 0, -1}).Draw(t, "at"),
		}
		if rapid.IntRange(0, 2).Draw(t, "second step") == 2 {
			s.To2, s.At2 = rapid.SampledFrom(forms[kind]).Draw(t, "to2"), rapid.SampledFrom([]int{4, 6, 2}).Draw(t, "at2")
		}
		s.Guard = rapid.SampledFrom([]string{"skip", "skip", "", "replay"}).Draw(t, "guard")
		s.Own = rapid.IntRange(0, 3).Draw(t, "own lock") == 3
		s.Kept = rapid.Bool().Draw(t, "kept")
		switch kind {
		case "online":
			s.Eager, s.Delay, s.Active = rapid.Bool().Draw(t, "eager"), rapid.SampledFrom([]int{0, 10, 25}).Draw(t, "delay"), true
			s.At = max(s.At, 0)
		case "pausing", "blind":
			s.Idle, s.Active = "pause", true
		default:
			s.Idle = rapid.SampledFrom([]string{"", "wait", "assume"}).Draw(t, "idle")
			s.Active = s.Idle == "wait" && rapid.IntRange(0, 3).Draw(t, "active") > 0
		}
		return s
	})
}

// doings are what can be done, the likelier the more often it is listed.
func doings(kind string) []string {
	all := []string{
		"apply", "apply", "apply", "apply", "rollback", "review", "save", "apply-digest", "apply-saved", "apply-saved", "settle",
		"commit", "read", "leave", "append", "truncate", "partition", "recreate", "delete", "time", "back",
		"lose", "copy", "putback", "cut", "edit", "respell", "forge", "round",
	}
	switch kind {
	case "online":
		return append(all, "time", "time", "time", "apply", "apply", "read")
	case "offline":
		return append(all, "join", "donor", "ref", "save", "apply-saved", "commit")
	}
	return append(all, "start", "apply", "apply", "join", "time")
}

func ops(kind string) *rapid.Generator[op] {
	return rapid.Custom(func(t *rapid.T) op {
		o := op{Do: rapid.SampledFrom(doings(kind)).Draw(t, "do")}
		small := func(name string, most int) int { return rapid.IntRange(0, most).Draw(t, name) }
		switch o.Do {
		case "apply", "apply-digest", "apply-saved", "rollback":
			o.Who, o.Run = small("who", 4)/4, small("run", 5)/5
			if o.Do == "apply-digest" || o.Do == "apply-saved" {
				o.N = small("n", 2)
			}
			disturbed(t, kind, &o)
		case "review", "save", "round":
			o.Who, o.Run = small("who", 4)/4, small("run", 5)/5
		case "settle":
			o.Run, o.Step, o.N = small("run", 5)/5, small("step", 1), small("n", 1)
		case "lose", "copy", "putback", "cut":
			o.Who, o.N = small("who", 4)/4, small("n", 40)
		case "back":
			o.N = small("n", 2)
		default:
			o.Step, o.N = small("step", 1), small("n", 7)
		}
		return o
	})
}

// disturbed draws what happens to an apply while it runs.
func disturbed(t *rapid.T, kind string, o *op) {
	kills, wrongs := events, faults
	if kind == "pausing" || kind == "blind" {
		kills, wrongs = append(pauses, events...), append(stops, faults...)
	}
	if rapid.IntRange(0, 2).Draw(t, "killed") == 2 {
		o.Kill, o.Cut = rapid.SampledFrom(kills).Draw(t, "kill"), rapid.IntRange(0, 9).Draw(t, "cut")
	}
	if rapid.IntRange(0, 2).Draw(t, "disturbed") == 2 {
		o.Mid, o.MidDo = rapid.SampledFrom(openings).Draw(t, "mid"), rapid.SampledFrom(intrusion).Draw(t, "middo")
		o.Step, o.N = rapid.IntRange(0, 1).Draw(t, "step"), rapid.IntRange(0, 7).Draw(t, "n")
	}
	if rapid.IntRange(0, 5).Draw(t, "faulty") == 5 {
		o.Fault = rapid.SampledFrom(wrongs).Draw(t, "fault")
	}
}

func scripts(kind string, most int) *rapid.Generator[script] {
	return rapid.Custom(func(t *rapid.T) script {
		return script{setups(kind).Draw(t, "setup"), rapid.SliceOfN(ops(kind), 1, most).Draw(t, "ops")}
	})
}
