package main

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/plan/check"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/providers/all"
	"github.com/resetplan/resetplan/providers/retry"
	"github.com/resetplan/resetplan/schema"
	"github.com/urfave/cli/v2"
)

func paramFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "set", Usage: "give a parameter: `NAME=VALUE`; repeatable"},
		&cli.StringFlag{Name: "params", Usage: "give parameters from a `FILE`: a mapping of names and values"},
	}
}

func selectionFlags() []cli.Flag {
	return append(paramFlags(),
		&cli.StringSliceFlag{Name: "step", Usage: "only this step `ID`, or one group of it, ID[GROUP]; repeatable"},
		&cli.StringFlag{Name: "run", Usage: "the run's `KEY`; each key is carried out once", Value: schema.DefaultRun},
		&cli.StringFlag{Name: "lock", Usage: "the lock's `PATH`; default: FILE.lock.yaml beside the plan"},
	)
}

// formatFlag lets a result be printed in one of several formats; the first is
// the default.
func formatFlag(formats ...string) cli.Flag {
	if formats == nil {
		formats = []string{"table", "json"}
	}
	last := len(formats) - 1
	return &choiceFlag{choices: formats, StringFlag: &cli.StringFlag{Name: "format", Usage: "how the result is printed: " + strings.Join(formats[:last], ", ") + " or " + formats[last], Value: formats[0],
		Action: func(_ *cli.Context, f string) error {
			if !slices.Contains(formats, f) {
				return usage("--format is %s or %s, not %q", strings.Join(formats[:last], ", "), formats[last], f)
			}
			return nil
		}}}
}

func wideFlag() cli.Flag {
	return &cli.BoolFlag{Name: "wide", Usage: "every partition in a line of its own, names in full"}
}

func waitFlag() cli.Flag {
	return &cli.DurationFlag{Name: "wait", Usage: "wait up to `DURATION` for the consumers to be as the service needs them; overrides idle: {wait}", Action: notNegative("wait")}
}

func retryFlag() cli.Flag {
	return &cli.BoolFlag{Name: "retry-overwritten", Usage: "send steps again that another client has committed over in this run"}
}

// notNegative refuses a negative duration.
func notNegative(flag string) func(*cli.Context, time.Duration) error {
	return func(_ *cli.Context, d time.Duration) error {
		if d < 0 {
			return usage("--%s must not be negative, got %v", flag, d)
		}
		return nil
	}
}

// A choiceFlag takes one of a few words, which a shell can offer.
type choiceFlag struct {
	*cli.StringFlag
	choices []string
}

// wantsJSON reports whether the result is for a program.
func wantsJSON(c *cli.Context) bool { return c.String("format") == "json" }

// one returns a command's one argument.
func one(c *cli.Context, what string) (string, error) {
	command := strings.TrimPrefix(c.Command.HelpName, c.App.Name+" ")
	switch c.NArg() {
	case 0:
		return "", usage("%s: %s is missing", command, what)
	case 1:
		return c.Args().First(), nil
	}
	return "", usage("%s takes one %s, not %d", command, what, c.NArg())
}

// values gathers --params and --set; --set wins.
func (w world) values(c *cli.Context) (schema.Given, error) {
	out := schema.Given{}
	if file := c.String("params"); file != "" {
		raw, err := w.source(file, files.Plan)
		if err != nil {
			return nil, err
		}
		given, faults := schema.ParseParams(file, raw)
		if len(faults) > 0 {
			return nil, faults
		}
		out = given
	}
	for _, s := range c.StringSlice("set") {
		name, value, ok := strings.Cut(s, "=")
		if !ok || name == "" {
			return nil, usage("--set requires NAME=VALUE, got %q", s)
		}
		out[name] = schema.GivenValue{Text: value}
	}
	return out, nil
}

// parse reads a plan with the parameters of the call.
func (w world) parse(c *cli.Context, name string, raw []byte) (*schema.Document, error) {
	values, err := w.values(c)
	if err != nil {
		return nil, err
	}
	doc, faults := check.Examine(shown(name), raw, values, all.Providers())
	if len(faults) > 0 {
		return nil, faults
	}
	return doc, nil
}

// shown is what messages call a file.
func shown(name string) string {
	if name == "-" {
		return "<stdin>"
	}
	return name
}

// document reads a plan from its file.
func (w world) document(c *cli.Context, name string) (*schema.Document, error) {
	raw, err := w.source(name, files.Plan)
	if err != nil {
		return nil, err
	}
	return w.parse(c, name, raw)
}

// connect makes a document ready to be read and applied. It refuses variables
// that these steps, or all if there are none, read without permission.
func (w world) connect(c *cli.Context, doc *schema.Document, steps []string) (*survey.Reader, error) {
	env, err := w.env(c)
	if err != nil {
		return nil, err
	}
	r, err := survey.Open(doc, survey.Deps{
		Providers: all.Providers(), Process: env, By: w.by, Retry: retry.Default(), Progress: w.progress(c),
	})
	if err != nil {
		return nil, err
	}
	if err := r.Permitted(steps); err != nil {
		_ = r.Close() // nothing was read through it
		return nil, err
	}
	return r, nil
}

// selection reads what part of the document is meant.
func (w world) selection(c *cli.Context, file string) (reconcile.Selection, error) {
	run, err := w.runKey(c.String("run"))
	if err != nil {
		return reconcile.Selection{}, err
	}
	sel := reconcile.Selection{
		Run: run, Steps: c.StringSlice("step"), Lock: c.String("lock"), Wait: c.Duration("wait"),
		Retry: c.Bool("retry-overwritten"), Past: c.Bool("past"), Adopt: c.Bool("adopt"),
	}
	if sel.Lock == "" && file == "<stdin>" {
		return sel, nil
	}
	if sel.Lock != "" {
		return sel, nil
	}
	sel.Lock, err = lock.For(file)
	return sel, err
}

// runKey returns the key of a run: @date and @hour are the UTC date and hour.
func (w world) runKey(key string) (string, error) {
	const most = 200
	switch {
	case key == "@date":
		return w.now().UTC().Format("2006-01-02"), nil
	case key == "@hour":
		return w.now().UTC().Format("2006-01-02T15"), nil
	case strings.HasPrefix(key, "@"):
		return "", usage("--run %q is unknown; @date and @hour are known", key)
	case strings.TrimSpace(key) != key || key == "" || view.Plain(key) != key || len(key) > most:
		return "", usage("--run %q is not a valid key; write at most %d visible characters in one line", key, most)
	}
	return key, nil
}

// relative returns the path of a file as seen from the folder of another.
func relative(from, file string) string {
	a, err1 := filepath.Abs(filepath.Dir(from))
	b, err2 := filepath.Abs(file)
	if r, err := filepath.Rel(a, b); err1 == nil && err2 == nil && err == nil {
		return filepath.ToSlash(r)
	}
	return file
}
