// Package check finds, offline, what the schema of a document cannot know: a
// provider type that is not built in, a target that its provider rejects, a move
// that the service cannot make, two steps that move the same partition, a cycle
// of needs, a lock to go back to that does not exist. It also lists what each
// kind of service can do.
//
// The invariant: every error is found in one pass and placed in the document, and
// no network is used. The package reads lock files that a document names, which
// is why it is not part of package decide: that one is pure. It refuses
// nothing that depends on the present state of a service.
//
// Examine is stable; all other names may change in any release (docs/ARCHITECTURE.md,
// Go API).
package check

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
	"github.com/resetplan/resetplan/schema/diag"
)

// Examine reads a plan and reports every error that can be found without the
// network: those of schema.Read, and those of Document for the valid parts of
// the plan, all in one pass. The Document is nil if there is an error.
func Examine(file string, source []byte, given schema.Given, all []providers.Provider) (*schema.Document, diag.Errors) {
	return ExamineWith(file, source, given, all, nil)
}

// ExamineWith is Examine for a plan whose steps may also name connections of the
// operator's configuration.
func ExamineWith(file string, source []byte, given schema.Given, all []providers.Provider,
	connections []schema.Provider) (*schema.Document, diag.Errors) {
	doc, errs := schema.Read(file, source, given, connections)
	if doc == nil {
		return nil, errs
	}
	if errs = append(errs, Document(doc, all)...); len(errs) > 0 {
		return nil, errs.Report()
	}
	return doc, nil
}

// Document reports, offline, the errors that the schema cannot express: a provider
// type that is not built in, a target that its provider rejects, a move that the
// service cannot make, needs that form a cycle, a referenced lock that does not
// exist, and two steps that move the same target. It returns every error in the
// order of the document's lines; a value that already has an error is not checked
// again.
func Document(doc *schema.Document, all []providers.Provider) diag.Errors {
	c := checker{doc: doc, all: all, unusable: map[string]bool{}}
	c.providers()
	for i, s := range doc.Steps {
		c.step(i, s)
	}
	c.cycles()
	c.errs.Sort()
	return c.errs
}

type checker struct {
	doc     *schema.Document
	all     []providers.Provider
	targets []checkedTarget
	errs    diag.Errors
	locks   map[string]lockRead // by path
	undo    bool                // the error about onError: undo is reported
	// unusable has the providers whose own entry is wrong.
	unusable map[string]bool
}

type checkedTarget struct {
	step   int
	target providers.Target
}

func (c *checker) report(reason, remedy string, path ...any) {
	c.errs = append(c.errs, c.doc.ErrorAt(reason, remedy, path...))
}

// targetError reports what a provider finds wrong in a target, or in its own entry, at
// the key that it names. An error of a provider's entry is reported once.
func (c *checker) targetError(i int, s schema.Step, err error) {
	var wrong *providers.KeyError
	if !errors.As(err, &wrong) {
		c.report(err.Error(), "", "steps", i, "target")
		return
	}
	path := []any{"steps", i, "target"}
	written := s.Target[wrong.Key] != nil
	if wrong.InProvider {
		if c.unusable[s.Provider] {
			return
		}
		c.unusable[s.Provider] = true
		path, written = []any{"providers", s.Provider}, c.written(s.Provider, wrong.Key)
	}
	if written {
		path = append(path, wrong.Key)
	}
	c.report(wrong.Reason, wrong.Remedy, path...)
}

// written reports whether a provider's entry has a key.
func (c *checker) written(provider, key string) bool {
	at := slices.IndexFunc(c.doc.Providers, func(p schema.Provider) bool { return p.Name == provider })
	return at >= 0 && (c.doc.Providers[at].Config[key] != nil || key == "endpoint" && c.doc.Providers[at].Endpoint != "")
}

func (c *checker) providers() {
	var types []string
	for _, p := range c.all {
		types = append(types, p.Type())
	}
	for _, p := range c.doc.Providers {
		if kind, _ := ProviderOf(c.all, c.doc, p.Name); kind == nil && p.Type != "" && c.doc.Sound("providers", p.Name, "type") {
			c.report(fmt.Sprintf("provider type %q is not built into this resetplan", p.Type),
				"built in: "+strings.Join(types, ", "), "providers", p.Name, "type")
		}
		c.certificates(p)
		c.clientProperties(p)
	}
}

// clientProperties checks that the file exists from which a client of the plan reads
// its settings.
func (c *checker) clientProperties(p schema.Provider) {
	name, _ := p.Config["clientProperties"].(string)
	if name == "" || p.Shared || !c.doc.Sound("providers", p.Name, "clientProperties") {
		return
	}
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(p.Folder, path)
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		c.report(name+": no such file", "name the .properties file of a Java client; its path is relative to the plan",
			"providers", p.Name, "clientProperties")
	}
}

