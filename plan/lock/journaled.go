package lock

import "encoding/json"

// The JSON of a record has the parts of a step as one text, the lines of the lock: it is
// shorter than a list, and settled steps need no parsing.
type (
	journalRecord struct {
		plainRecord
		Step *journalStep `json:"step,omitempty"`
	}
	plainRecord record
	journalStep struct {
		plainStep
		Parts  journalParts `json:"parts,omitzero"`
		Undo   *journalUndo `json:"undo,omitempty"`
		Return *journalUndo `json:"return,omitempty"`
	}
	journalUndo struct {
		plainUndo
		Parts journalParts `json:"parts,omitzero"`
	}
)

// A record as it is written: the parts are a string, which needs no method to be written.
type (
	writtenRecord struct {
		plainRecord
		Step *writtenStep `json:"step,omitempty"`
	}
	writtenStep struct {
		plainStep
		Parts  string       `json:"parts,omitempty"`
		Undo   *writtenUndo `json:"undo,omitempty"`
		Return *writtenUndo `json:"return,omitempty"`
	}
	writtenUndo struct {
		plainUndo
		Parts string `json:"parts,omitempty"`
	}
)

// journalParts are the parts of a step in the journal: one text of the lines of the
// lock. Version 1 of the journal has a list.
type journalParts struct {
	lines string
	list  *[]Part
}

// UnmarshalJSON reads lines or a list.
func (p *journalParts) UnmarshalJSON(raw []byte) error {
	if raw[0] == '"' {
		return json.Unmarshal(raw, &p.lines) //nolint:wrapcheck // as above
	}
	p.list = new([]Part)
	return json.Unmarshal(raw, p.list) //nolint:wrapcheck // as above
}

func (p journalParts) parts() (list []Part, packed string) {
	if p.list != nil {
		return *p.list, ""
	}
	return nil, p.lines
}

// MarshalJSON writes a record with the lines of a step's parts.
func (r record) MarshalJSON() ([]byte, error) {
	into := writtenRecord{plainRecord: plainRecord(r)}
	if s := r.Step; s != nil {
		into.Step = &writtenStep{plainStep: plainStep(*s), Parts: s.lines(), Undo: written(s.Undo), Return: written(s.Return)}
	}
	return json.Marshal(into) //nolint:wrapcheck // the caller names the journal
}

// UnmarshalJSON reads what MarshalJSON wrote. The parts of settled steps are packed.
func (r *record) UnmarshalJSON(raw []byte) error {
	var from journalRecord
	if err := json.Unmarshal(raw, &from); err != nil {
		return err //nolint:wrapcheck // as above
	}
	*r = record(from.plainRecord)
	if from.Step == nil {
		return nil
	}
	s := (*Step)(&from.Step.plainStep)
	s.Parts, s.packed = from.Step.Parts.parts()
	s.Undo, s.Return = from.Step.Undo.undo(), from.Step.Return.undo()
	if s.countParts() > maxParts {
		return errTooManyParts
	}
	if !s.load(true) {
		return errNames
	}
	if s.settled() {
		s.pack()
	}
	r.Step = s
	return nil
}

// written returns an attempt with its parts as lines; nil for none.
func written(u *Undo) *writtenUndo {
	if u == nil {
		return nil
	}
	return &writtenUndo{plainUndo: plainUndo(*u), Parts: u.lines()}
}

// undo returns an attempt that was written.
func (u *journalUndo) undo() *Undo {
	if u == nil {
		return nil
	}
	out := (*Undo)(&u.plainUndo)
	out.Parts, out.packed = u.Parts.parts()
	return out
}
