package modelcheck_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/providers"
	"pgregory.net/rapid"
)

// TestModelSaved saves and loads random plans: each equals the plan in memory, and its
// apply does and records the same.
func TestModelSaved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		s := scripts(kind, 4).Draw(t, "script")
		run := rapid.IntRange(0, 1).Draw(t, "run")
		memory, saved := prepared(s), prepared(s)
		defer os.RemoveAll(memory.dir)
		defer os.RemoveAll(saved.dir)
		p, inMemory := memory.applied(run, false)
		loaded, fromFile := saved.applied(run, true)
		if (p == nil) != (loaded == nil) {
			t.Fatalf("%s\nonly one of the two could be planned", s)
		}
		if p == nil {
			return
		}
		loaded.Source, loaded.File, loaded.Lock, p.Source, p.File, p.Lock = "", "", "", "", "", ""
		for i := range p.Steps {
			p.Steps[i].Why = memory.withoutFolder(p.Steps[i].Why)
		}
		for i := range loaded.Steps {
			loaded.Steps[i].Why = saved.withoutFolder(loaded.Steps[i].Why)
		}
		if diff := different("plan", reflect.ValueOf(*p), reflect.ValueOf(*loaded)); diff != "" {
			t.Fatalf("%s\nthe loaded plan is not the one in memory: %s", s, diff)
		}
		if inMemory != fromFile {
			t.Fatalf("%s\nthe plan in memory:\n%s\nthe saved plan:\n%s", s, inMemory, fromFile)
		}
	})
}

// prepared plays a script and keeps its folder.
func prepared(s script) *simulation {
	dir, err := os.MkdirTemp(scratch(), "model")
	must(err)
	sm := newSimulation(dir, s)
	for _, o := range s.Ops {
		sm.do(o)
	}
	sm.trace = nil
	return sm
}

// applied plans and applies, from memory or through a file, and returns the plan and
// everything that resulted.
func (sm *simulation) applied(run int, throughFile bool) (*plan.Plan, string) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	path := sm.lockOf(0)
	text, err := os.ReadFile(sm.file())
	must(err)
	s, err := open(sm.file(), text, sm.operator(0))
	if err != nil {
		return nil, ""
	}
	p, err := s.plan(ctx, path, runOf(run))
	if err != nil {
		return nil, ""
	}
	sm.command = &command{lock: path, run: runOf(run), counts: map[string]int{}, tried: map[string]bool{}, cancel: cancel,
		approved: sm.approve(p, path)}
	shown := p
	if throughFile {
		raw, err := s.save(p)
		must(err)
		if s, shown, err = openSaved(ctx, "saved.json", raw, sm.file(), text, sm.operator(0)); err != nil {
			return p.Plan, short(err)
		}
		loaded, err := plan.ReadSaved("saved.json", raw)
		must(err)
		p = &reconcile.Prepared{Plan: loaded}
	}
	if err = s.ready(shown, ""); err == nil {
		_, err = s.apply(ctx, shown, path, runOf(run))
	}
	sm.log("exit %d: %.300s", exitOf(err), sm.withoutFolder(fmt.Sprint(err)))
	for n := range sm.steps() {
		sm.log("%v %v", sm.committed(group(n)), sm.service.Metadata(group(n)))
	}
	raw, _ := os.ReadFile(path)
	return p.Plan, strings.Join(sm.trace, "\n") + "\n" + sm.withoutFolder(string(raw))
}

// different compares exported fields and describes the first difference. Nil and empty
// are equal.
func different(at string, a, b reflect.Value) string {
	switch x := a.Interface().(type) {
	case time.Time:
		if !x.Equal(b.Interface().(time.Time)) {
			return fmt.Sprintf("%s: %v and %v", at, a, b)
		}
		return ""
	case providers.Position, providers.Part:
		if x != b.Interface() {
			return fmt.Sprintf("%s: %v and %v", at, a, b)
		}
		return ""
	}
	switch a.Kind() {
	case reflect.Struct:
		for i := range a.NumField() {
			if f := a.Type().Field(i); f.IsExported() {
				if diff := different(at+"."+f.Name, a.Field(i), b.Field(i)); diff != "" {
					return diff
				}
			}
		}
		return ""
	case reflect.Pointer, reflect.Interface:
		if a.IsNil() || b.IsNil() {
			if a.IsNil() != b.IsNil() {
				return fmt.Sprintf("%s: %v and %v", at, a, b)
			}
			return ""
		}
		return different(at, a.Elem(), b.Elem())
	case reflect.Slice, reflect.Map:
		return differentWithin(at, a, b)
	}
	if a.Type() != b.Type() || !a.Equal(b) {
		return fmt.Sprintf("%s: %v and %v", at, a, b)
	}
	return ""
}

func differentWithin(at string, a, b reflect.Value) string {
	if a.Len() != b.Len() {
		return fmt.Sprintf("%s: lengths %d and %d", at, a.Len(), b.Len())
	}
	if a.Kind() == reflect.Slice {
		for i := range a.Len() {
			if diff := different(fmt.Sprintf("%s[%d]", at, i), a.Index(i), b.Index(i)); diff != "" {
				return diff
			}
		}
		return ""
	}
	for _, k := range a.MapKeys() {
		if !b.MapIndex(k).IsValid() {
			return fmt.Sprintf("%s: %v is missing", at, k)
		}
		if diff := different(fmt.Sprintf("%s[%v]", at, k), a.MapIndex(k), b.MapIndex(k)); diff != "" {
			return diff
		}
	}
	return ""
}

// TestModelLocks writes random records and reads them back, from the journal and from
// the lock.
func TestModelLocks(t *testing.T) {
	dir, err := os.MkdirTemp(scratch(), "model")
	must(err)
	t.Cleanup(func() { must(os.RemoveAll(dir)) })
	rapid.Check(t, func(t *rapid.T) {
		path := filepath.Join(dir, "p.lock.yaml")
		must(os.RemoveAll(path))
		must(os.RemoveAll(journalOf(path)))
		w := &writer{path: path, now: moments().Draw(t, "now")}
		for range rapid.IntRange(1, 3).Draw(t, "runs") {
			w.runs = append(w.runs, recordedRuns().Draw(t, "run"))
		}
		want, err := w.write(func(want *lock.File) {
			early, err := lock.Read(context.Background(), path)
			if err != nil {
				t.Fatalf("the journal cannot be read: %s", strings.ReplaceAll(err.Error(), dir, ""))
			}
			early.Plan = want.Plan // it is only in the lock, which is not written yet
			if diff := different("journal", reflect.ValueOf(want), reflect.ValueOf(early)); diff != "" {
				t.Fatalf("read from the journal: %s", diff)
			}
		})
		if err != nil {
			return
		}
		got, err := lock.Read(context.Background(), path)
		if err != nil {
			text, _ := os.ReadFile(path)
			t.Fatalf("the lock cannot be read: %s\n%s", strings.ReplaceAll(err.Error(), dir, ""), text)
		}
		if diff := different("lock", reflect.ValueOf(want), reflect.ValueOf(got)); diff != "" {
			t.Fatalf("read from the lock: %s", diff)
		}
	})
}
