package modelcheck_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/providers/memory"
)

// savedCases are the plans that FuzzSavedPlan edits. If failed, an apply of the plan
// was started but sent nothing.
var savedCases = []struct {
	setup  string
	failed bool
}{
	{"setup kind=offline parts=2 to=time:3 to2=offset:2 at=5 at2=5", false},
	{"setup kind=offline parts=2 to=time:3 to2=time:1 at=5 at2=5", true},
	{"setup kind=offline parts=2 to=latest to2=shift:-2 at=3 at2=5 guard=skip", false},
	{"setup kind=offline parts=2 to=earliest to2=group at=3 at2=5 idle=wait", false},
	{"setup kind=offline parts=2 to=lock to2=offsets:1 at=6 at2=5", true},
	{"setup kind=online parts=2 to=time:3 at=5", false},
	{"setup kind=online parts=2 to=time:3 to2=time:1 at=5 at2=5 guard=skip", true},
	{"setup kind=pausing parts=1 to=offset:2 to2=shift:-2 at=5 at2=5 idle=pause", false},
}

// An edit replaces one value of a JSON text with another.
type edit struct {
	at   uint16 // index of the value in the text
	with string // a JSON value or, if invalid, a string; "" removes the value
}

// FuzzSavedPlan edits saved plans and applies them: either exactly what the reviewed
// plan sends is sent, or nothing. This applies with the reviewed digest as expected
// digest and, if the edited plan still shows that digest, without one.
func FuzzSavedPlan(f *testing.F) {
	for n := range savedCases {
		f.Add(uint8(n), uint16(0), "1", uint16(0), "1", false)
		for at := uint16(0); at < 90; at += 1 + uint16(n%2+n%3) { // every value of some plans, and some values of the others
			f.Add(uint8(n), at, "offset:1", at, "offset:1", at%4 == 3)
		}
	}
	const none = math.MaxUint16 // no value has this index
	for at := range uint16(90) {
		f.Add(uint8(1), at, "", uint16(none), "", false) // one step less
		f.Add(uint8(1), at, "offset:1", uint16(none), "", false)
	}
	f.Fuzz(func(t *testing.T, n uint8, at1 uint16, with1 string, at2 uint16, with2 string, expected bool) {
		c := savedCases[int(n)%len(savedCases)]
		wanted, edited := readyToApply(c.setup, c.failed), readyToApply(c.setup, c.failed)
		defer os.RemoveAll(wanted.dir)
		defer os.RemoveAll(edited.dir)
		if err := wanted.applySaved(wanted.saved[0].raw, ""); err != nil {
			t.Fatalf("the saved plan cannot be applied: %v", err)
		}
		raw := edited.saved[0].raw
		digest := edited.saved[0].Digest
		for _, e := range []edit{{at1, with1}, {at2, with2}} {
			raw = e.of(raw)
		}
		p, err := plan.ReadSaved("saved.json", raw)
		if err != nil || p.Digest != digest && !expected {
			return // it is not a valid saved plan, or shows another digest
		}
		before := edited.positions()
		expect := ""
		if expected {
			expect = digest
		}
		err = edited.applySaved(raw, expect)
		switch after := edited.positions(); {
		case err != nil && !reflect.DeepEqual(after, before):
			t.Errorf("%s\nit was refused (%v), but something was sent:\nbefore %v\nafter  %v\n%s", c.setup, err, before, after, raw)
		case err == nil && !reflect.DeepEqual(after, wanted.positions()):
			t.Errorf("%s\nsent under the same digest:\n%v\nbut planned:\n%v\n%s", c.setup, after, wanted.positions(), raw)
		}
	})
}

// readyToApply returns a simulation with a saved plan.
func readyToApply(setup string, failed bool) *simulation {
	s, err := parse(setup)
	must(err)
	sm := prepared(s)
	text, err := os.ReadFile(sm.file())
	must(err)
	path := sm.lockOf(0)
	sm.command = &command{lock: path, run: "once", counts: map[string]int{}, tried: map[string]bool{}, cancel: func() {}}
	in, err := open(sm.file(), text, sm.operator(0))
	must(err)
	p, err := in.plan(context.Background(), path, "once")
	must(err)
	raw, err := in.save(p)
	must(err)
	sm.command.approved = sm.approve(p, path)
	sm.command.approved.raw = raw
	sm.saved = append(sm.saved, sm.command.approved)
	if failed {
		sm.command.Fault = "no-reset"
		_, err := in.apply(context.Background(), p, path, "once")
		if err == nil {
			panic("the apply did not fail")
		}
		sm.command.Fault = ""
	}
	return sm
}

// applySaved does what `apply SAVED` does, with the lock of the simulation.
func (sm *simulation) applySaved(raw []byte, digest string) error {
	p, err := plan.ReadSaved("saved.json", raw)
	if err != nil {
		return err
	}
	p.Lock = sm.lockOf(0)
	text, err := os.ReadFile(sm.file())
	must(err)
	doc, err := p.Reopen(sm.file(), text, nil)
	if err != nil {
		return err
	}
	s, err := openDocument(doc, sm.operator(0))
	if err != nil {
		return err
	}
	fresh, err := reconcile.Resume(context.Background(), s.r, p, reconcile.Selection{Lock: p.Lock})
	if err != nil {
		return err
	}
	if err := s.ready(fresh, digest); err != nil {
		return err
	}
	sm.command.approved = sm.approve(fresh, p.Lock)
	_, err = s.apply(context.Background(), fresh, p.Lock, p.Run)
	return err
}

// positions returns every commit and the effect of every reset.
func (sm *simulation) positions() map[string]string {
	out := map[string]string{}
	for n := range sm.steps() {
		for p, at := range sm.service.Committed(group(n)) {
			out[fmt.Sprint(group(n), " ", p)] = at.String()
		}
	}
	for n, e := range sm.service.Entries() {
		if e.By == memory.ByReset {
			out[fmt.Sprint("entry ", n)] = fmt.Sprint(e.Group, " ", e.Part, " ", e.From, " ", e.To)
		}
	}
	return out
}

// of returns a JSON text with the edit applied.
func (e edit) of(raw []byte) []byte {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var root any
	if d.Decode(&root) != nil {
		return raw
	}
	var with any = e.with
	v := json.NewDecoder(strings.NewReader(e.with))
	v.UseNumber()
	var value any
	if v.Decode(&value) == nil {
		with = value
	}
	left := int(e.at)
	root = e.within(root, with, &left)
	out, err := json.Marshal(root)
	must(err)
	return out
}

// within counts down the values below v and replaces the one at which it reaches zero.
func (e edit) within(v, with any, left *int) any {
	inner := func(v any, set func(any), remove func()) {
		*left--
		switch {
		case *left == -1 && e.with == "":
			remove()
		case *left == -1:
			set(with)
		case *left >= 0:
			set(e.within(v, with, left))
		}
	}
	switch v := v.(type) {
	case map[string]any:
		var keys []string
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			inner(v[k], func(n any) { v[k] = n }, func() { delete(v, k) })
		}
	case []any:
		gone := -1
		for i := range v {
			inner(v[i], func(n any) { v[i] = n }, func() { gone = i })
		}
		if gone >= 0 {
			return slices.Delete(v, gone, gone+1)
		}
	}
	return v
}
