package schema

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/yamltext"
)

// parameterised is a plan with one parameter, which is used as its type requires
// and repeated in a text.
func parameterised(declaration, use string, times int) string {
	return "version: 1\nname: p\nparams:\n  n: {" + declaration + "}\n" +
		"description: " + strconv.Quote(strings.Repeat("-${n}$${n}", times)) + "\n" +
		"providers: {k: {type: kafka, bootstrapServers: [\"b:1\"]}}\n" +
		"steps:\n  - {id: a, provider: k, target: {group: g, topic: t}, " + use + "}\n"
}

// uses are a step's keys with a parameter of each type.
var uses = map[string]string{
	"string":    `to: latest, description: "${n}"`,
	"integer":   `to: {offset: "${n}"}`,
	"boolean":   `to: latest, guards: {clamp: "${n}"}`,
	"timestamp": `to: {timestamp: "${n}"}`,
	"duration":  `to: latest, guards: {maxAge: "${n}"}`,
}

// fitting are texts that a parameter of each type takes without question.
var fitting = map[string]*regexp.Regexp{
	"string":    regexp.MustCompile(`^[a-z]{1,20}$`),
	"integer":   regexp.MustCompile(`^(0|[1-9][0-9]{0,17})$`),
	"boolean":   regexp.MustCompile(`^(true|false)$`),
	"timestamp": regexp.MustCompile(`^20[0-9]{2}-0[1-9]-[01][1-9]T0[0-9]:[0-5][0-9]:[0-5][0-9]Z$`),
	"duration":  regexp.MustCompile(`^[1-9][0-9]?[smhdw]$`),
}

// FuzzParams gives a parameter a value from a file, from the command line or
// by its default, and repeats it. The value has the declared type or an error,
// which is in the file if the value is; the text is what a person would
// write; and a document that grows too large has one error.
func FuzzParams(f *testing.F) {
	for kind, value := range []string{"a: b ${n}", "42", "true", "2026-11-18T00:00:00Z", "72h"} {
		for source := range uint8(3) {
			f.Add(uint8(kind), source, value, uint16(1), "n: "+value+"\n")
			f.Add(uint8(kind), source, "x", uint16(3), "n: 1\nother: 2\n")
		}
	}
	f.Add(uint8(0), uint8(1), strings.Repeat("x", 4000), uint16(2000), "")
	f.Add(uint8(0), uint8(2), strings.Repeat("x", 4000), uint16(2000), "n: [1\n")
	f.Add(uint8(1), uint8(2), "010", uint16(1), "n: 010\n")
	f.Add(uint8(1), uint8(2), "", uint16(1), "# a comment\r\n\r\nn: &a 0x10\r\n")
	warm()
	f.Fuzz(func(t *testing.T, kind, source uint8, value string, times uint16, file string) {
		if times > 4000 {
			t.Skip() // a plan that is too large before anything is filled in
		}
		typeName := types[int(kind)%len(types)]
		declaration := "type: " + typeName
		given, texts := Given{}, map[string][]byte{}
		switch source % 3 {
		case 0:
			declaration += ", default: " + strconv.QuoteToASCII(strings.ReplaceAll(strings.ToValidUTF8(value, ""), "${", "$${"))
			if value = strings.ToValidUTF8(value, ""); strings.ContainsFunc(value, func(r rune) bool { return r > 0xffff || r < ' ' }) {
				t.Skip() // YAML writes other escapes for these than Go
			}
		case 1:
			given = GivenTexts(map[string]string{"n": value})
		case 2:
			var errs diag.Errors
			given, errs = ParseParams("params.yaml", []byte(file))
			placed(t, errs, map[string][]byte{"params.yaml": []byte(file)})
			if len(errs) > 0 {
				return
			}
			value, texts["params.yaml"] = given["n"].Text, []byte(file)
		}
		text := parameterised(declaration, uses[typeName], int(times))
		texts["p.yaml"] = []byte(text)
		var doc *Document
		var errs diag.Errors
		used := allocated(func() { doc, errs = Read("p.yaml", []byte(text), given, nil) })
		if most := planAllowance + planAllowanceOf*(len(text)+len(file)) + 4*yamltext.MaxBytes; used > most {
			t.Errorf("%d bytes allocate %d, and %d are allowed", len(text), used, most)
		}
		placed(t, errs, texts)
		if len(errs) > 0 {
			faulty(t, errs, given, source%3 == 2, int(times)*(len(value)+3))
			if fitting[typeName].MatchString(value) && (source%3 != 2 || len(given) == 1) && times < 100 {
				t.Errorf("%q is a %s, and is refused: %v", value, typeName, errs)
			}
			return
		}
		if len(doc.Description) > yamltext.MaxBytes {
			t.Errorf("a text of %d bytes is read", len(doc.Description))
		}
		typed(t, doc, typeName, value)
		if want := strings.Repeat("-"+fmt.Sprint(doc.Values["n"])+"${n}", int(times)); doc.Description != want {
			t.Errorf("%d times %q is %.200q, not %.200q", times, value, doc.Description, want)
		}
	})
}

// faulty holds what is wrong with a value to be said where the value is.
func faulty(t *testing.T, errs diag.Errors, given Given, fromFile bool, size int) {
	t.Helper()
	if strings.Contains(errs.Error(), "too large") {
		if len(errs) != 1 {
			t.Errorf("a document that grows too large has %d errors: %v", len(errs), errs)
		}
		return
	}
	unusable := strings.Contains(errs.Error(), "parameter n") || strings.Contains(errs.Error(), "default") // and so not filled in
	if size > yamltext.MaxBytes && !unusable {
		t.Errorf("a document of %d bytes is read", size)
	}
	_, known := given["n"]
	for _, f := range errs {
		if of := strings.Contains(f.Reason, "invalid value for parameter n"); of && fromFile && f.File != "params.yaml" {
			t.Errorf("the value is in params.yaml, and its error is elsewhere: %v", f)
		}
		if strings.Contains(f.Reason, "parameter n has no value") && (known || f.File != "p.yaml") {
			t.Errorf("a value is given: %v", f)
		}
	}
}

// typed holds a value to be of its declared type, and to be what its text says.
func typed(t *testing.T, d *Document, typeName, text string) {
	t.Helper()
	step := d.Steps[0]
	switch v := d.Values["n"].(type) {
	case int64:
		if typeName != "integer" || strconv.FormatInt(v, 10) != text || step.To.Offset != v {
			t.Errorf("%q is the %s %d, and %d in the step", text, typeName, v, step.To.Offset)
		}
	case bool:
		if typeName != "boolean" || strconv.FormatBool(v) != text || step.Guards.Clamp != v {
			t.Errorf("%q is the %s %t, and %t in the step", text, typeName, v, step.Guards.Clamp)
		}
	case string:
		if v != text || typeName == "integer" || typeName == "boolean" {
			t.Errorf("%q is the %s %q", text, typeName, v)
		}
		if typeName == "string" && step.Description != v {
			t.Errorf("%q is %q in the step", v, step.Description)
		}
		if typeName == "timestamp" && step.To.Form != ToTimestamp || typeName == "duration" && step.Guards.MaxAge == nil {
			t.Errorf("%q is not in the step", v)
		}
	default:
		t.Errorf("%q is a %T", text, v)
	}
}
