package html

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
)

// A page is complete up to these numbers. A larger page shows what matters most, as far
// as it fits, and sums of the rest.
const (
	mostParts  = 20_000
	mostSteps  = 20_000
	mostBytes  = 3 << 20 // of the steps as JSON
	leastParts = 100     // of a step that does not fit, while there is room
	mostText   = 400     // columns of a sentence in a page that is not complete
	mostOthers = 100     // sums of the steps that are not shown
)

// An importance orders steps and parts: by class, then by size, the largest first.
type importance struct {
	class int
	size  int64
}

func (w importance) compare(other importance) int {
	return cmp.Or(cmp.Compare(w.class, other.class), cmp.Compare(other.size, w.size))
}

// first returns the indexes of the first of n items by weight. The memory that it needs
// does not depend on n.
func first(n, most int, of func(int) importance) []int {
	type item struct {
		importance
		at int
	}
	var best []item
	keep := func() {
		slices.SortFunc(best, func(a, b item) int { return cmp.Or(a.compare(b.importance), cmp.Compare(a.at, b.at)) })
		best = best[:min(len(best), most)]
	}
	for i := range n {
		if best = append(best, item{of(i), i}); len(best) >= 2*most+100 {
			keep()
		}
	}
	keep()
	out := make([]int, len(best))
	for i, one := range best {
		out[i] = one.at
	}
	return out
}

// separated returns the first parts by weight, in their own order. each is called with
// every part, and whether it is one of them.
func separated[T any](parts []T, most int, weight func(*T) importance, each func(part *T, shown bool)) []T {
	chosen := first(len(parts), most, func(i int) importance { return weight(&parts[i]) })
	slices.Sort(chosen)
	shown := make([]T, 0, len(chosen))
	for i := range parts {
		is := len(shown) < len(chosen) && chosen[len(shown)] == i
		if is {
			shown = append(shown, parts[i])
		}
		each(&parts[i], is)
	}
	return shown
}

// A source is the steps of a plan or of a status.
type source struct {
	steps  int
	parts  func(i int) int
	weight func(i int) importance
	id     func(i int) string
	step   func(i, most int) step // with at most so many parts shown each
	sum    func(i int, into *others)
}

// others is what steps that are not shown add up to.
type others struct {
	steps, parts int
	words        map[string]int // the actions or outcomes, with the number of steps
	sum          plan.Summary
}

// fill adds the steps of a source: all in their order, if they fit; otherwise the most
// important first. It returns the sentences that say what is not shown, and the steps that are
// shown, in their order.
func (d *data) fill(s source) (notes []string, shown []int) {
	parts := 0
	for i := range s.steps {
		parts += s.parts(i)
	}
	empty := *d
	if s.steps <= mostSteps && parts <= mostParts {
		for i := 0; i < s.steps && d.bytes <= mostBytes; i++ {
			d.add(s.step(i, mostParts))
			shown = append(shown, i)
		}
		if d.bytes <= mostBytes {
			return nil, shown
		}
	}
	*d = empty
	d.tight = true
	order, left := first(s.steps, mostSteps, s.weight), mostParts
	for n, i := range order {
		most := min(max(mostParts/len(order), leastParts), left)
		one := s.step(i, most)
		if d.bytes+sizeOf(one) > mostBytes {
			order = order[:n]
			break
		}
		left -= min(most, s.parts(i))
		d.add(one)
	}
	d.addOthers(s, order)
	return bounded(s.steps, len(order), parts), order
}

// bounded is the sentence about a page that is not complete.
func bounded(steps, shown, parts int) []string {
	out := fmt.Sprintf("This page is not complete: %s on %s are more than a page shows. Blocked steps, losses and the largest moves come first. ",
		text.Plural(steps, "step"), text.Plural(parts, "partition"))
	if shown < steps {
		out += fmt.Sprintf("%s are shown, and sums of the others follow them. ", text.Plural(shown, "step"))
	}
	return []string{out + "Totals include all partitions, and the search finds only what is shown. " +
		"Use --format json to see everything, or --step to see some steps."}
}

