package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/schema"
	"github.com/resetplan/resetplan/schema/literal"
)

// StepDigest is what a step requests, in normal form: its target and its `to`.
// The id, descriptions, guards, idleness and what a rollback may do are not part
// of it: changing them does not request another reset. Nor is the topic's id: a
// step for a re-created topic is the same request, and is refused.
func StepDigest(identity string, s *schema.Step) string {
	return DigestOf(struct {
		Address string    `json:"address"`
		To      schema.To `json:"to"`
	}{identity, normal(s.To)})
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

// DigestOf is the SHA-256 of a value's JSON form.
func DigestOf(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic("plan: a digest's own types cannot fail to marshal: " + err.Error())
	}
	sum := sha256.Sum256(raw)
	return "sha256:" + hex.EncodeToString(sum[:])
}
