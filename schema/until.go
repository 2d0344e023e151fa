package schema

import (
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/schema/literal"
)

// Until is the position that consumers have to pass after a reset. Only the fields of
// its Form are set.
type Until struct {
	Form   UntilForm
	Time   literal.Instant // timestamp
	Offset int64           // offset
	Within time.Duration   // how long one apply watches; 0 = no limit
}

// UntilForm is the kind of position of an `until`; "" = the step has none.
type UntilForm string

// The forms of `until`.
const (
	UntilFormer    UntilForm = "former"
	UntilTimestamp UntilForm = "timestamp"
	UntilOffset    UntilForm = "offset"
)

// Then is what follows once the position of `until` was passed.
type Then string

// The words of `then`.
const (
	ThenNothing Then = "nothing"
	ThenStop    Then = "stop"
	ThenReturn  Then = "return"
)

// Stops reports whether the consumers are stopped at the end of a replay.
func (t Then) Stops() bool { return t == ThenStop || t == ThenReturn }

// replay reads `until` and `then` of a step.
func (b *builder) replay(s *Step, o map[string]any, at string) {
	if s.Then = Then(scalar(o["then"])); o["until"] == nil {
		if o["then"] != nil {
			b.report(at+".then", true, "then without until", "add until, such as until: former, or remove then")
		}
		return
	}
	s.Until = b.until(o["until"], at+".until")
	if s.Then == "" {
		s.Then = ThenNothing
	}
	if s.Then.Stops() && s.Idle.Workload == "" && !s.Idle.Pause && !b.wrong[at+".idle"] {
		b.report(at+".then", false, "the step names nothing that stops the consumers at the end of the replay",
			"add idle: {workload: NAME}, a workload of the operator's configuration, or write then: nothing")
	}
}

func (b *builder) until(v any, at string) Until {
	if word, ok := v.(string); ok {
		return Until{Form: UntilForm(word)}
	}
	o := object(v)
	u := Until{Form: b.untilForm(o, at), Within: b.span(o["within"], at+".within", 0)}
	if o["within"] != nil && u.Within <= 0 && !b.wrong[at+".within"] {
		b.report(at+".within", false, "the limit is zero", "write for example 6h, or remove it to watch without a limit")
	}
	switch u.Form {
	case UntilFormer:
		if on, isBool := o["former"].(bool); isBool && !on {
			b.report(at+".former", false, "former: false names no position", "write former: true, or a timestamp or an offset")
		}
	case UntilTimestamp:
		u.Time = b.instant(o, at)
	case UntilOffset:
		u.Offset = b.number(o["offset"], at+".offset")
	}
	return u
}

// untilForm returns the one key that names the position.
func (b *builder) untilForm(o map[string]any, at string) UntilForm {
	var forms []string
	for _, k := range []string{"former", "offset", "timestamp"} {
		if _, written := o[k]; written {
			forms = append(forms, k)
		}
	}
	switch {
	case o == nil:
		return ""
	case len(forms) == 0:
		if !b.index.Merged[at] && !slices.ContainsFunc(sortedKeys(o), func(k string) bool { return b.index.Unknown[at+"."+k] }) {
			b.report(at, true, "until names no position", "write one of former: true, timestamp or offset")
		}
		return ""
	case len(forms) > 1:
		b.report(at+"."+forms[1], true, strings.Join(forms, " and ")+" are mutually exclusive", "keep one of them")
		return ""
	case o["timezone"] != nil && forms[0] != "timestamp":
		b.report(at+".timezone", true, "timezone is only allowed with timestamp", "remove it")
	}
	return UntilForm(forms[0])
}