// add adds a step, and counts its size.
func (d *data) add(s step) {
	d.Steps = append(d.Steps, s)
	d.bytes += sizeOf(s)
}

// sizeOf is the size of a value in the page.
func sizeOf(v any) int {
	out, _ := json.Marshal(v) // texts and numbers
	return len(out)
}

// addOthers adds a sum for each step of the document of which not all steps are shown.
func (d *data) addOthers(s source, shown []int) {
	if len(shown) == s.steps {
		return
	}
	known := make(map[int]bool, len(shown))
	for _, i := range shown {
		known[i] = true
	}
	families := map[string]*others{}
	for i := range s.steps {
		if known[i] {
			continue
		}
		id, _, _ := strings.Cut(s.id(i), "[")
		if families[id] == nil && len(families) >= mostOthers {
			id = ""
		}
		if families[id] == nil {
			families[id] = &others{words: map[string]int{}, sum: plan.Summary{Bound: plan.BoundExact}}
		}
		families[id].steps++
		families[id].parts += s.parts(i)
		s.sum(i, families[id])
	}
	for _, id := range slices.Sorted(maps.Keys(families)) {
		d.Steps = append(d.Steps, d.sumOf(id, families[id]))
	}
}

// notShown is the word of a sum of steps that are not shown.
const notShown = "not shown"

func (d *data) sumOf(id string, o *others) step {
	var words []string
	for _, word := range slices.Sorted(maps.Keys(o.words)) {
		words = append(words, text.Grouped(int64(o.words[word]))+" "+word)
	}
	kind := stepKind{Word: notShown, Details: fmt.Sprintf("%s on %s: %s", text.Plural(o.steps, "further step"),
		text.Plural(o.parts, "partition"), strings.Join(words, ", "))}
	out := step{ID: view.Options{}.Short(cmp.Or(id, "(all others)"), mostText), Kind: d.stepKind(kind), Sum: true}
	if o.sum.Partitions > 0 {
		out.Total = o.sum.Moves()
	}
	if o.sum.Loses() {
		out.Loss = "loses " + o.sum.Lost()
	}
	return out
}

// sentence shortens a text of a page that is not complete.
func (d *data) sentence(s string) string {
	if d.tight {
		return view.Options{}.Short(s, mostText)
	}
	return view.Plain(s)
}

// warnings leaves out all but the first warnings of a step, if the page is not complete.
func (d *data) warnings(all []string) []string {
	const most = 5
	if d.tight && len(all) > most {
		return append(all[:most:most], "Warning: "+text.Plural(len(all)-most, "further warning")+"; see --format json.")
	}
	return all
}

// rest is an empty rest, of fewer rows if there is little room.
func (d *data) rest() *view.Rest {
	if d.bytes > mostBytes/2 {
		return &view.Rest{Most: 2}
	}
	return &view.Rest{Most: 20}
}

// restRows are the parts of a step that are not shown each.
func (d *data) restRows(rest *view.Rest, s shape) (out []row) {
	for _, r := range rest.Rows() {
		first := r.Parts[0]
		name := r.Name()
		one := row{
			Kind:  d.rowKind(rowKind{Stem: view.Plain(first.Stem()), Zone: zone(first), Note: d.sentence(r.Note())}),
			Name:  view.Options{}.Short(name, 2*view.NameWidth),
			Cells: s.cells(r.Row), Bar: bar(r.Row, s.marks(r.Row)), Parts: []part{}, Rest: text.Plural(r.Count, "partition") + ", not listed",
		}
		if r.Mixed {
			for i := 1; i < len(one.Cells); i++ {
				one.Cells[i] = ""
			}
			one.Bar = "various"
		}
		out = append(out, one)
	}
	return out
}
