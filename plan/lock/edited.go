package lock

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/resetplan/resetplan/providers"
)

// An editedFile is a lock as the YAML library returns it, whose lists have parts and
// blocks.
type editedFile struct {
	Checksum *string               `json:"checksum"`
	Version  int                   `json:"version"`
	Plan     string                `json:"plan"`
	Runs     map[string]*editedRun `json:"runs"`
}

type (
	plainRun  Run
	editedRun struct {
		plainRun
		Steps []*editedStep `json:"steps"`
	}
	plainStep  Step
	editedStep struct {
		plainStep
		Parts  []json.RawMessage `json:"parts"`
		Undo   *editedUndo       `json:"undo"`
		Return *editedUndo       `json:"return"`
	}
	plainUndo  Undo
	editedUndo struct {
		plainUndo
		Parts []json.RawMessage `json:"parts"`
	}
)

var errTooManyParts = errors.New("lock: too many parts")

// file returns the lock, with the parts of every step. The blocks of a small text can
// have more parts than the memory, so their number is limited.
func (e *editedFile) file() (*File, error) {
	f := &File{Version: e.Version, Plan: e.Plan, Runs: map[string]*Run{}}
	room := maxParts
	for key, run := range e.Runs {
		r := (*Run)(&run.plainRun)
		r.Steps = make([]*Step, len(run.Steps))
		for i, edited := range run.Steps {
			s := (*Step)(&edited.plainStep)
			var err error
			if s.Parts, err = expand(edited.Parts, &room); err != nil {
				return nil, err
			}
			if s.Undo, err = edited.Undo.undo(&room); err != nil {
				return nil, err
			}
			if s.Return, err = edited.Return.undo(&room); err != nil {
				return nil, err
			}
			r.Steps[i] = s
		}
		f.Runs[key] = r
	}
	return f, nil
}

// undo returns an attempt with its parts; nil for none.
func (e *editedUndo) undo(room *int) (*Undo, error) {
	if e == nil {
		return nil, nil
	}
	out := (*Undo)(&e.plainUndo)
	var err error
	out.Parts, err = expand(e.Parts, room)
	return out, err
}

// expand returns the parts of a list of parts and blocks.
func expand(items []json.RawMessage, room *int) (out []Part, err error) {
	for _, raw := range items {
		var b jsonBlock
		if err := json.Unmarshal(raw, &b); err != nil {
			return nil, fmt.Errorf("lock: %w", err)
		}
		parts := make([]Part, 1)
		if b.Names == nil {
			err = json.Unmarshal(raw, &parts[0])
		} else {
			parts, err = b.parts()
		}
		if err != nil {
			return nil, fmt.Errorf("lock: %w", err)
		}
		if *room -= len(parts); *room < 0 {
			return nil, errTooManyParts
		}
		out = append(out, parts...)
	}
	return out, nil
}

// jsonBlock is a block in JSON; of a part it has nothing.
type jsonBlock struct {
	Names    *string                    `json:"parts"`
	Before   json.RawMessage            `json:"before"`
	After    json.RawMessage            `json:"after"`
	Seen     json.RawMessage            `json:"seen"`
	High     json.RawMessage            `json:"high"`
	ReadUpTo json.RawMessage            `json:"readUpTo"`
	Kept     map[string]json.RawMessage `json:"kept"`
	Log      string                     `json:"log"`
}

// parts returns the parts of a block.
func (b *jsonBlock) parts() ([]Part, error) {
	all, err := parseNames(*b.Names)
	if err != nil {
		return nil, err
	}
	errs := []error{
		spread(b.Before, len(all), func(i int) *listed { return (*listed)(&all[i].Before) }),
		spreadLike(all, b.After, `"before"`, positionAfter, positionBefore),
		spreadLike(all, b.Seen, `"after"`, positionSeen, positionAfter),
		spread(b.High, len(all), func(i int) *listed { return (*listed)(&all[i].High) }),
		spread(b.ReadUpTo, len(all), func(i int) *Time { return &all[i].ReadUpTo }),
	}
	for i := range all {
		all[i].LogID = b.Log
	}
	values := make([]*string, len(all))
	for key, raw := range b.Kept {
		errs = append(errs, spread(raw, len(all), func(i int) **string { return &values[i] }))
		keep(all, key, values)
	}
	return all, errors.Join(errs...)
}

// spreadLike decodes positions, or copies those of another key if raw is the word for
// them.
func spreadLike(all []Part, raw json.RawMessage, word string, of, other positionOf) error {
	if string(raw) != word {
		return spread(raw, len(all), func(i int) *listed { return (*listed)(of(&all[i])) })
	}
	for i := range all {
		*of(&all[i]) = *other(&all[i])
	}
	return nil
}

// spread decodes one value for all parts, or a list with one for each.
func spread[T any](raw json.RawMessage, n int, at func(i int) *T) error {
	var list []T
	if len(raw) > 0 && raw[0] == '[' {
		if err := json.Unmarshal(raw, &list); err != nil || len(list) != n {
			return fmt.Errorf("lock: %d values for %d parts", len(list), n)
		}
		for i, v := range list {
			*at(i) = v
		}
		return nil
	}
	var one T
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &one); err != nil {
			return fmt.Errorf("lock: %w", err)
		}
	}
	for i := range n {
		*at(i) = one
	}
	return nil
}

// UnmarshalJSON reads a number or a text.
func (p *listed) UnmarshalJSON(raw []byte) error {
	if raw[0] != '"' {
		n, err := strconv.ParseInt(string(raw), 10, 64)
		*p = listed(providers.AtOffset(n))
		return err //nolint:wrapcheck // the caller names the lock
	}
	return json.Unmarshal(raw, (*providers.Position)(p)) //nolint:wrapcheck // as above
}
