package main

import (
	"slices"
	"strings"

	"github.com/resetplan/resetplan/providers/all"
	"github.com/resetplan/resetplan/providers/sandbox"
	"github.com/urfave/cli/v2"
)

func choices(words []string) *offer {
	o := &offer{}
	for _, word := range words {
		o.words = append(o.words, candidate{text: word})
	}
	return o
}

// valueOf says what a flag's value may be.
func (t *typing) valueOf(f cli.Flag, typed string) *offer {
	if c, ok := f.(*choiceFlag); ok {
		return choices(c.choices)
	}
	switch name := f.Names()[0]; name {
	case "provider":
		o := &offer{}
		for _, p := range all.Providers() {
			o.words = append(o.words, candidate{text: p.Type()})
		}
		return o
	case "step":
		return t.steps()
	case "part":
		return t.parts()
	case "run":
		return t.runs()
	case "set":
		return t.parameters(typed)
	case "fault":
		return faultNames()
	case "log-format":
		return choices([]string{"text", "json"})
	case "params", "lock", "out", "from", "write-plan":
		return &offer{files: true}
	}
	return &offer{}
}

// faultNames are the sandbox's faults, plain and of one service.
func faultNames() *offer {
	o := &offer{}
	for kind, faults := range sandbox.Faults() {
		for name, about := range faults {
			o.words = append(o.words, candidate{name, about}, candidate{kind + ":" + name, about})
		}
	}
	slices.SortFunc(o.words, func(a, b candidate) int { return strings.Compare(a.text, b.text) })
	o.words = slices.CompactFunc(o.words, func(a, b candidate) bool { return a.text == b.text })
	return o
}
