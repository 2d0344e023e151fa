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

// journalParts are the parts of a step in the journal: one text of the lines of the
// lock. Version 1 of the journal has a list.
type journalParts struct {
	lines string
	list  *[]Part
}

// MarshalJSON writes the lines.
func (p journalParts) MarshalJSON() ([]byte, error) { return json.Marshal(p.lines) } //nolint:wrapcheck // the caller names the journal

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
	into := journalRecord{plainRecord: plainRecord(r)}
	if s := r.Step; s != nil {
		into.Step = &journalStep{plainStep: plainStep(*s), Parts: journalParts{lines: s.lines()}, Undo: journaled(s.Undo), Return: journaled(s.Return)}
	}
	return json.Marshal(into) //nolint:wrapcheck // as above
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

// journaled returns an attempt with its parts as lines; nil for none.
func journaled(u *Undo) *journalUndo {
	if u == nil {
		return nil
	}
	return &journalUndo{plainUndo: plainUndo(*u), Parts: journalParts{lines: u.lines()}}
}

// undo is the reverse of journaled.
func (u *journalUndo) undo() *Undo {
	if u == nil {
		return nil
	}
	out := (*Undo)(&u.plainUndo)
	out.Parts, out.packed = u.Parts.parts()
	return out
}
