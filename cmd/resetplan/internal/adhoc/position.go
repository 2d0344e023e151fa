package adhoc

import (
	"fmt"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan/draft"
	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/schema"
)

var (
	lockParts    = pattern.New(`^(.*?)((?:,(?:run|step)=[^,]*)*)$`)
	timeLike     = pattern.New(`^(now|[0-9]{4}-|[0-9]{4}/|[0-9]{1,2}[:.]|[0-9]{13}$)`)
	epochSeconds = pattern.New(`^[0-9]{10}$`)
	aNumber      = pattern.New(`^[-+]?[0-9][0-9_,.]*$`)
)

// position reads the value of --to as a plan has it: a word, or a mapping of one
// key. What is not valid is left to the plan's own checks, unless it could mean two
// things.
func position(given string) (to any, reason, remedy string) {
	key, value, hasKey := strings.Cut(given, ":")
	in := inputOfTo(key)
	switch {
	case timeLike.MatchString(given):
		return map[string]any{"timestamp": draft.Typed(inputOfTo("timestamp"), given)}, "", ""
	case aNumber.MatchString(given) && strings.ContainsAny(given[:1], "+-"):
		return nil, fmt.Sprintf("%q is not a position", given), "write shift:" + given + " to move by so many records"
	case epochSeconds.MatchString(given):
		return nil, fmt.Sprintf("%q can be an offset or epoch seconds", given), "write offset:" + given + ", or timestamp:" + given + "000"
	case aNumber.MatchString(given):
		return nil, fmt.Sprintf("%q can be an offset or a time", given), "write offset:" + given + ", or timestamp:" + given + " for epoch milliseconds"
	case !hasKey:
		return given, "", ""
	case key == "time":
		return map[string]any{"timestamp": draft.Typed(inputOfTo("timestamp"), value)}, "", ""
	case in.Path == nil || key == "timezone" || key == "whenPastEnd" || key == "run" || key == "step":
		return nil, fmt.Sprintf("%q is not a form of a target position", key+":"), "write " + somePositions
	case value == "":
		return nil, "nothing follows " + key + ":", "write " + somePositions
	case key == "offsets" || key == "checkpoints":
		return numbered(key, value)
	case key == "lock":
		return recorded(value), "", ""
	}
	return map[string]any{key: draft.Typed(in, value)}, "", ""
}

func inputOfTo(key string) schema.Input {
	for _, in := range schema.Inputs() {
		if in.Section == schema.OfTo && in.Path[0] == key {
			return in
		}
	}
	return schema.Input{}
}

// numbered reads positions by partition, such as 0=100,1=250 or orders/0=100.
func numbered(key, value string) (to any, reason, remedy string) {
	example := map[string]string{"offsets": "offsets:0=100,1=250, or offsets:TOPIC/0=100", "checkpoints": "checkpoints:0=CURSOR,1=CURSOR"}[key]
	all := map[string]any{}
	for _, entry := range strings.Split(value, ",") {
		part, at, ok := strings.Cut(strings.TrimSpace(entry), "=")
		if !ok || part == "" || at == "" {
			return nil, fmt.Sprintf("%q is not a partition and its position", entry), "write for example " + example
		}
		into := all
		if slash := strings.LastIndexByte(part, '/'); slash > 0 && key == "offsets" {
			topic := part[:slash]
			inner, isTopic := all[topic].(map[string]any)
			if !isTopic {
				inner = map[string]any{}
				all[topic] = inner
			}
			into, part = inner, part[slash+1:]
		}
		if _, twice := into[part]; twice {
			return nil, fmt.Sprintf("partition %s is written twice", part), "keep one of its positions"
		}
		into[part] = any(at)
		if key == "offsets" {
			into[part] = draft.Typed(schema.Input{Number: true}, at)
		}
	}
	return map[string]any{key: all}, "", ""
}

// recorded reads lock:FILE, with the run and the step of the lock.
func recorded(value string) map[string]any {
	m := lockParts.FindStringSubmatch(value)
	out := map[string]any{"lock": m[1]}
	for _, option := range strings.Split(m[2], ",") {
		if key, v, ok := strings.Cut(option, "="); ok {
			out[key] = v
		}
	}
	return out
}

// values returns the values of a list that a flag names, which are separated by
// commas, or the only value of a flag.
func values(in schema.Input, given []string) any {
	if !in.List {
		return draft.Typed(in, given[0])
	}
	var out []any
	for _, list := range given {
		for _, v := range strings.Split(list, ",") {
			if v = strings.TrimSpace(v); v != "" {
				out = append(out, draft.Typed(in, v))
			}
		}
	}
	if len(out) == 1 && !slices.Equal(in.Path, []string{"bootstrapServers"}) {
		return out[0]
	}
	return out
}
