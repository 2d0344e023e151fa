package complete

import (
	"slices"
	"strings"

	"github.com/resetplan/resetplan/cmd/resetplan/internal/adhoc"
	"github.com/resetplan/resetplan/cmd/resetplan/internal/cmdline"
	"github.com/resetplan/resetplan/providers/all"
	"github.com/resetplan/resetplan/providers/sandbox"
	"github.com/urfave/cli/v2"
)

func choices(words []string) *Offer {
	o := &Offer{}
	for _, word := range words {
		o.Words = append(o.Words, Candidate{Text: word})
	}
	return o
}

// valueOf returns what a flag's value may be.
func (t *typedLine) valueOf(f cli.Flag, typed string) *Offer {
	switch f := f.(type) {
	case *cmdline.Choice:
		return choices(f.Words)
	case *cmdline.Value:
		o := choices(f.Words)
		o.Files = f.What == "FILE"
		return o
	}
	switch name := f.Names()[0]; name {
	case "provider":
		o := &Offer{}
		for _, p := range all.Providers() {
			o.Words = append(o.Words, Candidate{Text: p.Type()})
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
	case "to":
		return choices(adhoc.Examples())
	case "until":
		return choices([]string{"former", "now", "offset:"})
	case "connection":
		return t.connections()
	case "params", "config", "summary", "metrics-file", "lock", "out", "from", "save", "write-plan":
		return &Offer{Files: true}
	}
	return &Offer{}
}

// faultNames offers the faults of the sandbox, for all services and for one.
func faultNames() *Offer {
	o := &Offer{}
	for kind, faults := range sandbox.Faults() {
		for name, description := range faults {
			o.Words = append(o.Words, Candidate{name, description}, Candidate{kind + ":" + name, description})
		}
	}
	slices.SortFunc(o.Words, func(a, b Candidate) int { return strings.Compare(a.Text, b.Text) })
	o.Words = slices.CompactFunc(o.Words, func(a, b Candidate) bool { return a.Text == b.Text })
	return o
}
