package exchange

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// kcl reads the two JSON texts that kcl has: the file of `kcl group seek
// --to-file`, a list of topic, partition and offset, and what `kcl group
// describe --format json` prints, groups with their lag.
func (p *parser) kcl() {
	if strings.HasPrefix(strings.TrimSpace(p.text), "{") {
		p.object(p.text, 0, p.described)
		return
	}
	p.list(p.text, 0, func(raw string, at int64) { p.entry(raw, at, "") })
}

// line returns the line of a place in the text.
func (p *parser) line(offset int64) int {
	return 1 + strings.Count(p.text[:min(int(offset), len(p.text))], "\n")
}

// list calls each with every element of a JSON list and the place where it
// begins. base is where the list's own text begins.
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
		p.fault(p.line(base), fmt.Sprintf("%s stands here, and %s is expected", shown(fmt.Sprint(first)), shown(open.String())),
			"give the file of `kcl group seek --to-file`, or what `kcl group describe --format json` prints")
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
		p.fault(p.line(base+d.InputOffset()), "something follows the end of the JSON", "remove it")
	}
}

// next reads one value and returns its text and where it begins.
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
	p.fault(p.line(at), "not JSON: "+err.Error(), "")
}

// entry takes one partition of either text: its offset is called offset where
// it is to be sought, and current_offset where it was described. Pointers tell
// what is missing from what is zero.
func (p *parser) entry(raw string, at int64, group string) {
	var e struct {
		Topic     string       `json:"topic"`
		Partition *json.Number `json:"partition"`
		Offset    *json.Number `json:"offset"`
		Current   *json.Number `json:"current_offset"`
	}
	line := p.line(at)
	if err := json.Unmarshal([]byte(raw), &e); err != nil {
		p.fault(line, "this is no partition: "+strings.TrimPrefix(err.Error(), "json: "), `write {"topic": "orders", "partition": 0, "offset": 100}`)
		return
	}
	offset := e.Offset
	if group != "" {
		if offset = e.Current; offset != nil && *offset == "-1" {
			p.without++ // kcl's word for no commit
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

// described takes a member of what kcl prints: the groups are all that counts.
func (p *parser) described(key, raw string, at int64) {
	if key == "groups" && raw != "null" {
		p.list(raw, at, p.group)
	}
}

// group takes one group of what kcl prints.
func (p *parser) group(raw string, at int64) {
	var name, failed, lag string
	var lagAt int64
	p.object(raw, at, func(key, raw string, at int64) {
		switch key {
		case "group":
			_ = json.Unmarshal([]byte(raw), &name) // anything but a text leaves it without a name
		case "error":
			_ = json.Unmarshal([]byte(raw), &failed)
		case "lag":
			lag, lagAt = raw, at
		}
	})
	switch {
	case failed != "":
		p.fault(p.line(at), fmt.Sprintf("kcl could not read group %s: %s", shown(name), shown(failed)), "leave the group out")
	case name == "":
		p.fault(p.line(at), "a group has no name", "give what `kcl group describe --format json` prints")
	case lag == "" || lag == "null":
		p.file.Notes = append(p.file.Notes, fmt.Sprintf("group %s has no commits", shown(name)))
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
