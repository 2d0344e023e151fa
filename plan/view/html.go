package view

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
)

//go:embed html
var htmlFiles embed.FS

// fewSteps is how many steps the page's text tells where no script may run.
const fewSteps = 100

// A page is what the HTML report shows. The head is laid out here; the steps
// are data that the page's script shows and filters. Each figure is a text
// already: a script's numbers are not exact beyond 2^53.
type page struct {
	Title  string
	Lead   string // what it comes to, in one line
	Alarm  string // what must be seen first; "" = nothing
	Facts  []fact
	Tiles  []tile
	Legend []legend
	Text   string // the same for a reader without scripts
	Data   pageData

	Policy string // what the page may load and run: itself
	Style  template.CSS
	Script template.JS
}

// A fact is a name and what it is.
type fact struct {
	Name, Value string
	Code        bool // to be copied letter by letter
}

// A tile is one figure of the head.
type tile struct {
	Name, Figure, Tone string
	Upper              bool // it is an upper bound
}

// A legend is a thing of a bar and what it means.
type legend struct{ Class, Name string }

// pageData is what the script reads.
type pageData struct {
	Columns []string   `json:"columns"`
	Log     int        `json:"log"`     // which of the columns after the first is the bar's
	Marks   []string   `json:"marks"`   // what the marks of a bar are, in order
	Between [2]int     `json:"between"` // the marks that a zone lies between
	Kinds   []stepKind `json:"kinds"`   // what many steps have in common
	Folds   []rowKind  `json:"folds"`   // what many rows have in common
	Steps   []pageStep `json:"steps"`

	kinds map[stepKind]int
	folds map[rowKind]int
}

// A stepKind is what many steps have in common.
type stepKind struct {
	Word  string `json:"word"` // their action or outcome
	Tone  string `json:"tone,omitempty"`
	Asked string `json:"asked"`
}

// A rowKind is what the parts of a row, and of many rows, have in common.
type rowKind struct {
	Stem string `json:"stem"` // what their names begin with
	Zone string `json:"zone,omitempty"`
	Note string `json:"note,omitempty"`
}

// A pageStep is one step. What is empty is left out: there may be thousands.
type pageStep struct {
	ID       string    `json:"id"`
	Kind     int       `json:"kind,omitempty"` // of Kinds
	Address  string    `json:"address,omitempty"`
	Total    string    `json:"total,omitempty"` // of its rows, where they are several
	Why      string    `json:"why,omitempty"`
	Warnings []string  `json:"warnings,omitempty"`
	Impact   string    `json:"impact,omitempty"`
	Rows     []pageRow `json:"rows,omitempty"`
}

// A pageRow is some parts that behave alike. Of one part, Name, Cells and Bar
// stand in the part alone.
type pageRow struct {
	Fold  int        `json:"fold,omitempty"` // of Folds
	Name  string     `json:"name,omitempty"`
	Cells []string   `json:"cells,omitempty"`
	Bar   any        `json:"bar,omitempty"`
	Parts []pagePart `json:"parts"`
}

// A pagePart is a part's number (nil for the whole), its cells and its bar.
// The last two cells are the ends of its log.
type pagePart [3]any

// HTML writes a plan as one page that needs nothing but itself.
func HTML(w io.Writer, p *plan.Plan, o Options) error {
	pg, err := planPage(p, o)
	if err != nil {
		return err
	}
	return pg.write(w)
}

// StatusHTML writes a run's steps beside where their parts are now as one
// page that needs nothing but itself.
func StatusHTML(w io.Writer, s *reconcile.Status, o Options) error {
	pg, err := statusPage(s, o)
	if err != nil {
		return err
	}
	return pg.write(w)
}

// write fills the page's template. The policy names the style and the script
// by their digests, so that nothing else in the page can run or be fetched.
func (pg *page) write(w io.Writer) error {
	style, err := htmlFiles.ReadFile("html/page.css")
	if err != nil {
		return err
	}
	script, err := htmlFiles.ReadFile("html/page.js")
	if err != nil {
		return err
	}
	t, err := template.ParseFS(htmlFiles, "html/page.html.tmpl")
	if err != nil {
		return err
	}
	pg.Style, pg.Script = template.CSS(style), template.JS(script) // both are ours, as they stand
	pg.Policy = fmt.Sprintf("default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src '%s'; script-src '%s'", digested(style), digested(script))
	return t.ExecuteTemplate(w, "page.html.tmpl", pg)
}

// digested names a text as a Content-Security-Policy does.
func digested(text []byte) string {
	sum := sha256.Sum256(text)
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// tone is what a colour of a terminal is called in the page's style.
func tone(colour string) string {
	switch colour {
	case red:
		return "bad"
	case green:
		return "good"
	case yellow:
		return "warn"
	}
	return ""
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// kind keeps what steps have in common once, and says where.
func (d *pageData) kind(k stepKind) int { return kept(&d.Kinds, &d.kinds, k) }

// fold keeps what rows have in common once, and says where.
func (d *pageData) fold(k rowKind) int { return kept(&d.Folds, &d.folds, k) }

func kept[T comparable](list *[]T, at *map[T]int, one T) int {
	i, ok := (*at)[one]
	if ok {
		return i
	}
	if *at == nil {
		*at = map[T]int{}
	}
	i = len(*list)
	(*at)[one], *list = i, append(*list, one)
	return i
}
