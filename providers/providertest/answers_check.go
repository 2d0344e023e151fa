package providertest

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
)

// A node is a value of an answer, and how it is replaced.
type node struct {
	value  any
	set    func(any)
	remove func() // nil where it is not the value of a key
}

// nodes lists the values of an answer, parents first, keys sorted.
func nodes(value any, set func(any), remove func()) []node {
	out := []node{{value, set, remove}}
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			out = append(out, nodes(v[key], func(now any) { v[key] = now }, func() { delete(v, key) })...)
		}
	case []any:
		for i := range v {
			out = append(out, nodes(v[i], func(now any) { v[i] = now }, nil)...)
		}
	}
	return out
}

// changed returns an answer as a script has it.
func changed(body string, s script, sent string) string {
	if s.change == changeBody {
		return strings.ReplaceAll(s.text, Sent, sent)
	}
	root, ok := decoded(body)
	if !ok {
		return body
	}
	all := nodes(root, func(now any) { root = now }, nil)
	all = slices.DeleteFunc(all, func(n node) bool {
		_, isObject := n.value.(map[string]any)
		return s.change == changeRemove && n.remove == nil || s.change == changeUnknown && !isObject
	})
	if len(all) == 0 {
		return body
	}
	n := all[s.node%len(all)]
	var value any
	d, isJSON := decoded(strings.ReplaceAll(s.text, Sent, strings.Trim(quoted(sent), `"`)))
	if value = d; !isJSON {
		value = strings.ReplaceAll(s.text, Sent, sent)
	}
	switch s.change {
	case changeRemove:
		n.remove()
	case changeValue:
		n.set(value)
	case changeUnknown:
		n.value.(map[string]any)["zzUnknown"] = value
	}
	return quoted(root)
}

func decoded(text string) (any, bool) {
	var v any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	err := d.Decode(&v)
	return v, err == nil && !d.More()
}

func quoted(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return "null"
	}
	return string(text)
}

// factsOf lists the positions and times of a snapshot by what they are of.
func factsOf(s providers.Snapshot) map[string]string {
	out := map[string]string{}
	for _, p := range s.Parts {
		name := p.Part.String() + " "
		for what, at := range map[string]providers.Position{"low": p.Low, "high": p.High, "committed": p.Committed} {
			out[name+what] = at.String()
		}
		if p.Bytes != nil {
			out[name+"bytes"] = fmt.Sprint(*p.Bytes)
		}
		if !p.LowTime.IsZero() {
			out[name+"lowTime"] = p.LowTime.UTC().String()
		}
		if !p.ReadUpTo.IsZero() {
			out[name+"readUpTo"] = p.ReadUpTo.UTC().String()
		}
	}
	return out
}

// nothingNew fails if an answer that lacks a key is read as one that has
// another value there. Of a group without commits the position is unset.
func (o *outcome) nothingNew(t *testing.T, good *outcome) {
	t.Helper()
	want := factsOf(good.snapshot)
	for name, value := range factsOf(o.snapshot) {
		if value != want[name] && value != "unknown" && value != "unset" {
			t.Errorf("%s is read as %s where a good answer has %q\nanswers: %q", name, value, want[name], o.bodies)
		}
	}
}

var (
	digits = regexp.MustCompile(`-?\d+`)
	figure = regexp.MustCompile(`was at offset (-?\d+)`)
)

// onlyNumbersOfAnswers fails if an offset or cursor is reported that is in no
// answer.
func (o *outcome) onlyNumbersOfAnswers(t *testing.T, sums bool) {
	t.Helper()
	numbers, texts := map[string]bool{}, strings.Join(o.bodies, " ")
	for _, body := range o.bodies {
		if v, ok := decoded(body); ok {
			for _, n := range nodes(v, nil, nil) {
				texts += " " + fmt.Sprint(n.value)
			}
		}
	}
	for _, n := range digits.FindAllString(texts, -1) {
		if b, ok := new(big.Int).SetString(n, 10); ok && b.IsInt64() {
			numbers[b.String()] = true
		}
	}
	if sums {
		addSums(numbers)
	}
	report := func(at providers.Position, what string) {
		if n, ok := at.Offset(); ok && !numbers[fmt.Sprint(n)] {
			t.Errorf("%s is read as %s, which no answer has: %q", what, at, o.bodies)
		}
		if c, ok := at.Cursor(); ok && !strings.Contains(texts, c) {
			t.Errorf("%s is read as %s, which no answer has: %q", what, at, o.bodies)
		}
	}
	for _, note := range o.snapshot.Notes {
		if m := figure.FindStringSubmatch(note); m != nil && !numbers[m[1]] {
			t.Errorf("a note has %s, which no answer has: %q", m[0], o.bodies)
		}
	}
	for _, p := range o.snapshot.Parts {
		report(p.Low, p.Part.String()+" low")
		report(p.High, p.Part.String()+" high")
		report(p.Committed, p.Part.String()+" committed")
		for _, r := range p.Resolved {
			report(r.Found, p.Part.String()+" "+r.Asked.String())
		}
	}
}

// addSums adds the sum of every two numbers.
func addSums(numbers map[string]bool) {
	single := slices.Collect(maps.Keys(numbers))
	for i, a := range single {
		for _, b := range single[i:] {
			x, y, sum := new(big.Int), new(big.Int), new(big.Int)
			x.SetString(a, 10)
			y.SetString(b, 10)
			numbers[sum.Add(x, y).String()] = true
		}
	}
}
