package exchange

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// kcl reads the two JSON formats of kcl: the file of `kcl group seek
// --to-file`, a list of topic, partition and offset, and the output of `kcl
// group describe --format json`, groups with their lag.
func (p *parser) kcl() {
	if strings.HasPrefix(strings.TrimSpace(p.text), "{") {
		p.object(p.text, 0, p.described)
		return
	}
	p.list(p.text, 0, func(raw string, at int64) { p.entry(raw, at, "") })
}

// line returns the line of an offset in the text.
func (p *parser) line(offset int64) int {
	return 1 + strings.Count(p.text[:min(int(offset), len(p.text))], "\n")
}

// list calls each with every element of a JSON list and the offset at which it
// starts. base is the offset at which the list itself starts.
func (p *parser) list(text string, base int64, each func(raw string, at int64)) {
	p.walk(text, base, '[', func(d *json.Decoder) bool {
		raw, at, ok := p.next(d, base)
		if ok {
			each(raw, at)
		}
		return ok
	})
}

// object calls each with every member of a JSON object.
func (p *parser) object(text string, base int64, each func(key, raw string, at int64)) {
	p.walk(text, base, '{', func(d *json.Decoder) bool {
		key, err := d.Token()
		if err != nil {
			p.broken(base+d.InputOffset(), err)
			return false
		}
		raw, at, ok := p.next(d, base)
		if ok {
			each(fmt.Sprint(key), raw, at)
		}
		return ok
	})
}

func (p *parser) walk(text string, base int64, open json.Delim, step func(*json.Decoder) bool) {
	d := json.NewDecoder(strings.NewReader(text))
	if first, err := d.Token(); err != nil {
		p.broken(base+d.InputOffset(), err)
		return
	} else if first != open {
		p.report(p.line(base), fmt.Sprintf("expected %s, got %s", quoted(open.String()), quoted(fmt.Sprint(first))),
			"give the file of `kcl group seek --to-file`, or the output of `kcl group describe --format json`")
		return
	}
	for d.More() {
		if !step(d) {
			return
		}
	}
	if _, err := d.Token(); err != nil {
		p.broken(base+d.InputOffset(), err)
		return
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		p.report(p.line(base+d.InputOffset()), "unexpected text after the end of the JSON", "remove it")
	}
}

// next reads one value and returns its text and the offset at which it starts.
func (p *parser) next(d *json.Decoder, base int64) (string, int64, bool) {
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		p.broken(base+d.InputOffset(), err)
		return "", 0, false
	}
	return string(raw), base + d.InputOffset() - int64(len(raw)), true
}

func (p *parser) broken(at int64, err error) {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	p.report(p.line(at), "not JSON: "+err.Error(), "")
}

// entry adds one partition of either format: its offset is named offset in a
// file to seek to, and current_offset in a description. A pointer
// distinguishes a missing value from zero.
func (p *parser) entry(raw string, at int64, group string) {
	var e struct {
		Topic     string       `json:"topic"`
		Partition *json.Number `json:"partition"`
		Offset    *json.Number `json:"offset"`
		Current   *json.Number `json:"current_offset"`
	}
	line := p.line(at)
	if err := json.Unmarshal([]byte(raw), &e); err != nil {
		p.report(line, "not a valid partition: topic must be a string, partition and offset must be numbers",
			`write {"topic": "orders", "partition": 0, "offset": 100}`)
		return
	}
	offset := e.Offset
	if group != "" {
		if offset = e.Current; offset != nil && *offset == "-1" {
			p.without++ // kcl prints -1 if there is no commit
			return
		}
	}
	p.row(line, group, e.Topic, numeral(e.Partition), numeral(offset))
}

func numeral(n *json.Number) string {
	if n == nil {
		return ""
	}
	return n.String()
}

// described reads a member of kcl's output; only the groups matter.
func (p *parser) described(key, raw string, at int64) {
	if key == "groups" && raw != "null" {
		p.list(raw, at, p.group)
	}
}

// group reads one group of kcl's output.
func (p *parser) group(raw string, at int64) {
	var name, failed, lag string
	var lagAt int64
	p.object(raw, at, func(key, raw string, at int64) {
		switch key {
		case "group":
			_ = json.Unmarshal([]byte(raw), &name) // a value that is not a string leaves the name empty
		case "error":
			_ = json.Unmarshal([]byte(raw), &failed)
		case "lag":
			lag, lagAt = raw, at
		}
	})
	switch {
	case failed != "":
		p.report(p.line(at), fmt.Sprintf("kcl could not read group %s: %s", quoted(name), quoted(failed)), "remove the group from the file")
	case name == "":
		p.report(p.line(at), "a group has no name", "use the output of `kcl group describe --format json`")
	case lag == "" || lag == "null":
		p.file.Notes = append(p.file.Notes, fmt.Sprintf("group %s has no commits", quoted(name)))
	default:
		p.list(lag, lagAt, func(raw string, at int64) { p.entry(raw, at, name) })
	}
}

func writeKcl(rows []Row) string {
	var out strings.Builder
	for i, r := range rows {
		if i > 0 {
			out.WriteString(",")
		}
		fmt.Fprintf(&out, "\n  {\"topic\": %q, \"partition\": %d, \"offset\": %d}", r.Topic, r.Partition, r.Offset)
	}
	return "[" + out.String() + "\n]\n"
}
