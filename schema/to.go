package schema

import (
	"fmt"
	"strconv"
	"strings"
)

// to reads where a step goes.
func (b *builder) to(v any, at string) To {
	if word, ok := v.(string); ok {
		return To{Form: Form(word)}
	}
	o := object(v)
	form := b.form(o, at)
	t := To{Form: form}
	switch form {
	case ToTimestamp:
		t.WhenPastEnd = scalar(o["whenPastEnd"])
		if t.WhenPastEnd == "" {
			t.WhenPastEnd = "end"
		}
		i, err := parseInstant(scalar(o["timestamp"]), scalar(o["timezone"]))
		if err != nil {
			b.fault(at+".timestamp", false, err.Error(), "")
		} else if o["timezone"] != nil && (i.FromNow || digits.MatchString(scalar(o["timestamp"]))) {
			b.fault(at+".timezone", true, "a time zone is only for a date-time that has none", "remove it")
		}
		t.Time = i
	case ToOffset:
		t.Offset = b.number(o["offset"], at+".offset")
	case ToShift:
		t.Shift = b.number(o["shift"], at+".shift")
	case ToOffsets:
		t.Offsets = b.offsets(object(o["offsets"]), at+".offsets")
	case ToCheckpoints:
		t.Checkpoints = map[int]string{}
		for k, c := range object(o["checkpoints"]) {
			n, ok := plainNumber(k)
			if !ok && digits.MatchString(k) {
				b.fault(at+".checkpoints."+k, true, fmt.Sprintf("%q is not a shard's number", shorten(k)), "write {0: CURSOR}")
			}
			t.Checkpoints[n] = scalar(c)
		}
	case ToGroup:
		t.Group = scalar(o["group"])
	case ToLock:
		t.Lock, t.Run, t.Step = scalar(o["lock"]), scalar(o["run"]), scalar(o["step"])
		if t.Run == "" {
			t.Run = DefaultRun
		}
		if t.Step == "" {
			b.fault(at, true, "the step of the lock is not named", "write step: ID beside lock")
		}
	}
	return t
}

// form returns the one key that says where to, and faults keys that do not
// belong to it.
func (b *builder) form(o map[string]any, at string) Form {
	belongs := map[string]string{"timezone": "timestamp", "whenPastEnd": "timestamp", "run": "lock", "step": "lock"}
	var forms []string
	for _, k := range sortedKeys(o) {
		if belongs[k] == "" {
			forms = append(forms, k)
		}
	}
	switch {
	case o == nil:
		return ""
	case len(forms) == 0:
		b.fault(at, true, "it is not said where to", "write one of timestamp, offset, offsets, shift, checkpoints, group or lock")
		return ""
	case len(forms) > 1:
		b.fault(at+"."+forms[1], true, fmt.Sprintf("%s stand side by side, and one of them would win", strings.Join(forms, " and ")), "write one of them")
		return ""
	}
	for _, k := range sortedKeys(o) {
		if belongs[k] != "" && belongs[k] != forms[0] {
			b.fault(at+"."+k, true, fmt.Sprintf("%s goes with %s only", k, belongs[k]), "remove it")
		}
	}
	return Form(forms[0])
}

func (b *builder) number(v any, at string) int64 {
	n, ok := whole(v)
	if !ok && b.clean {
		b.fault(at, false, fmt.Sprintf("%s is not a number of 64 bits", shorten(scalar(v))), "")
	}
	return n
}

// plainNumber reads a number in its one spelling: 0 and 00 would be one
// partition told twice.
func plainNumber(text string) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 0 && strconv.Itoa(n) == text
}

func (b *builder) offsets(o map[string]any, at string) map[string]map[int]int64 {
	out := map[string]map[int]int64{}
	put := func(topic, part string, v any, path string) {
		n, ok := plainNumber(part)
		if !ok && topic != "" && !digits.MatchString(part) {
			return // the schema tells it
		}
		if !ok {
			b.fault(path, true, fmt.Sprintf("%q is not a partition's number", shorten(part)), "write {0: 100, 1: 250}, or {TOPIC: {0: 100}}")
			return
		}
		if out[topic] == nil {
			out[topic] = map[int]int64{}
		}
		out[topic][n] = b.number(v, path)
	}
	for _, k := range sortedKeys(o) {
		if inner, ok := o[k].(map[string]any); ok {
			for _, p := range sortedKeys(inner) {
				put(k, p, inner[p], at+"."+k+"."+p)
			}
			continue
		}
		put("", k, o[k], at+"."+k)
	}
	return out
}
