package schema

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/literal"
	"github.com/resetplan/resetplan/schema/tree"
)

// to reads a step's target position.
func (b *builder) to(v any, at string) To {
	if word, ok := v.(string); ok {
		return To{Form: Form(word)}
	}
	o := object(v)
	form := Form(b.form(o, at, &toChoice))
	t := To{Form: form}
	switch form {
	case ToTimestamp:
		t.WhenPastEnd = scalar(o["whenPastEnd"])
		if t.WhenPastEnd == "" {
			t.WhenPastEnd = "end"
		}
		t.Time = b.instant(o, at)
	case ToOffset:
		t.Offset = b.number(o["offset"], at+".offset")
	case ToShift:
		t.Shift = b.number(o["shift"], at+".shift")
	case ToOffsets:
		t.Offsets = b.offsets(object(o["offsets"]), at+".offsets")
	case ToCheckpoints:
		t.Checkpoints = b.checkpoints(object(o["checkpoints"]), at+".checkpoints")
	case ToGroup:
		t.Group = scalar(o["group"])
	case ToLock:
		t.Lock, t.Run, t.Step = scalar(o["lock"]), scalar(o["run"]), scalar(o["step"])
	}
	return t
}

func (b *builder) instant(o map[string]any, at string) literal.Instant {
	if b.wrong[at+".timestamp"] || b.index.Numbers[at+".timestamp"].Write != "" {
		return literal.Instant{}
	}
	text, zone := scalar(o["timestamp"]), scalar(o["timezone"])
	if _, err := literal.Location(cmp.Or(zone, "UTC")); err != nil && !b.wrong[at+".timezone"] {
		b.reportError(at+".timezone", err)
		zone = "UTC" // to check the time anyway
		if !literal.IsZoneless(text) {
			zone = ""
		}
	}
	if zone == "" && (o["timezone"] != nil || misnamed(o, "timezone", at, zoneKey)) && literal.IsZoneless(text) {
		zone = "UTC" // to check the time anyway; the zone has its own error
	}
	i, err := literal.ParseInstant(text, zone)
	var ofZone literal.ZoneError
	switch {
	case errors.As(err, &ofZone):
		b.reportError(at+".timezone", err)
	case err != nil:
		b.reportError(at+".timestamp", err)
	case o["timezone"] != nil && (i.FromNow || literal.IsDigits(text)):
		b.report(at+".timezone", true, "timezone is only allowed with a date-time without a zone", "remove it")
	}
	return i
}

var zoneKey = map[string]any{"timestamp": true, "timezone": true, "whenPastEnd": true}

func (b *builder) checkpoints(o map[string]any, at string) map[int]string {
	out := map[int]string{}
	for _, k := range sortedKeys(o) {
		n, ok := plainNumber(k)
		if !ok {
			if !b.wrong[at+"."+k] && numeric.MatchString(k) {
				b.report(at+"."+k, true, fmt.Sprintf("%q is not a shard number", diag.Shorten(k)), numbered(k, "{0: CURSOR}"))
			}
			continue
		}
		out[n] = scalar(o[k])
	}
	return out
}

// targets are the keys of a target with a value.
var targets = []string{"checkpoints", "group", "lock", "offset", "offsets", "shift", "timestamp"}

// A choice is a mapping of which one key names the form.
type choice struct {
	forms   []string
	belongs map[string]string // other keys, each with its only form
	none    string            // the error if there is no form, and its remedy
	remedy  string
}

var toChoice = choice{targets, map[string]string{"timezone": "timestamp", "whenPastEnd": "timestamp", "run": "lock", "step": "lock"},
	"no target given", "write one of timestamp, offset, offsets, shift, checkpoints, group or lock"}

// form returns the one key that names the form, and reports keys that do not belong to
// it.
func (b *builder) form(o map[string]any, at string, c *choice) string {
	var forms []string
	for _, k := range c.forms {
		if _, written := o[k]; written {
			forms = append(forms, k)
		}
	}
	switch {
	case o == nil:
		return ""
	case len(forms) == 0:
		if !slices.ContainsFunc(sortedKeys(o), func(k string) bool {
			_, word := replacement(k, at, c.forms)
			return c.belongs[k] == "" && word != "" || b.index.Unknown[at+"."+k]
		}) && !b.index.Merged[at] {
			b.report(at, true, c.none, c.remedy)
		}
		return ""
	case len(forms) > 1:
		b.report(at+"."+forms[1], true, strings.Join(forms, " and ")+" are mutually exclusive", "keep one of them")
		return ""
	}
	for _, k := range sortedKeys(o) {
		if c.belongs[k] != "" && c.belongs[k] != forms[0] {
			b.report(at+"."+k, true, fmt.Sprintf("%s is only allowed with %s", k, c.belongs[k]), "remove it")
		}
	}
	return forms[0]
}

func (b *builder) number(v any, at string) int64 {
	n, ok := whole(v)
	if text := scalar(v); !ok && literal.IsInteger(text) {
		b.reportError(at, literal.OutOfRange(text))
	}
	return n
}

// plainNumber reads the number of a partition or shard in its only spelling,
// because 0 and 00 would be the same partition.
func plainNumber(text string) (int, bool) {
	n, err := strconv.ParseInt(text, 10, 32)
	return int(n), err == nil && n >= 0 && strconv.FormatInt(n, 10) == text
}

var numeric = pattern.New(`^[+-]?[0-9][0-9A-Za-z_.]*$`)

// numbered returns how to write a key that is not a plain number.
func numbered(key, otherwise string) string {
	value, m := literal.ParseNumber(key)
	switch {
	case value != "" && m.Write != "" && literal.IsInteger(m.Write) && m.Write[0] != '-':
		return "write " + m.Write
	case value != "" && literal.IsInteger(value):
		return "the numbers go from 0 to 2147483647"
	}
	return "write " + otherwise
}

// offsets reads offsets by partition, or by topic and partition; a topic's
// name may be a number.
func (b *builder) offsets(o map[string]any, at string) map[string]map[int]int64 {
	out := map[string]map[int]int64{}
	for _, k := range sortedKeys(o) {
		inner, nested := o[k].(map[string]any)
		if !nested {
			b.offset(out, "", k, o[k], at+"."+k)
		}
		for _, p := range sortedKeys(inner) {
			b.offset(out, k, p, inner[p], at+"."+k+"."+p)
		}
	}
	if len(out) > 1 && out[""] != nil {
		b.report(at, true, "offsets with and without a topic", "write {TOPIC: {0: 100}} for each topic")
	}
	return out
}

func (b *builder) offset(out map[string]map[int]int64, topic, partition string, v any, path string) {
	n, ok := plainNumber(partition)
	if !ok {
		if !b.wrong[path] && !b.wrong[tree.Parent(path)] {
			if n, ok := whole(v); ok && n >= 0 && topic == "" && !numeric.MatchString(partition) {
				b.report(path, true, fmt.Sprintf("%q is not a partition number", diag.Shorten(partition)),
					fmt.Sprintf("write {0: %d}, or {%s: {0: %d}} for a topic", n, diag.Shorten(partition), n))
				return
			}
			b.report(path, true, fmt.Sprintf("%q is not a partition number", diag.Shorten(partition)),
				numbered(partition, "{0: 100, 1: 250}, or {TOPIC: {0: 100}}"))
		}
		return
	}
	if out[topic] == nil {
		out[topic] = map[int]int64{}
	}
	out[topic][n] = b.number(v, path)
}
