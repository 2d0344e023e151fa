package lock

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// library reads a lock's text with the YAML library and the schema.
func library(raw []byte) (*File, error) {
	f, err := split(raw).withLibrary("p.lock.yaml")
	if err == nil && !f.load(everything, true) {
		return nil, errors.New("its parts are packed wrongly")
	}
	return f, err
}

// ownLayout reads a lock's text as parse tries first.
func ownLayout(raw []byte) (*File, bool) {
	t := split(raw)
	f, ok := readOwn(t.body, false)
	f.texts = nil
	return f, ok && t.head == preamble(f, t.checksum) && f.load(everything, true)
}

// fullLock is a lock with every field set.
func fullLock() *File {
	undone, timed, hostile := step(2, Undone), step(3, Applied), step(4, Failed)
	undone.Undo = &Undo{Outcome: Verified, By: "bob@home", At: AtTime(at), Parts: step(2, Applied).Parts[:1]}
	timed.Parts = []Part{{Before: providers.Position{}, After: providers.At(providers.Default)}}
	hostile.Parts[0].Error = "- {part: a/0, before: offset:1}\n, } \"quoted\" \\ \u2028 é"
	hostile.Parts[0].ReadUpTo = AtTime(at.Add(time.Millisecond))
	first, second := begun(RunApplied), begun(RunFailed)
	timed.Identity, timed.Undone = "kafka:c1/g/t1", 2
	timed.Paused = &Paused{Doing: Starting, By: "bob@home", Since: AtTime(at), Why: "no answer: {why}"}
	lag := int64(0)
	timed.Evidence = &Evidence{Before: Sum{Offset: 2400, Lag: &lag, At: AtTime(at), Topic: "points, {of}"}, After: &Sum{At: AtTime(at)}}
	timed.Parts[0].High, timed.Parts[0].DecidedBy = providers.AtOffset(1500), "bob@home"
	first.Sequence, first.Approvals = 2, []Approval{
		{Digest: digestOf(1), Inputs: digestOf(2), Steps: map[string]string{"all[a b]": digestOf(3), "s1": digestOf(4)}},
		{Digest: digestOf(5), Inputs: digestOf(6)},
	}
	second.Sequence = 1
	undone.Sequence, timed.Sequence, hostile.Sequence = 7, 8, 9
	one, three, four := step(1, Verified), timed, hostile
	first.Steps, second.Steps = []*Step{&one, &undone}, []*Step{&three, &four}
	return &File{Version: Version, Plan: "p", Runs: map[string]*Run{"once": &first, "2026-11-20": &second}}
}

func TestBothReadersAgree(t *testing.T) {
	raw := marshal(fullLock())
	want, err := library(raw)
	got, ok := ownLayout(raw)
	if err != nil || !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v, %v\nwant %+v, %v", got, ok, want, err)
	}
}

func TestAnEditedLockIsReadByTheLibrary(t *testing.T) {
	raw := string(marshal(fullLock()))
	for name, text := range map[string]string{
		"spaces":                 strings.Replace(raw, "- {part: t/0,", "- {part:  t/0,", 1),
		"the order of keys":      strings.Replace(raw, `before: unset, after: "offset:0"`, `after: "offset:0", before: unset`, 1),
		"a comment":              strings.Replace(raw, "runs:\n", "runs: # mine\n", 1),
		"a part of two lines":    strings.Replace(raw, ", after: \"offset:800\"", ",\n            after: \"offset:800\"", 1),
		"a position that is not": strings.Replace(raw, `"offset:1200"`, `"offset:x"`, 1),
		"an unknown key":         strings.Replace(raw, "- {part: t/0,", "- {part: t/0, more: 1,", 1),
		"another name of a part": strings.Replace(raw, "part: t/1", "part: taken-out/0", 1),
		"no content":             "version: 1\n",
		"no text":                "",
	} {
		if text == raw {
			t.Fatalf("%s: the text is unchanged", name)
		}
		if f, ok := ownLayout([]byte(text)); ok {
			if want, err := library([]byte(text)); err != nil || !reflect.DeepEqual(f, want) {
				t.Errorf("%s is read as %+v", name, f)
			}
		}
	}
}

func FuzzOwnLayout(f *testing.F) {
	raw := marshal(fullLock())
	f.Add(raw)
	f.Add([]byte("version: 1\nplan: p\nruns: {}\n- {part: \"\", before: unknown, after: unknown}\n"))
	f.Add(marshal(fileOf(wide(1, 70, Verified), kept(3))))
	f.Add(bytes.Replace(marshal(fileOf(kept(3))), []byte("before: 800"), []byte("before: [1,2,earliest]"), 1))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, ok := ownLayout(raw)
		if !ok {
			return
		}
		if want, err := library(raw); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q is read as %+v, and by the library as %+v, %v", raw, got, want, err)
		}
	})
}
