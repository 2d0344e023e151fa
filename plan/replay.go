package plan

import (
	"fmt"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// UntilText is the position of an `until` as a plan and a lock have it: "former",
// "offset:300" or "time:2026-11-18T00:00:00Z"; "" for none.
func UntilText(u schema.Until, now time.Time) string {
	switch u.Form {
	case schema.UntilOffset:
		return providers.AtOffset(u.Offset).String()
	case schema.UntilTimestamp:
		return providers.AtTime(u.Time.At(now)).String()
	}
	return string(u.Form)
}

// PassedText describes what a replay ends with, from an UntilText: "every partition has
// passed its former position".
func PassedText(until string) string {
	if offset, ok := strings.CutPrefix(until, "offset:"); ok {
		return "every partition has passed offset " + offset
	}
	if p, err := providers.ParsePosition(until); err == nil {
		if at, ok := p.Time(); ok {
			return "every partition has passed " + text.Minute(at)
		}
	}
	return "every partition has passed its former position"
}

// ReplayText describes what follows the reset of a step, as a sentence; "" if nothing
// does.
func (s *Step) ReplayText() string {
	if s.Until == "" || s.Phase != "" || s.Action != Reset && s.Action != Keep {
		return ""
	}
	after := map[schema.Then]string{
		schema.ThenStop: ", then stops the consumers; they stay stopped until `resetplan resume`",
		schema.ThenReturn: ", then stops the consumers, moves each partition that is before its former position forward to it, " +
			"and starts the consumers again",
	}[schema.Then(s.Then)]
	start := "After the reset, apply"
	if s.Action == Keep {
		start = "Apply"
	}
	return fmt.Sprintf("%s replays until %s%s.", start, PassedText(s.Until), after)
}
