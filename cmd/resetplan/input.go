package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/plan/check"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers/all"
	"github.com/resetplan/resetplan/schema"
	"github.com/resetplan/resetplan/schema/diag"
	"github.com/urfave/cli/v2"
)

// An inputError is an input that is not what the call says it is.
type inputError struct{ text string }

func (e *inputError) Error() string { return e.text }

// onlyArgument returns the argument of a command that takes one.
func onlyArgument(c *cli.Context, what string) (string, error) {
	command := strings.TrimPrefix(c.Command.HelpName, c.App.Name+" ")
	switch c.NArg() {
	case 0:
		return "", usage("%s: %s is missing", command, what)
	case 1:
		return c.Args().First(), nil
	}
	return "", usage("%s takes one %s, got %d", command, what, c.NArg())
}

// source reads a file or a pipe of at most so many bytes, or standard input for
// "-". A signal ends the wait for a pipe.
func (proc process) source(name string, most int64) ([]byte, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-proc.signalled:
			cancel()
		case <-ctx.Done():
		}
	}()
	if name == "" {
		return nil, usage("the name of a file is empty; give a name, or - for standard input")
	}
	var raw []byte
	var err error
	if name == "-" {
		raw, err = files.Wait(ctx, func() ([]byte, error) { return files.ReadAll(proc.stdin, "standard input", most) })
	} else {
		raw, err = files.ReadInput(ctx, name, most)
	}
	var unfit *files.Unfit
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, diag.Errors{{File: name, Reason: "no such file", Remedy: "check the path" + nearFile(name)}}
	case errors.As(err, &unfit), errors.Is(err, context.Canceled):
		return nil, err
	case err != nil:
		return nil, diag.Errors{{File: name, Reason: "the file cannot be read: " + files.WithoutPath(err).Error()}}
	}
	return raw, nil
}

// displayName returns what messages call a file.
func displayName(name string) string {
	if name == "-" {
		return "<stdin>"
	}
	return name
}

// parameters collects --params and --set; --set wins.
func (proc process) parameters(c *cli.Context) (schema.Given, error) {
	out := schema.Given{}
	if file := c.String("params"); file != "" {
		if file == "-" && (c.Args().First() == "-" || c.String("from") == "-") {
			return nil, usage("the plan and --params cannot both be read from standard input; put one of them in a file")
		}
		raw, err := proc.source(file, files.Plan)
		if err != nil {
			return nil, err
		}
		given, errs := schema.ParseParams(file, raw)
		if len(errs) > 0 {
			return nil, errs
		}
		out = given
	}
	set := map[string]bool{}
	for _, s := range c.StringSlice("set") {
		name, value, ok := strings.Cut(s, "=")
		if !ok || name == "" {
			return nil, usage("--set requires NAME=VALUE, got %q", s)
		}
		if !utf8.ValidString(s) {
			return nil, usage("--set %s: the value is not UTF-8; write it in UTF-8", text.Quote(name))
		}
		if set[name] {
			return nil, usage("--set gives %s twice; keep one of them", name)
		}
		set[name], out[name] = true, schema.GivenValue{Text: value}
	}
	return out, nil
}

// parse reads a plan with the parameters of the call.
func (proc process) parse(c *cli.Context, name string, raw []byte) (*schema.Document, error) {
	given, err := proc.parameters(c)
	if err != nil {
		return nil, err
	}
	own, err := proc.configuration(c)
	if err != nil {
		return nil, err
	}
	doc, errs := check.ExamineWith(displayName(name), raw, given, all.Providers(), own.Connections)
	if len(errs) > 0 {
		return nil, errs
	}
	return doc, nil
}

// document reads a plan from its file.
func (proc process) document(c *cli.Context, name string) (*schema.Document, error) {
	raw, err := proc.source(name, files.Plan)
	if err != nil {
		return nil, err
	}
	if errs := notOther(name, raw); errs != nil {
		return nil, errs
	}
	return proc.parse(c, name, raw)
}

// notOther refuses a saved plan or a lock as the document of a command, in one error
// instead of one for each of its keys.
func notOther(name string, raw []byte) diag.Errors {
	switch {
	case isSaved(raw):
		return diag.Errors{{File: displayName(name), Reason: "this is a saved plan, but the command requires a plan document",
			Remedy: "apply it with `resetplan apply`, or use the document from which it was made"}}
	case isLock(raw):
		return diag.Errors{{File: displayName(name), Reason: "this is a lock, but the command requires a plan document",
			Remedy: "name the plan that it belongs to; `resetplan lock show` shows a lock"}}
	}
	return nil
}

// isLock reports whether a file has the keys of a lock and not those of a plan.
func isLock(raw []byte) bool {
	key := func(name string) bool {
		return bytes.HasPrefix(raw, []byte(name+":")) || bytes.Contains(raw, []byte("\n"+name+":"))
	}
	return key("plan") && key("runs") && !key("steps") && !key("name")
}

// nearFile names a file that exists under a name with another ending, as for p.yml and
// p instead of p.yaml.
func nearFile(name string) string {
	base := strings.TrimSuffix(strings.TrimSuffix(name, ".yml"), ".yaml")
	for _, near := range []string{base + ".yaml", base + ".yml"} {
		if info, err := os.Stat(near); near != name && err == nil && info.Mode().IsRegular() {
			return "; did you mean " + text.Safe(near) + "?"
		}
	}
	return ""
}
