// Package html renders a plan or a status as one page that needs nothing but
// itself: no server, no network, no other file. People open it from a build's
// artifacts, search it, print it, and read it without scripts too.
//
// The invariant: each figure is text before it reaches the page, and the page's
// policy names the digests of its own style and script, so that text from
// outside never becomes markup, a style or a script. The package computes no
// figures: it draws a bar only if the service reports both ends of a log.
package html

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/view"
)

//go:embed page
var files embed.FS

// textSteps is the number of steps in the text for readers without scripts.
const textSteps = 100

// textParts is the number of partitions up to which that text shows each.
const textParts = 500

// briefFrom is the number of steps from which a step has no time axis and no figure next
// to its id: there is one in its row.
const briefFrom = 2001

// A page is the content of the report. The template lays out the head; the
// steps are data that the page's script shows and filters. Each figure is text
// already, because a script's numbers are not exact beyond 2^53.
type page struct {
	Title    string
	Why      string   // why it is done; "" = not written
	Lead     string   // the summary in one line
	Alarms   []string // the most urgent problems
	Warnings []string // about the whole plan
	Facts    []fact
	Tiles    []tile
	Legend   []legend
	Text     string // the report as text, for readers without scripts
	Data     data
	Approve  string // the digest that a person approves on paper; "" = nothing to approve

	Policy string // what the page may load and run
	Style  template.CSS
	Script template.JS
}

// A fact is a named value of the head.
type fact struct {
	Name, Value string
	Code        bool   // shown as code
	Copy        string // the id of the value, which a button copies; "" = no button
}

// A tile is one figure of the head.
type tile struct {
	Name, Figure, Tone string
	Upper              bool // it is an upper bound
}

// A legend explains an element of a bar.
type legend struct{ Class, Name string }

// data is what the script reads.
type data struct {
	Columns   []string   `json:"columns"`
	Log       int        `json:"log"`     // the index of the bar's column, without the first column
	Marks     []string   `json:"marks"`   // the classes of a bar's marks, in order
	Between   [2]int     `json:"between"` // the marks at the ends of a zone
	StepKinds []stepKind `json:"stepKinds"`
	RowKinds  []rowKind  `json:"rowKinds"`
	Steps     []step     `json:"steps"`
	// Of thousands of steps: how all ids and all addresses begin.
	IDStem      string `json:"idStem,omitempty"`
	AddressStem string `json:"addressStem,omitempty"`

	bytes     int  // the size of the steps
	tight     bool // the page does not show everything
	stepKinds map[stepKind]int
	rowKinds  map[rowKind]int
}

// A stepKind is what several steps have in common. There may be thousands of
// steps, so it is written once.
type stepKind struct {
	Word    string    `json:"word"` // their action or outcome
	Tone    view.Tone `json:"tone,omitempty"`
	Details string    `json:"details"`
	Loss    string    `json:"loss,omitempty"` // of steps without a figure of their own
}

// A rowKind is what the parts of a row, and of several rows, have in common.
type rowKind struct {
	Stem string `json:"stem"` // their name without the number
	Zone string `json:"zone,omitempty"`
	Note string `json:"note,omitempty"`
}

// A step is one step. Empty fields are omitted: there may be thousands.
type step struct {
	ID       string   `json:"id"`
	Kind     int      `json:"kind,omitempty"` // an index of StepKinds
	Address  string   `json:"address,omitempty"`
	Total    string   `json:"total,omitempty"` // of several rows
	Loss     string   `json:"loss,omitempty"`  // the records that are lost
	Why      string   `json:"why,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
	Impact   string   `json:"impact,omitempty"`
	Rows     []row    `json:"rows,omitempty"`
	Axis     *axis    `json:"axis,omitempty"` // of time
	Sum      bool     `json:"sum,omitempty"`  // it is the sum of steps that are not shown
}

// A row is some parts that behave alike. If it has only one, Name, Cells and
// Bar are empty: the part has them.
type row struct {
	Kind  int      `json:"kind,omitempty"` // an index of RowKinds
	Name  string   `json:"name,omitempty"`
	Cells []string `json:"cells,omitempty"`
	Bar   any      `json:"bar,omitempty"`
	Parts []part   `json:"parts"`
	Worst []int    `json:"worst,omitempty"` // the parts that are shown small, the worst first
	Rest  string   `json:"rest,omitempty"`  // how many parts it has, if they are not shown each
}

// A part is a part's number (nil for the whole target), its cells and its bar.
// The last two cells are the ends of its log.
type part [3]any

// Plan writes a plan as a page.
func Plan(w io.Writer, p *plan.Plan, o view.Options) error {
	pg, err := planPage(p, o)
	if err != nil {
		return err
	}
	return pg.write(w)
}

// Status writes a run's steps with the present positions of their parts as a
// page.
func Status(w io.Writer, s *reconcile.Status, o view.Options) error {
	pg, err := statusPage(s, o)
	if err != nil {
		return err
	}
	return pg.write(w)
}

// write fills the page's template. The policy names the style and the script
// by their digests, so that nothing else in the page can run or be fetched.
func (pg *page) write(w io.Writer) error {
	return execute(w, "page/page.html.tmpl", "page/page.js", "", func(style template.CSS, script template.JS, policy string) any {
		pg.Style, pg.Script, pg.Policy = style, script, policy
		return pg
	})
}

// execute fills a template with the value that content returns for the style, the
// script and the policy. from is a source of requests that the policy allows, "" = none.
func execute(w io.Writer, name, scriptName, from string, content func(template.CSS, template.JS, string) any) error {
	style, err := files.ReadFile("page/page.css")
	if err != nil {
		return err
	}
	script, err := files.ReadFile(scriptName)
	if err != nil {
		return err
	}
	t, err := template.ParseFS(files, name)
	if err != nil {
		return err
	}
	if from != "" {
		from = " connect-src " + from + ";"
	}
	policy := fmt.Sprintf("default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:;%s style-src '%s'; script-src '%s'",
		from, digest(style), digest(script))
	return t.Execute(w, content(template.CSS(style), template.JS(script), policy)) // both are constant
}

// digest is the source of a text in a Content-Security-Policy.
func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// stepKind returns the index of a kind of steps, which is written once.
func (d *data) stepKind(k stepKind) int { return indexOf(&d.StepKinds, &d.stepKinds, &d.bytes, k) }

// rowKind returns the index of a kind of rows, which is written once.
func (d *data) rowKind(k rowKind) int { return indexOf(&d.RowKinds, &d.rowKinds, &d.bytes, k) }

func indexOf[T comparable](list *[]T, known *map[T]int, size *int, one T) int {
	i, ok := (*known)[one]
	if ok {
		return i
	}
	if *known == nil {
		*known = map[T]int{}
	}
	i = len(*list)
	(*known)[one], *list = i, append(*list, one)
	*size += sizeOf(one)
	return i
}
