package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/literal"
	"github.com/resetplan/resetplan/schema/tree"
	"github.com/resetplan/resetplan/schema/yamltext"
)

// Decode reads a file that resetplan wrote, a lock or a saved plan, into a
// struct with JSON tags. The file is checked against its schema first.
func Decode(k Kind, file string, source []byte, into any) diag.Errors {
	if k == Saved && len(bytes.TrimLeft(source, " \t\r\n")) > 0 && bytes.TrimLeft(source, " \t\r\n")[0] == '{' {
		return decodeJSON(k, file, source, into)
	}
	t := diag.NewSource(file, source)
	version := "version"
	if k == Saved {
		version = "formatVersion"
	}
	root, invalid := yamltext.Parse(t, yamltext.OwnLimit)
	if invalid != nil {
		return diag.Errors{*invalid}
	}
	if f := versionError(t, root, version); f != nil {
		return diag.Errors{*f}
	}
	c := tree.NewConverter(t, nil)
	c.OwnFile()
	value := c.Value(root, "", 0)
	if c.Full {
		return c.Errors.Report()
	}
	b := newBuilder(c.Index)
	b.validate(definitions[k](), value, "")
	b.misspelledNumbers()
	if errs := append(c.Errors, b.errors...); len(errs) > 0 {
		return errs.Report()
	}
	raw, err := json.Marshal(value)
	if err == nil {
		err = strict(raw, into)
	}
	return notValid(k, file, err)
}

func strict(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

func notValid(k Kind, file string, err error) diag.Errors {
	if err == nil {
		return nil
	}
	return diag.Errors{{File: file, Reason: fmt.Sprintf("not a valid %s: %s", names[k], strings.TrimPrefix(err.Error(), "json: ")),
		Remedy: "restore it, or create it again"}}
}

// mostTokens is the maximum for a JSON file; 100,000 partitions have three million.
const mostTokens = 4_000_000

// decodeJSON reads a JSON file, which is faster than reading it as YAML.
func decodeJSON(k Kind, file string, source []byte, into any) diag.Errors {
	if len(source) > yamltext.MaxSaved {
		return diag.Errors{{File: file, Reason: fmt.Sprintf("the file is larger than %d MiB, the limit", yamltext.MaxSaved>>20),
			Remedy: "split the plan"}}
	}
	if err := wellFormed(source); err != nil {
		return notValid(k, file, err)
	}
	var head struct {
		FormatVersion json.Number `json:"formatVersion"`
	}
	if err := json.Unmarshal(source, &head); err == nil && literal.IsInteger(head.FormatVersion.String()) && head.FormatVersion != "1" {
		return diag.Errors{{File: file, Path: "formatVersion",
			Reason: fmt.Sprintf("version %s is not supported: this resetplan reads version 1", diag.Shorten(head.FormatVersion.String())),
			Remedy: "use a newer resetplan for a newer file"}}
	}
	d := json.NewDecoder(bytes.NewReader(source))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return notValid(k, file, err)
	}
	found := definitions[k]().validate(tree.NewConverter(&diag.Source{File: file}, nil).Index, value, "")
	if len(found) > 0 {
		for i := range found {
			found[i].Line, found[i].Column = 0, 0
		}
		return found.Report()
	}
	return notValid(k, file, strict(source, into))
}

// wellFormed reads a JSON text once, token by token, and refuses what
// would be too expensive or ambiguous: depth, length and duplicate keys.
func wellFormed(source []byte) error {
	d := json.NewDecoder(bytes.NewReader(source))
	d.UseNumber()
	var open []map[string]bool // the keys of each open object; nil for a list
	key := false               // the next token is a key
	for n := 0; ; n++ {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF) && len(open) == 0 && n > 0:
			return nil
		case errors.Is(err, io.EOF):
			return errors.New("the file is truncated")
		case err != nil:
			return err
		case n > mostTokens:
			return fmt.Errorf("more than %d values, the limit", mostTokens)
		case len(open) > yamltext.MaxDepth:
			return errors.New("too deeply nested")
		case len(open) == 0 && n > 0:
			return errors.New("there is data after the plan")
		}
		switch text, isText := token.(string); {
		case token == json.Delim('{'):
			open = append(open, map[string]bool{})
		case token == json.Delim('['):
			open = append(open, nil)
		case token == json.Delim('}') || token == json.Delim(']'):
			open = open[:len(open)-1]
		case key && isText:
			if keys := open[len(open)-1]; keys[text] {
				return fmt.Errorf("duplicate key %q", diag.Shorten(text))
			}
			open[len(open)-1][text] = true
			key = false
			continue
		}
		key = len(open) > 0 && open[len(open)-1] != nil
	}
}

var names = map[Kind]string{Configuration: "configuration", Plan: "plan", Lock: "lock file", Saved: "saved plan"}
