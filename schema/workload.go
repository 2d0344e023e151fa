package schema

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/schema/tree"
)

// A Workload is consumers that the operator permits this program to stop and start.
type Workload struct {
	Name                string
	Stop, Start, Status []string // a program and its arguments; Status may be nil
	Stopped, Started    time.Duration
	Timeout             time.Duration // of each command
	Env                 []string      // the variables that the commands receive, besides PATH and HOME
}

// What a workload may take if the configuration does not say.
const (
	defaultSettled = 2 * time.Minute
	defaultCommand = time.Minute
)

// idle reads how a step gets its consumers into the needed state.
func (b *builder) idle(o map[string]any, at string) Idle {
	i := Idle{Wait: b.span(o["wait"], at+".wait", 0), Workload: scalar(o["workload"])}
	i.Assume, _ = o["assume"].(bool)
	i.Pause, _ = o["pause"].(bool)
	if i.Workload == "" {
		return i
	}
	for _, key := range []string{"wait", "assume", "pause"} {
		if o[key] != nil {
			b.report(at+"."+key, true, key+" and workload are mutually exclusive", "keep one of them; the operator's configuration has "+
				"how long a workload may take to stop")
		}
	}
	return i
}

func (b *builder) workload(name string, o map[string]any) Workload {
	at := tree.Join("workloads", name)
	w := Workload{Name: name, Env: texts(o["env"])}
	b.distinct(o["env"], at+".env")
	for key, into := range map[string]*[]string{"stop": &w.Stop, "start": &w.Start, "status": &w.Status} {
		*into = b.command(o[key], at+"."+key)
	}
	w.Stopped = b.positive(o["stopped"], at+".stopped", defaultSettled)
	w.Started = b.positive(o["started"], at+".started", defaultSettled)
	w.Timeout = b.positive(o["timeout"], at+".timeout", defaultCommand)
	return w
}

// command returns an argument list. Its program is a name or an absolute path: a path that
// depends on the current folder may lead to a file of another author.
func (b *builder) command(v any, at string) []string {
	var words []string
	for _, word := range list(v) {
		words = append(words, scalar(word))
	}
	if len(words) == 0 || b.wrong[at] || b.wrong[at+"[0]"] {
		return words
	}
	switch program := words[0]; {
	case program == "":
		b.report(at+"[0]", false, "the program has no name", "write for example [systemctl, stop, billing]")
	case strings.ContainsAny(program, `/\`) && !filepath.IsAbs(program):
		b.report(at+"[0]", false, "the program is a relative path", "write its absolute path, or a name that is in PATH")
	case len(words) == 1 && strings.ContainsAny(program, " \t"):
		b.report(at+"[0]", false, "the program has spaces in its name", "write each argument as an item of its own, such as [systemctl, stop, billing]")
	}
	for i, word := range words {
		if strings.ContainsRune(word, 0) {
			b.report(b.index.Item(at, i), false, "an argument cannot contain a zero byte", "remove it")
		}
	}
	return words
}

// positive returns a duration that must not be zero.
func (b *builder) positive(v any, at string, otherwise time.Duration) time.Duration {
	d := b.span(v, at, otherwise)
	if d <= 0 {
		b.notZero(at)
	}
	return d
}

// Workload returns a workload of the configuration by its name.
func (c *Config) Workload(name string) (Workload, bool) {
	i := slices.IndexFunc(c.Workloads, func(w Workload) bool { return w.Name == name })
	if i < 0 {
		return Workload{}, false
	}
	return c.Workloads[i], true
}
