package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/literal"
	"github.com/resetplan/resetplan/schema/tree"
)

// DefaultRun is the key of a run without --run.
const DefaultRun = "once"

// A Document is a reset plan as it was written, checked against the schema
// and with its parameters filled in. All of it is known
// offline: nothing in it comes from a service.
type Document struct {
	File        string // as given; "-" for standard input
	Source      []byte // the text, byte for byte
	Digest      string // "sha256:…" of Source
	Name        string
	Description string
	Labels      map[string]string
	Params      []Param // in the document's order
	Values      Values
	Providers   []Provider // sorted by name
	Steps       []Step     // in the document's order
	OnError     string     // "stop", "continue" or "undo"
	History     int        // how many runs keep their parts; default 20

	nodes *tree.Index     // the place of each key and value, for ErrorAt
	wrong map[string]bool // the paths at or under which there is an error
}

// Sound reports whether nothing at or under a path of the document has a
// error, so that its value is the one that was written.
func (d *Document) Sound(path ...any) bool { return !d.wrong[pathOf(path)] }

// unsound records an error at a path, and at all paths that contain it.
func (d *Document) unsound(path string) {
	for ; path != "" && !d.wrong[path]; path = tree.Parent(path) {
		d.wrong[path] = true
	}
}

// ErrorAt places an error at a path of the document, such as "steps", 0, "to".
func (d *Document) ErrorAt(reason, remedy string, path ...any) diag.Error {
	where := pathOf(path)
	if d.nodes == nil {
		return diag.Error{File: d.File, Path: where, Reason: reason, Remedy: remedy}
	}
	return d.nodes.ErrorAt(where, false, reason, remedy)
}

func pathOf(path []any) string {
	where := ""
	for _, p := range path {
		switch p := p.(type) {
		case int:
			where += fmt.Sprintf("[%d]", p)
		case string:
			where = tree.Join(where, p)
		}
	}
	return where
}

// Values are parameters' values by name: string, int64 or bool. They keep
// their types in JSON.
type Values map[string]any

// UnmarshalJSON keeps integers whole.
func (v *Values) UnmarshalJSON(raw []byte) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	plain := map[string]any{}
	if err := d.Decode(&plain); err != nil {
		return err
	}
	for name, value := range plain {
		if n, ok := value.(json.Number); ok {
			i, err := n.Int64()
			if err != nil {
				return fmt.Errorf("parameter %s: %s is not an integer", name, n)
			}
			plain[name] = i
		}
	}
	*v = plain
	return nil
}

// A Param is a declared input of a playbook.
type Param struct {
	Name        string
	Type        string // string, integer, boolean, timestamp or duration
	Description string
	Default     any      // as in Values; nil = required
	Pattern     string   // RE2, for the whole text; "" = any
	Enum        []string // the allowed texts; nil = any
}

// A Provider is a named connection.
type Provider struct {
	Name        string
	Type        string
	Endpoint    string
	Insecure    bool
	Timeout     time.Duration // default 30 s
	RateLimit   float64       // default 0
	Credentials Credentials
	Config      map[string]any // the type's own keys, as JSON values (numbers are json.Number)
	Folder      string         // of the document, at which the path of clientProperties starts
	Operator    bool           // the command line describes it, not a file that another person may have written
	Shared      bool           // it is a connection of the operator's configuration, not of the plan
}

// Variables returns the names of the environment variables that the provider names,
// sorted.
func (p Provider) Variables() []string {
	named := map[string]bool{}
	for _, name := range p.Credentials.Env {
		named[name] = true
	}
	var within func(keys map[string]any, isEnv bool)
	within = func(keys map[string]any, isEnv bool) {
		for key, v := range keys {
			if inner := object(v); inner != nil {
				within(inner, key == "env")
			} else if isEnv && scalar(v) != "" {
				named[scalar(v)] = true
			}
		}
	}
	within(p.Config, false)
	return sortedKeys(named)
}

// Credentials names the profile or the variables that hold a provider's secrets; it
// never holds one.
type Credentials struct {
	Profile string
	Env     map[string]string
}

// A Step moves one target, or one target per combination of names if Select is set.
type Step struct {
	ID          string
	Description string
	Provider    string
	Target      map[string]any // the provider's own keys as JSON values, without those of Select and exclude
	Select      []Selection    // outermost first; nil = the target is one target itself
	Exclude     []string       // names and globs excluded from the last selection
	To          To
	Guards      Guards // the document's, overridden key by key
	Idle        Idle
	Needs       []string
	Approximate bool
	Start       map[string]any // the settings of a start after idle.pause
	Until       Until          // what the consumers have to pass after the reset
	Then        Then           // what follows then; "" = the step has no Until
	Bounds      Bounds         // the operator's limits, which no plan can raise
}

// Bounds are the operator's limits of a step's guards. They are not a part of the
// document.
type Bounds struct {
	Limits
	File string // the configuration that sets them
}

// A Selection is a key of a target that names several targets.
type Selection struct {
	Key   string   // "groups"
	One   string   // the key of a single target that takes each name: "group"
	Or    string   // another key of a single target: "pipelineName"; "" = none
	Names []string // names and globs
}

// Form is the kind of target that a step has.
type Form string

// The forms of `to`, by the word that a document uses.
const (
	ToEarliest    Form = "earliest"
	ToLatest      Form = "latest"
	ToTimestamp   Form = "timestamp"
	ToOffset      Form = "offset"
	ToOffsets     Form = "offsets"
	ToCurrent     Form = "current"
	ToUnset       Form = "unset"
	ToShift       Form = "shift"
	ToCheckpoints Form = "checkpoints"
	ToGroup       Form = "group"
	ToLock        Form = "lock"
	ToDefault     Form = "default"
)

// To is the position that a step resets its target to. Only the fields of its Form
// are set.
type To struct {
	Form        Form
	Time        literal.Instant          // timestamp
	WhenPastEnd string                   // timestamp: "end" (default), "keep" or "fail"
	Offset      int64                    // offset
	Offsets     map[string]map[int]int64 // offsets: topic -> partition -> offset; topic "" = the step's only one
	Shift       int64                    // shift
	Checkpoints map[int]string           // checkpoints: shard -> cursor
	Group       string                   // group
	Lock        string                   // lock: path, relative to the document
	Run         string                   // lock; "" = its only run
	Step        string                   // lock; "" = the run's only step
}

// Guards are the limits of a step. A nil pointer means that the
// document does not set it.
type Guards struct {
	MaxReplay *Limit
	MaxSkip   *Limit
	MaxAge    *time.Duration
	AllowGap  bool
	AllowNew  bool
	Clamp     bool
}

// A Limit is a number of records or no limit.
type Limit struct {
	Unlimited bool
	N         int64 // not negative
}

// Idle is what to do about active consumers.
type Idle struct {
	Wait     time.Duration // 0 = do not wait
	Assume   bool          // the user promises that consumers are stopped
	Pause    bool          // EnOS: pause, reset and start again
	Workload string        // of the operator's configuration: stop, reset and start again; "" = none
}
