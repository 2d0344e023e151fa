// Package operator has the configuration of the account that runs this program:
// connections that plans share, what plans may contact and read, limits that no plan
// can raise, and where outcomes are posted.
//
// The invariant: the configuration is found only where the operator points, by a
// flag, by a variable or in the user's configuration directory. The current folder
// and the folder of a plan are never searched, because authors of plans write there.
// The package contacts nothing and reads one file.
package operator

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/schema"
	"github.com/resetplan/resetplan/schema/diag"
)

// Name is the name of the file, and Variable the variable that names it.
const (
	Name     = "resetplan.config.yaml"
	Variable = "RESETPLAN_CONFIG"
)

// A Configuration is the operator's configuration. Without a file, nothing in it is
// set.
type Configuration struct {
	schema.Config
	File     string   // "" = none was found
	FoundBy  string   // "--config", the variable, or "the user's configuration directory"
	Searched []string // the files that were looked for, if no flag or variable names one
}

// A Search is what the process says of the file's place.
type Search struct {
	Flag   string // --config; "" = not given
	Getenv func(string) string
	Folder string // the user's configuration directory; "" = there is none
}

// Load finds and reads the configuration. A file that a flag or the variable names
// must exist. The error is diag.Errors if the file is not valid.
func Load(s Search) (*Configuration, error) {
	c := &Configuration{}
	c.File, c.FoundBy = s.Flag, "--config"
	if c.File == "" {
		c.File, c.FoundBy = s.Getenv(Variable), Variable
	}
	if c.File == "" {
		if err := c.search(s.Folder); c.File == "" || err != nil {
			return c, err
		}
	}
	raw, err := files.Read(c.File, files.Plan)
	var unfit *files.Unfit
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, diag.Errors{{File: c.File, Reason: "no such file, which " + c.FoundBy + " names", Remedy: "correct " + c.FoundBy + ", or remove it"}}
	case errors.As(err, &unfit):
		return nil, err
	case err != nil:
		return nil, diag.Errors{{File: c.File, Reason: fmt.Sprintf("the configuration cannot be read: %v", files.WithoutPath(err)),
			Remedy: "check its permissions"}}
	}
	read, errs := schema.ReadConfig(c.File, raw)
	if len(errs) > 0 {
		return nil, errs
	}
	c.Config = *read
	return c, nil
}

// search looks in the user's configuration directory: for a folder of this program,
// and for the file itself.
func (c *Configuration) search(folder string) error {
	c.FoundBy = ""
	if folder == "" || !filepath.IsAbs(folder) {
		return nil
	}
	for _, name := range []string{filepath.Join(folder, "resetplan", Name), filepath.Join(folder, Name)} {
		c.Searched = append(c.Searched, name)
		switch _, err := os.Lstat(name); {
		case errors.Is(err, fs.ErrNotExist):
		case c.File != "":
			return diag.Errors{{File: name, Reason: "there are two configurations: " + c.File + " is the other",
				Remedy: "remove one of them, or name one with --config"}}
		default: // also one that cannot be read: what it forbids is then unknown
			c.File, c.FoundBy = name, "the user's configuration directory"
		}
	}
	return nil
}

// Check refuses a document that defines connections if plans may not.
func (c *Configuration) Check(doc *schema.Document) error {
	if !c.Allow.ConnectionsOnly {
		return nil
	}
	var own []string
	for _, p := range doc.Providers {
		if !p.Shared {
			own = append(own, p.Name)
		}
	}
	if own == nil {
		return nil
	}
	return plan.Refuse(c.useConnection(),
		"the plan defines its own connection, %s, and allow.connectionsOnly in %s permits only connections of that file",
		strings.Join(own, ", "), text.Safe(c.File))
}

// useConnection returns which connections a plan can use.
func (c *Configuration) useConnection() string {
	if len(c.Connections) == 0 {
		return "the operator of that file can add a connection to it"
	}
	var names []string
	for _, p := range c.Connections {
		names = append(names, p.Name)
	}
	return "use one of them (" + strings.Join(names, ", ") + "); only the operator of that file can add others"
}

// Bind sets the limits of a document's steps.
func (c *Configuration) Bind(doc *schema.Document) {
	for i := range doc.Steps {
		doc.Steps[i].Bounds = schema.Bounds{Limits: c.Limits, File: c.File}
	}
}

// NoConnection returns the error of a name that no connection has.
func (c *Configuration) NoConnection(name string) string {
	if c.File == "" {
		reason := fmt.Sprintf("unknown connection %q: no configuration was found", name)
		if len(c.Searched) > 0 {
			reason += "; searched " + strings.Join(c.Searched, ", ")
		}
		return reason + "; name one with --config FILE or " + Variable
	}
	if len(c.Connections) == 0 {
		return fmt.Sprintf("unknown connection %q: %s has no connections", name, c.File)
	}
	return fmt.Sprintf("unknown connection %q in %s; %s", name, c.File, c.UnknownConnection(name))
}

// UnknownWorkloads returns an error for each step that names a workload which a
// configuration does not have. Without a configuration nothing is known.
func (c *Configuration) UnknownWorkloads(doc *schema.Document) (errs diag.Errors) {
	if c.File == "" || doc == nil {
		return nil
	}
	for i, s := range doc.Steps {
		if _, known := c.Workload(s.Idle.Workload); !known && s.Idle.Workload != "" {
			errs = append(errs, doc.ErrorAt(NoWorkload(s.Idle.Workload, c.File), "the operator of that file can add it", "steps", i, "idle", "workload"))
		}
	}
	return errs
}

// NoWorkload is the reason why a step cannot stop its consumers: its workload is not in
// the configuration.
func NoWorkload(name, file string) string {
	if file == "" {
		return fmt.Sprintf("the workload %q is not known: no configuration was found", name)
	}
	return fmt.Sprintf("the workload %q is not in the configuration %s", name, text.Safe(file))
}

// origin is where a value comes from, for people.
func (c *Configuration) origin(isSet bool) string {
	if isSet {
		return cmp.Or(c.File, "default")
	}
	return "default"
}
