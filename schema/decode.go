package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Decode reads a file that resetplan wrote, a lock or a saved plan, into a
// struct with JSON tags. The file is held against its schema first.
func Decode(k Kind, file string, source []byte, into any) Faults {
	t := newText(file, source)
	version := "version"
	if k == Saved {
		version = "formatVersion"
	}
	root, fault := t.node(maxLock)
	if fault != nil {
		return Faults{*fault}
	}
	if f := t.versionFault(root, version); f != nil {
		return Faults{*f}
	}
	c := newConverter(t, nil)
	c.nodes = -100 * maxNodes // our own files may be as large as what they record
	value := c.value(root, "", 0)
	faults := append(c.faults, c.index.validate(definitions[k](), value, "")...)
	if len(faults) > 0 {
		return faults.told()
	}
	raw, err := json.Marshal(value)
	if err == nil {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		err = d.Decode(into)
	}
	if err != nil {
		return Faults{{File: file, Reason: fmt.Sprintf("this is no %s: %s", k, strings.TrimPrefix(err.Error(), "json: ")), Remedy: "restore it from version control"}}
	}
	return nil
}