// certificates checks that the files of a TLS connection exist.
func (c *checker) certificates(p schema.Provider) {
	tls, _ := p.Config["tls"].(map[string]any)
	for _, key := range []string{"caFile", "certFile", "keyFile"} {
		name, _ := tls[key].(string)
		if _, err := os.Stat(name); name != "" && errors.Is(err, fs.ErrNotExist) && c.doc.Sound("providers", p.Name, "tls", key) {
			c.report(name+": no such file", "name a PEM file, relative to the working directory", "providers", p.Name, "tls", key)
		}
	}
}

func (c *checker) step(i int, s schema.Step) {
	kind, config := ProviderOf(c.all, c.doc, s.Provider)
	if kind == nil {
		return // reported once, at the provider
	}
	caps := kind.Capabilities()
	if c.doc.Sound("steps", i, "to") && s.To.Form != "" {
		c.to(i, s, kind)
	}
	if s.Idle.Pause && !caps.CanPause {
		c.report(caps.Notes["idle.pause"].Fact, caps.Notes["idle.pause"].Remedy, "steps", i, "idle", "pause")
	}
	c.workload(i, s, kind)
	c.replay(i, s, kind)
	if c.doc.OnError == "undo" && caps.Undo != providers.Exact && !c.undo {
		c.undo = true
		c.report(fmt.Sprintf("undo is not possible: %s cannot restore step %s exactly", kind.Type(), s.ID),
			"write onError: stop or continue", "onError")
	}
	if s.Target == nil || !c.doc.Sound("steps", i, "target") || !c.doc.Sound("providers", s.Provider) {
		return
	}
	for _, t := range LiteralTargets(s) {
		if len(c.targets) == mostTargets {
			c.report(fmt.Sprintf("the plan has more than %d targets, the limit", mostTargets), "split it", "steps", i, "target")
			c.targets = append(c.targets, checkedTarget{step: -1})
		}
		if len(c.targets) > mostTargets {
			return
		}
		target, err := kind.Target(config, Decoder(t))
		if err != nil { // names of some services cannot have a glob's characters
			if named, wrong := kind.Target(config, Decoder(sample(s, t))); wrong == nil {
				target, err = named, nil
			}
		}
		if err != nil {
			c.targetError(i, s, err)
			return
		}
		c.overlaps(i, target)
		c.targets = append(c.targets, checkedTarget{i, target})
	}
}

// workload checks that consumers can be stopped for a reset, and that the service
// reports when they are.
func (c *checker) workload(i int, s schema.Step, kind providers.Provider) {
	caps := kind.Capabilities()
	var reason, remedy string
	switch {
	case s.Idle.Workload == "":
		return
	case caps.Needs == providers.Active:
		reason, remedy = "resets through active consumers, so they must not be stopped", "remove it"
	case caps.CanPause:
		reason, remedy = "runs the consumers itself", "write idle: {pause: true}"
	case caps.Activity == providers.No:
		reason, remedy = "does not report whether consumers are active, so a stop cannot be confirmed",
			"remove it, stop the consumers yourself and write idle: {assume: true}"
	default:
		return
	}
	c.report(kind.Type()+" "+reason, remedy, "steps", i, "idle", "workload")
}

// to checks that the service can make the move, and that a referenced lock has the
// run and the step.
func (c *checker) to(i int, s schema.Step, kind providers.Provider) {
	if why := decide.Unreachable(kind.Type(), kind.Capabilities(), s); !why.IsZero() {
		c.report(why.Fact, why.Remedy, "steps", i, "to")
		return
	}
	if s.To.Form != schema.ToLock {
		return
	}
	if lock.IsURL(s.To.Lock) {
		c.report("a plan cannot name a lock by its URL", "copy the lock to a file with `resetplan lock show URL --out FILE`, and name the file",
			"steps", i, "to", "lock")
		return
	}
	path := RelativeTo(c.doc.File, s.To.Lock)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		c.report(s.To.Lock+": no such file", "name a lock file that an apply wrote, relative to this document", "steps", i, "to", "lock")
		return
	}
	f, err := c.lock(path)
	if err != nil {
		var wrong diag.Errors
		if errors.As(err, &wrong) {
			c.report(s.To.Lock+" is not a valid lock file", "name the lock that an apply wrote", "steps", i, "to", "lock")
			return
		}
		c.report(fmt.Sprintf("%s cannot be read", s.To.Lock), "name a lock file that an apply wrote", "steps", i, "to", "lock")
		return
	}
	if _, _, p := Referenced(f, s.To); p != nil {
		c.report(p.Reason, p.Remedy, "steps", i, "to", p.Key)
	}
}

// mostTargets bounds the comparison of each target with every other.
const mostTargets = 10_000

// overlaps reports a target that an earlier step also moves: the order of the two
// resets would decide its position.
func (c *checker) overlaps(i int, target providers.Target) {
	for _, other := range c.targets {
		if !target.Overlaps(other.target) {
			continue
		}
		with := "step " + c.doc.Steps[other.step].ID
		if other.step == i {
			with = "the same step"
		}
		c.report(fmt.Sprintf("%s is also moved by %s (%s)", target.Address(), with, other.target.Address()),
			"use one step, or restrict topics and partitions so that the steps do not overlap", "steps", i, "target")
		return
	}
}
