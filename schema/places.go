package schema

import (
	"fmt"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// place returns the node of a path, of the key that names it if key is set,
// or of its nearest ancestor that exists.
func (x *nodeIndex) place(path string, key bool) *yaml.Node {
	for {
		if n := x.keys[path]; key && n != nil {
			return n
		}
		if n := x.values[path]; n != nil {
			return n
		}
		if path == "" {
			return nil
		}
		path, key = parent(path), true
	}
}

// parent returns the path of the mapping or list that holds a path. A key may
// itself contain brackets and dots; no value is found at such a path.
func parent(path string) string {
	if at := strings.LastIndexByte(path, '['); at >= 0 && strings.HasSuffix(path, "]") {
		return path[:at]
	}
	if at := strings.LastIndexByte(path, '.'); at >= 0 {
		return path[:at]
	}
	return ""
}

// fault places a fault at a path; with key set it points at the key that
// names the value. What is wrong with a stand-in follows from the fault that
// explains it, which is then repeated, and so shown once.
func (x *nodeIndex) fault(path string, key bool, reason, remedy string) Fault {
	if f, ok := x.standIns[path]; ok && !key {
		return f
	}
	line, column := 1, 1
	if n := x.place(path, key); n != nil {
		line, column = n.Line, n.Column
	}
	f := x.text.fault(line, column, reason, remedy)
	f.Where, f.Step = spelt(path), x.stepOf(path)
	return f
}

// stepOf returns the id of the step that a path is in, or "".
func (x *nodeIndex) stepOf(path string) string {
	if end := strings.IndexByte(path, ']'); strings.HasPrefix(path, "steps[") && end > 0 {
		if id := scalarOf(x.values[path[:end+1]+".id"]); namePlain.MatchString(id) {
			return id
		}
	}
	return ""
}

var namePlain = regexp.MustCompile(namePattern)

// Fault places a fault at a path of the document, such as "steps", 0, "to".
func (d *Document) Fault(reason, remedy string, path ...any) Fault {
	where := pathOf(path)
	if d.nodes == nil {
		return Fault{File: d.File, Where: where, Reason: reason, Remedy: remedy}
	}
	return d.nodes.fault(where, false, reason, remedy)
}

func pathOf(path []any) string {
	where := ""
	for _, p := range path {
		switch p := p.(type) {
		case int:
			where += fmt.Sprintf("[%d]", p)
		case string:
			where = join(where, p)
		}
	}
	return where
}

// lookalikeOr puts before a remedy a character of a value that looks like another.
func lookalikeOr(x *nodeIndex, path, text, remedy string) string {
	if what := lookalike(text, x.values[path]); what != "" {
		return what + "; " + remedy
	}
	return remedy
}

// shorten is for values that are quoted.
func shorten(s string) string { return brief(s, 60) }

// brief cuts a text to so many characters, between words if it can.
func brief(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	cut := string(r[:most-3])
	if at := strings.LastIndexByte(cut, ' '); at > len(cut)/2 {
		cut = cut[:at]
	}
	return cut + "..."
}
