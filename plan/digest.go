package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// stepDigest is what a step asks for, in normal form: its address and its
// `to`. The id, descriptions, guards, idleness and what a rollback may do are
// not part of it: to change them does not ask for another reset.
func stepDigest(address string, s *schema.Step) string {
	return digest(struct {
		Address string    `json:"address"`
		To      schema.To `json:"to"`
	}{address, normal(s.To)})
}

// normal keeps of a time what was written: the moment that "now" stood for is
// no part of what was asked.
func normal(to schema.To) schema.To {
	if to.Form == schema.ToTimestamp && !to.Time.FromNow {
		to.Time = schema.Instant{Text: stamp(to.Time.Time)}
	}
	return to
}

// planDigest is what a review approves: the document, its parameters, the
// run, and what each step would do. A `before` is part of it where the
// service holds its consumers still; the end that `latest` means moves by
// itself and is not.
func planDigest(p *Plan, steps []*work) string {
	type part struct {
		Part   providers.Part `json:"part"`
		Before string         `json:"before,omitempty"`
		After  string         `json:"after"`
	}
	type step struct {
		ID      string `json:"id"`
		Address string `json:"address"`
		Action  Action `json:"action"`
		Parts   []part `json:"parts"`
	}
	var all []step
	params := p.Params
	if len(params) == 0 {
		params = nil // a saved plan does not tell none from empty
	}
	for i := range p.Steps {
		s, w := &p.Steps[i], steps[i]
		d := step{ID: s.ID, Address: s.Address, Action: s.Action}
		for _, at := range s.Parts {
			if s.Action == Done {
				break
			}
			one := part{Part: at.Part, After: at.After.String()}
			if w.step.To.Form == schema.ToLatest && !p.Undo {
				one.After = "latest"
			}
			if w.covers() && !s.Waits && !s.Pauses {
				one.Before = at.Before.String()
			}
			d.Parts = append(d.Parts, one)
		}
		all = append(all, d)
	}
	return digest(struct {
		Document string         `json:"document"`
		Params   map[string]any `json:"params"`
		Run      string         `json:"run"`
		Undo     bool           `json:"undo"`
		Steps    []step         `json:"steps"`
	}{p.Document, params, p.Run, p.Undo, all})
}

// covers reports whether the plan's digest covers where the step's parts
// stand: on services whose consumers are idle during a reset they do not move
// by themselves.
func (w *work) covers() bool { return w.conn.caps.Needs == providers.Idle }

func digest(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic("plan: a digest's own types cannot fail to marshal: " + err.Error())
	}
	sum := sha256.Sum256(raw)
	return "sha256:" + hex.EncodeToString(sum[:])
}
