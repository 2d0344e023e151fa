package plan

import (
	"bytes"
	"fmt"

	"github.com/resetplan/resetplan/schema"
	"github.com/resetplan/resetplan/schema/diag"
)

// ReadSaved reads a saved plan. The error is diag.Errors if its content is
// invalid.
func ReadSaved(name string, raw []byte) (*Plan, error) {
	p, err := ReadPrinted(name, raw)
	if err == nil && p.Source == "" {
		return nil, diag.Errors{{File: name, Reason: "this plan was printed, not saved: it does not contain its document",
			Remedy: "write it with `resetplan plan FILE --out SAVED`"}}
	}
	return p, err
}

// ReadPrinted reads a plan that was saved or printed as JSON. A plan without its
// Source can be viewed but not applied.
func ReadPrinted(name string, raw []byte) (*Plan, error) {
	p := &Plan{}
	if errs := schema.Decode(schema.Saved, name, raw, p); len(errs) > 0 {
		return nil, errs
	}
	if p.Undo {
		return nil, diag.Errors{{File: name, Reason: "a rollback cannot be saved and applied later", Remedy: "run `resetplan rollback FILE`"}}
	}
	return p, nil
}

// Reopen returns the document of a saved plan. file is the path of the document and
// now its present text; nil if the plan was read from standard input. It refuses a
// document that differs from the planned one. Its steps may name connections of the
// operator's configuration.
func (p *Plan) Reopen(file string, now []byte, connections []schema.Provider) (*schema.Document, error) {
	if now != nil && !bytes.Equal(now, []byte(p.Source)) {
		return nil, Refuse("run plan again and review it", "%s has changed since this plan was saved", file)
	}
	values := map[string]string{}
	for name, v := range p.Params {
		values[name] = fmt.Sprint(v)
	}
	doc, errs := schema.Read(file, []byte(p.Source), schema.GivenTexts(values), connections)
	if len(errs) > 0 {
		return nil, errs
	}
	if doc.Digest != p.Document {
		return nil, Refuse("run plan again", "the saved plan is inconsistent: its document does not match its digest")
	}
	return doc, nil
}
