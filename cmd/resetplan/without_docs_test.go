package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan/check"
	"github.com/resetplan/resetplan/providers/all"
	"github.com/resetplan/resetplan/schema/diag"
	"gopkg.in/yaml.v3"
)

// undecided are the errors whose remedy only the author can choose: what is missing,
// secrets, and a position that could mean two things.
var undecided = regexp.MustCompile(`the key (providers|provider|steps|target|to) is missing|secrets must not be written|\bNAME\b` +
	`|expected a mapping, got a string|unknown key "(resource|topics)"|mechanism: …|known keys here are`)

// TestPlansWrittenWithoutTheDocs has plans as people write them who know other tools.
// Each either validates, or its remedies, applied verbatim, make it valid: except for
// what only the author can decide. The golden files have the messages, the plan after
// the remedies, and what remains.
func TestPlansWrittenWithoutTheDocs(t *testing.T) {
	files, err := filepath.Glob("testdata/without-docs/*.yaml")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(strings.TrimSuffix(name, ".yaml"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, errs := check.Examine(name, text, nil, all.Providers())
			got := "# messages\n" + errs.Error() + "\n"
			for range 8 {
				if len(errs) == 0 {
					break
				}
				text = remedied(t, text, errs)
				_, errs = check.Examine(name, text, nil, all.Providers())
			}
			got += "\n# after the remedies\n" + string(text)
			if len(errs) > 0 {
				got += "\n# left to the author\n" + errs.Error() + "\n"
			}
			for _, f := range errs {
				if !undecided.MatchString(f.Error()) {
					t.Errorf("its remedy, applied verbatim, does not remove it: %v", f)
				}
			}
			golden := strings.TrimSuffix(file, ".yaml") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want, err := os.ReadFile(golden); err != nil || string(want) != got {
				t.Errorf("got\n%s\nwant\n%s %v", got, want, err)
			}
		})
	}
}

// remedied applies the remedies of errors to a plan.
func remedied(t *testing.T, text []byte, errs diag.Errors) []byte {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	m := mender{root: doc.Content[0]}
	for _, f := range errs {
		m.apply(f)
	}
	out, err := yaml.Marshal(&doc)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A mender applies the remedies that a person could apply without thinking.
type mender struct{ root *yaml.Node }

// find returns the pair of nodes at the place of an error, the mapping that it is in,
// and whether the place is that of the key. A block begins where its first key does.
func (m *mender) find(n *yaml.Node, f diag.Error) (in *yaml.Node, at int, isKey bool) {
	for i := 0; i < len(n.Content); i++ {
		c := n.Content[i]
		if in, at, isKey := m.find(c, f); in != nil && (isKey && strings.HasSuffix(f.Path, in.Content[at].Value) || n.Kind != yaml.MappingNode) {
			return in, at, isKey
		} else if n.Kind == yaml.MappingNode && c.Line == f.Line && c.Column == f.Column {
			return n, i &^ 1, i%2 == 0
		} else if in != nil {
			return in, at, isKey
		}
	}
	return nil, 0, false
}

// flowed parses a remedy's text as the inside of a mapping.
func flowed(text string) *yaml.Node {
	var doc yaml.Node
	if yaml.Unmarshal([]byte("{"+text+"}"), &doc) != nil || len(doc.Content) != 1 || len(doc.Content[0].Content) < 2 || strings.Contains(text, "…") {
		return nil
	}
	return unplaced(doc.Content[0])
}

// unplaced removes the places of new nodes.
func unplaced(n *yaml.Node) *yaml.Node {
	n.Line, n.Column = 0, 0
	for _, c := range n.Content {
		unplaced(c)
	}
	return n
}

var (
	addKey     = regexp.MustCompile(`^add ([a-zA-Z]+: \S+)$`)
	didYouMean = regexp.MustCompile(`^did you mean (\S+)\?$`)
	unknown    = regexp.MustCompile(`"([^"]*)"`)
	insteadOf  = regexp.MustCompile(`^write (?:in their place |each name as a key: |it under a name: |a list, each name as an id: )?([a-zA-Z]+: .*)$`)
	oneValue   = regexp.MustCompile(`^(?:write(?: a list:)?|remove the quotes:|use lower-case letters, digits and dashes:) (\S+|\[.*\]|\{.*\})$`)
	moveInto   = regexp.MustCompile(`^move (?:it|them) into ([a-z]+)$`)
	choice     = regexp.MustCompile(`(?: for (?:a time|UTC))?, or .*$`)
)

func (m *mender) apply(f diag.Error) {
	in, at, isKey := m.find(m.root, f)
	remedy := f.Remedy
	if found := addKey.FindStringSubmatch(remedy); found != nil {
		m.add(f, in, at, isKey, found[1])
		return
	}
	if in == nil {
		return
	}
	pair := in.Content[at : at+2]
	if found := didYouMean.FindStringSubmatch(remedy); found != nil {
		pair[map[bool]int{true: 0, false: 1}[isKey]].Value = found[1]
		return
	}
	if !strings.HasPrefix(remedy, "write in their") && !strings.HasPrefix(remedy, "write steps") {
		remedy = choice.ReplaceAllString(remedy, "")
	}
	switch {
	case !isKey:
		m.value(in, at, remedy)
	case strings.HasPrefix(remedy, "remove it"):
		in.Content = append(in.Content[:at:at], in.Content[at+2:]...)
	case strings.HasPrefix(remedy, "move its keys to the top"):
		moved := pair[1].Content
		in.Content = append(in.Content[:at:at], in.Content[at+2:]...)
		m.root.Content = append(m.root.Content, moved...)
	case moveInto.MatchString(remedy):
		m.move(in, names(f.Reason), moveInto.FindStringSubmatch(remedy)[1])
	case remedy == "write labels at the top of the document":
		pair[0].Value = "labels"
	case remedy == "begin each step with a dash":
		pair[1] = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{pair[1]}}
		in.Content[at+1] = pair[1]
	case strings.HasSuffix(remedy, " in each step"):
		m.eachStep(in, at, flowed(strings.TrimSuffix(strings.TrimPrefix(remedy, "write "), " in each step")))
	default:
		if found := insteadOf.FindStringSubmatch(remedy); found != nil {
			m.replace(in, names(f.Reason), flowed(found[1]))
		}
	}
}

