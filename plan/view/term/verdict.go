package term

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/resetplan/resetplan/plan/view"
)

// Verdicts writes which plans are valid and the inputs that they declare. The
// errors themselves are not part of it: they go to the error output.
func Verdicts(w io.Writer, all []view.Verdict, o view.Options) error {
	var out strings.Builder
	for _, v := range all {
		switch {
		case v.Valid:
			fmt.Fprintf(&out, "%s: valid\n", view.Plain(v.File))
		case len(v.Inputs) > 0:
			fmt.Fprintf(&out, "%s: not valid\n", view.Plain(v.File))
		}
		for _, warning := range v.Warnings {
			out.WriteString(wrapped("Warning: "+warning, "  ", o))
		}
		if len(v.Inputs) > 0 {
			out.WriteString("  Its inputs, given with --set NAME=VALUE or --params FILE:\n")
		}
		for _, i := range v.Inputs {
			out.WriteString(wrapped(i.Name+": "+terms(i), "  ", o))
			if i.Description != "" {
				out.WriteString(wrapped(i.Description, "      ", o))
			}
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// terms describes the values that an input accepts.
func terms(i view.Input) string {
	const columns = 60
	short := func(s string) string { return view.Options{}.Short(s, columns) }
	text := cmp.Or(i.Type, "?")
	switch i.Default {
	case nil:
		text += ", required"
	case "":
		text += `, default ""`
	default:
		text += ", default " + short(fmt.Sprint(i.Default))
	}
	if len(i.Enum) > 0 {
		var allowed []string
		for _, e := range i.Enum {
			allowed = append(allowed, short(e))
		}
		text += ", one of " + strings.Join(allowed, ", ")
	}
	if i.Pattern != "" {
		text += ", matching " + short(i.Pattern)
	}
	return text
}
