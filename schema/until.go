package schema

import (
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

var untilChoice = choice{[]string{"former", "offset", "timestamp"}, map[string]string{"timezone": "timestamp"},
	"until names no position", "write one of former: true, timestamp or offset"}

func (b *builder) until(v any, at string) Until {
	if word, ok := v.(string); ok {
		return Until{Form: UntilForm(word)}
	}
	o := object(v)
	u := Until{Form: UntilForm(b.form(o, at, &untilChoice)), Within: b.span(o["within"], at+".within", 0)}
	if o["within"] != nil && u.Within <= 0 {
		b.notZero(at + ".within")
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