func names(reason string) (out []string) {
	for _, found := range unknown.FindAllStringSubmatch(reason, -1) {
		out = append(out, found[1])
	}
	return out
}

// add adds a key to the mapping that an error is about.
func (m *mender) add(f diag.Error, in *yaml.Node, at int, isKey bool, text string) {
	more := flowed(text)
	target := m.root
	if f.Path != "" {
		switch {
		case in == nil:
			return
		case isKey && in.Content[at+1].Kind == yaml.MappingNode && strings.HasSuffix(f.Path, "."+in.Content[at].Value):
			target = in.Content[at+1]
		default:
			target = in
		}
	}
	for _, c := range target.Content {
		if c.Value == more.Content[0].Value {
			return
		}
	}
	target.Content = append(more.Content, target.Content...)
}

// value changes the value of a pair.
func (m *mender) value(in *yaml.Node, at int, remedy string) {
	if remedy == "begin each step with a dash" {
		in.Content[at+1] = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{in.Content[at+1]}}
		return
	}
	if found := insteadOf.FindStringSubmatch(remedy); found != nil {
		if more := flowed(found[1]); more != nil && more.Content[0].Value == in.Content[at].Value {
			in.Content = append(append(in.Content[:at:at], more.Content...), in.Content[at+2:]...)
			return
		}
	}
	if found := insteadOf.FindStringSubmatch(strings.Replace(remedy, "remove the quotes:", "write", 1)); found != nil {
		remedy = "write " + strings.TrimPrefix(found[1], in.Content[at].Value+": ")
	}
	if found := oneValue.FindStringSubmatch(remedy); found != nil {
		if more := flowed("x: " + found[1]); more != nil {
			in.Content[at+1] = more.Content[1]
		}
	}
}

// replace removes keys from a mapping and puts others in their place.
func (m *mender) replace(in *yaml.Node, keys []string, more *yaml.Node) {
	if more == nil {
		return
	}
	for _, key := range keys {
		for i := 0; i+1 < len(in.Content); i += 2 {
			if in.Content[i].Value == key {
				in.Content = append(in.Content[:i:i], in.Content[i+2:]...)
				break
			}
		}
	}
	in.Content = append(in.Content, more.Content...)
}

// move moves keys of a mapping into another one in it.
func (m *mender) move(in *yaml.Node, keys []string, section string) {
	for i := 0; i+1 < len(in.Content); i += 2 {
		if in.Content[i].Value != section {
			continue
		}
		into := in.Content[i+1]
		for _, key := range keys {
			for j := 0; j+1 < len(in.Content); j += 2 {
				if in.Content[j].Value == key {
					into.Content = append(into.Content, in.Content[j], in.Content[j+1])
					in.Content = append(in.Content[:j:j], in.Content[j+2:]...)
					break
				}
			}
		}
		return
	}
}

// eachStep moves a key of the document into each step.
func (m *mender) eachStep(in *yaml.Node, at int, more *yaml.Node) {
	in.Content = append(in.Content[:at:at], in.Content[at+2:]...)
	for i := 0; i+1 < len(in.Content); i += 2 {
		if in.Content[i].Value == "steps" {
			for _, step := range in.Content[i+1].Content {
				step.Content = append(step.Content, more.Content...)
			}
		}
	}
}
