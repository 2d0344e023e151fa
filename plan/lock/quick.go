package lock

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// standIn is the part that stands, with the number of a block, where a block
// of parts was taken out of a lock's text.
const standIn = "taken-out"

// quick reads a lock whose parts are written as Marshal writes them, and
// reports whether it is one. The YAML library takes a second for fifty
// thousand parts, and a lock of a scheduled replay has more: so the lines of
// parts are read here and only the rest by that library. What was read must
// come out again to the letter; anything else is left to the library, faults
// and what people have changed by hand among it.
func quick(raw []byte) (*File, bool) {
	rest, blocks, ok := takeOut(raw)
	if !ok {
		return nil, false
	}
	f := &File{Version: Version, Runs: map[string]*Run{}}
	if faults := schema.Decode(schema.Lock, "", rest, f); len(faults) > 0 {
		return nil, false
	}
	for _, r := range f.Runs {
		for _, s := range r.Steps {
			s.Parts = putBack(s.Parts, blocks)
			if s.Undo != nil {
				s.Undo.Parts = putBack(s.Undo.Parts, blocks)
			}
		}
	}
	return f, bytes.Equal(marshal(f), raw)
}

func putBack(parts []Part, blocks [][]Part) []Part {
	if len(parts) == 1 && parts[0].Part.Topic == standIn && parts[0].Part.Number < len(blocks) {
		return blocks[parts[0].Part.Number]
	}
	return parts
}

// takeOut separates the blocks of parts from the rest, in which a part that
// stands for each is left.
func takeOut(raw []byte) (rest []byte, blocks [][]Part, ok bool) {
	var out bytes.Buffer
	inBlock := false
	for line := range bytes.Lines(raw) {
		text := string(line)
		body := strings.TrimLeft(text, " ")
		if !strings.HasPrefix(body, "- {part: ") {
			out.WriteString(text)
			inBlock = false
			continue
		}
		p, ok := readPart(strings.TrimSuffix(body[len("- "):], "\n"))
		if !ok {
			return nil, nil, false
		}
		if !inBlock {
			fmt.Fprintf(&out, "%s- {part: %s/%d, before: unknown, after: unknown}\n", text[:len(text)-len(body)], standIn, len(blocks))
			blocks = append(blocks, nil)
			inBlock = true
		}
		last := &blocks[len(blocks)-1]
		*last = append(*last, p)
	}
	return out.Bytes(), blocks, true
}

// readPart reads one part from a mapping in one line.
func readPart(line string) (p Part, ok bool) {
	pairs, rest, ok := readPairs(line)
	if !ok || rest != "" {
		return p, false
	}
	for _, kv := range pairs {
		switch kv.key {
		case "part":
			p.Part, ok = parsed(providers.ParsePart, kv.value)
		case "before":
			p.Before, ok = parsed(providers.ParsePosition, kv.value)
		case "after":
			p.After, ok = parsed(providers.ParsePosition, kv.value)
		case "seen":
			p.Seen, ok = parsed(providers.ParsePosition, kv.value)
		case "readUpTo":
			p.ReadUpTo, ok = parsed(func(s string) (time.Time, error) { return time.Parse(time.RFC3339Nano, s) }, kv.value)
		case "kept":
			p.Kept = map[string]string{}
			for _, inner := range kv.inner {
				p.Kept[inner.key] = inner.value
			}
		case "log":
			p.LogID = kv.value
		case "error":
			p.Error = kv.value
		default:
			return p, false
		}
		if !ok {
			return p, false
		}
	}
	return p, true
}

func parsed[T any](parse func(string) (T, error), s string) (T, bool) {
	v, err := parse(s)
	return v, err == nil
}

// A pair is a key and its value: a text, or pairs.
type pair struct {
	key, value string
	inner      []pair
}

// readPairs reads "{a: b, c: "d"}" and returns what follows it.
func readPairs(s string) (pairs []pair, rest string, ok bool) {
	s, ok = strings.CutPrefix(s, "{")
	for ok {
		var p pair
		if p.key, s, ok = readText(s); !ok {
			return nil, "", false
		}
		if s, ok = strings.CutPrefix(s, ": "); !ok {
			return nil, "", false
		}
		if strings.HasPrefix(s, "{") {
			p.inner, s, ok = readPairs(s)
		} else {
			p.value, s, ok = readText(s)
		}
		pairs = append(pairs, p)
		if after, ends := strings.CutPrefix(s, "}"); ok && ends {
			return pairs, after, true
		}
		if ok {
			s, ok = strings.CutPrefix(s, ", ")
		}
	}
	return nil, "", false
}

// readText reads one scalar: in JSON's quotes, or up to the next mark.
func readText(s string) (text, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		end := len(s)
		for _, mark := range []string{", ", ": ", "{", "}"} {
			if at := strings.Index(s[:end], mark); at >= 0 {
				end = at
			}
		}
		return s[:end], s[end:], true
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			quoted := s[:i+1]
			if !strings.Contains(quoted, `\`) {
				return quoted[1:i], s[i+1:], true
			}
			ok = json.Unmarshal([]byte(quoted), &text) == nil
			return text, s[i+1:], ok
		}
	}
	return "", "", false
}
