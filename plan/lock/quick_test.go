package lock

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// library reads a lock as the YAML library and the schema do.
func library(raw []byte) (*File, schema.Faults) {
	f := &File{Version: Version, Runs: map[string]*Run{}}
	faults := schema.Decode(schema.Lock, "", raw, f)
	return f, faults
}

// manifold is a lock with everything that one can hold.
func manifold() *File {
	undone, timed, hostile := step(2, Undone), step(3, Applied), step(4, Failed)
	undone.Undo = &Undo{Outcome: Verified, By: "bob@home", At: at, Parts: step(2, Applied).Parts[:1]}
	timed.Parts = []Part{{Before: providers.Position{}, After: providers.At(providers.Default)}}
	hostile.Parts[0].Error = "- {part: a/0, before: offset:1}\n, } \"quoted\" \\ \u2028 é"
	hostile.Parts[0].ReadUpTo = at.Add(time.Millisecond)
	first, second := begun(RunApplied), begun(RunFailed)
	one, three, four := step(1, Verified), timed, hostile
	first.Steps, second.Steps = []*Step{&one, &undone}, []*Step{&three, &four}
	return &File{Version: Version, Plan: "p", Runs: map[string]*Run{"once": &first, "2026-11-20": &second}}
}

func TestALockIsReadQuicklyAsTheLibraryReadsIt(t *testing.T) {
	raw := marshal(manifold())
	want, faults := library(raw)
	got, ok := quick(raw)
	if len(faults) > 0 || !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v, %v\nwant %+v, %v", got, ok, want, faults)
	}
}

func TestWhatPeopleHaveChangedIsLeftToTheLibrary(t *testing.T) {
	raw := string(marshal(manifold()))
	for name, text := range map[string]string{
		"spaces":               strings.Replace(raw, "- {part: t/0,", "- {part:  t/0,", 1),
		"the order of keys":    strings.Replace(raw, `before: unset, after: "offset:0"`, `after: "offset:0", before: unset`, 1),
		"a comment":            strings.Replace(raw, "runs:\n", "runs: # ours\n", 1),
		"a part of two lines":  strings.Replace(raw, ", after: \"offset:800\"", ",\n            after: \"offset:800\"", 1),
		"a place that is none": strings.Replace(raw, `"offset:1200"`, `"offset:x"`, 1),
		"an unknown key":       strings.Replace(raw, "- {part: t/0,", "- {part: t/0, more: 1,", 1),
		"a part of ours":       strings.Replace(raw, "part: t/1", "part: taken-out/0", 1),
		"nothing of it":        "version: 1\n",
		"no text":              "",
	} {
		if text == raw {
			t.Fatalf("%s: nothing was changed", name)
		}
		if f, ok := quick([]byte(text)); ok {
			if want, faults := library([]byte(text)); len(faults) > 0 || !reflect.DeepEqual(f, want) {
				t.Errorf("%s is read as %+v", name, f)
			}
		}
	}
}

func FuzzQuick(f *testing.F) {
	raw := marshal(manifold())
	f.Add(raw)
	f.Add([]byte("version: 1\nplan: p\nruns: {}\n- {part: \"\", before: unknown, after: unknown}\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, ok := quick(raw)
		if !ok {
			return
		}
		if want, faults := library(raw); len(faults) > 0 || !reflect.DeepEqual(got, want) {
			t.Errorf("%q is read as %+v, and by the library as %+v, %v", raw, got, want, faults)
		}
	})
}
