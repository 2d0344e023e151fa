package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"
	"strconv"
	"time"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
	"github.com/resetplan/resetplan/schema/literal"
)

// StepDigest is what a step requests, in normal form: its target, its `to`, and what
// follows the reset, without the time limit of a replay.
// The id, descriptions, guards, idleness and what a rollback may do are not part
// of it: changing them does not request another reset. Nor is the topic's id: a
// step for a re-created topic is the same request, and is refused.
func StepDigest(identity string, s *schema.Step) string {
	return DigestOf(struct {
		Address string    `json:"address"`
		To      schema.To `json:"to"`
		Until   string    `json:"until,omitempty"`
		Then    string    `json:"then,omitempty"`
	}{identity, normal(s.To), untilAsWritten(s.Until), string(s.Then)})
}

// untilAsWritten is UntilText, except that the moment that "now" meant is not part of the
// request.
func untilAsWritten(u schema.Until) string {
	if u.Form == schema.UntilTimestamp && u.Time.FromNow {
		return u.Time.Text
	}
	return UntilText(u, time.Time{})
}

// normal reduces a fixed time to its text in UTC. The moment that "now" meant is not
// part of the request.
func normal(to schema.To) schema.To {
	if to.Form == schema.ToTimestamp && !to.Time.FromNow {
		to.Time = literal.Instant{Text: text.Stamp(to.Time.Time)}
	}
	return to
}

// ReviewDigest identifies what a review approves: the inputs, the run, and the
// effect of each step.
func ReviewDigest(p *Plan, effects []string) string {
	type step struct {
		ID     string `json:"id"`
		Effect string `json:"effect"`
	}
	var all []step
	for i, effect := range effects {
		all = append(all, step{p.Steps[i].ID, effect})
	}
	return DigestOf(struct {
		Inputs string `json:"inputs"`
		Run    string `json:"run"`
		Undo   bool   `json:"undo"`
		Steps  []step `json:"steps"`
	}{p.InputsDigest(), p.Run, p.Undo, all})
}

// InputsDigest is the digest of the document and the parameters.
func (p *Plan) InputsDigest() string {
	params := p.Params
	if len(params) == 0 {
		params = nil // a saved plan does not distinguish none from empty
	}
	return DigestOf(struct {
		Document string         `json:"document"`
		Params   map[string]any `json:"params"`
	}{p.Document, params})
}

// A Digest is the SHA-256 of a JSON document that is written piece by piece, so that
// the document of a large step is never in memory as a whole. It equals DigestOf the
// same values.
type Digest struct {
	hash hash.Hash
	text []byte // not hashed yet
	// plain are the topic and the text that were written last and need no escapes: the
	// parts of a step have almost always the same.
	plain struct{ topic, text string }
}

// NewDigest returns the digest of an empty document.
func NewDigest() *Digest { return &Digest{hash: sha256.New(), text: make([]byte, 0, 2*mostUnhashed)} }

// mostUnhashed is the size from which on text is hashed.
const mostUnhashed = 1 << 10

// Open starts an object or a list.
func (d *Digest) Open(bracket byte) {
	d.comma()
	d.text = append(d.text, bracket)
}

// Close ends an object or a list.
func (d *Digest) Close(bracket byte) {
	if d.text = append(d.text, bracket); len(d.text) >= mostUnhashed {
		last := len(d.text) - 1 // comma looks at it
		d.hash.Write(d.text[:last])
		d.text = append(d.text[:0], bracket)
	}
}

// Key starts a value of an object.
func (d *Digest) Key(key string) {
	d.comma()
	d.text = append(append(append(d.text, '"'), key...), '"', ':')
}

// Null is the value of a key that has none.
func (d *Digest) Null() { d.text = append(d.text, "null"...) }

// Number is a value of an object.
func (d *Digest) Number(key string, n int) {
	d.Key(key)
	d.text = strconv.AppendInt(d.text, int64(n), 10)
}

// Text is a value of an object.
func (d *Digest) Text(key, value string) {
	from := d.open(key)
	d.text = append(d.text, value...)
	if value == d.plain.text {
		d.text = append(d.text, '"')
	} else if d.quote(from) {
		d.plain.text = value
	}
}

// Part is a value of an object.
func (d *Digest) Part(key string, p providers.Part) {
	from := d.open(key)
	d.text, _ = p.AppendText(d.text) // it never fails
	if p.Broker == "" && p.Topic == d.plain.topic {
		d.text = append(d.text, '"')
	} else if d.quote(from) && p.Broker == "" {
		d.plain.topic = p.Topic
	}
}

// Position is a value of an object.
func (d *Digest) Position(key string, p providers.Position) {
	from := d.open(key)
	d.text, _ = p.AppendText(d.text) // it never fails
	if p.Kind() == providers.Offset {
		d.text = append(d.text, '"') // digits have no other form
		return
	}
	d.quote(from)
}

// open starts a text that is the value of a key, and returns the index of its quote.
func (d *Digest) open(key string) int {
	d.Key(key)
	d.text = append(d.text, '"')
	return len(d.text) - 1
}

// quote ends the text that started at an index, in its JSON form, and reports whether it
// needs no escapes.
func (d *Digest) quote(from int) bool {
	for _, b := range d.text[from+1:] {
		if b < ' ' || b > '~' || b == '"' || b == '\\' || b == '<' || b == '>' || b == '&' {
			raw, err := json.Marshal(string(d.text[from+1:]))
			if err != nil {
				panic("plan: a string cannot fail to marshal: " + err.Error())
			}
			d.text = append(d.text[:from], raw...)
			return false
		}
	}
	d.text = append(d.text, '"')
	return true
}

// comma separates a value from the one before it.
func (d *Digest) comma() {
	if n := len(d.text); n > 0 && d.text[n-1] != '{' && d.text[n-1] != '[' && d.text[n-1] != ':' {
		d.text = append(d.text, ',')
	}
}

// Sum returns the digest.
func (d *Digest) Sum() string {
	d.hash.Write(d.text)
	return "sha256:" + hex.EncodeToString(d.hash.Sum(nil))
}

// DigestOf is the SHA-256 of a value's JSON form.
func DigestOf(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic("plan: a digest's own types cannot fail to marshal: " + err.Error())
	}
	sum := sha256.Sum256(raw)
	return "sha256:" + hex.EncodeToString(sum[:])
}
