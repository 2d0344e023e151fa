package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Decode reads a file that resetplan wrote, a lock or a saved plan, into a
// struct with JSON tags. The file is checked against its schema first.
func Decode(k Kind, file string, source []byte, into any) Faults {
	t := newText(file, source)
	version := "version"
	if k == Saved {
		version = "formatVersion"
	}
	root, fault := t.node(locksLimit)
	if fault != nil {
		return Faults{*fault}
	}
	if f := t.versionFault(root, version); f != nil {
		return Faults{*f}
	}
	c := newConverter(t, nil)
	c.noAliases = true
	c.nodes, c.bytes, c.paths = -10*maxNodes, -maxSaved, -8*maxPaths // our own files may be as large as what they record
	value := c.value(root, "", 0)
	if c.full {
		return c.faults.Report()
	}
	faults := append(c.faults, c.index.validate(definitions[k](), value, "")...)
	if len(faults) > 0 {
		return faults.Report()
	}
	raw, err := json.Marshal(value)
	if err == nil {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		err = d.Decode(into)
	}
	if err != nil {
		return Faults{{File: file, Reason: fmt.Sprintf("not a valid %s: %s", names[k], strings.TrimPrefix(err.Error(), "json: ")), Remedy: "restore it from version control"}}
	}
	return nil
}

var names = map[Kind]string{Plan: "plan", Lock: "lock file", Saved: "saved plan"}
