package view

import (
	"strings"

	"github.com/resetplan/resetplan/plan/text"
)

// Command is a call of this program that works on the file of the options with their
// flags, quoted for a shell. It is "" if there is no file.
func (o Options) Command(name string, flags ...string) string {
	if o.File == "" {
		return ""
	}
	words := []string{"resetplan", name, text.ShellWord(o.File)}
	for _, f := range o.Flags {
		words = append(words, text.ShellWord(f))
	}
	for _, f := range flags {
		words = append(words, text.ShellWord(f))
	}
	return Plain(strings.Join(words, " "))
}
