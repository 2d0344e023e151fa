package lock

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"pgregory.net/rapid"
)

// wide is a step with many parts of one topic, as an apply to Kafka records it: offsets
// of ten digits, high watermarks, leader epochs and a topic id.
func wide(n, count int, o Outcome) Step {
	s := Step{ID: fmt.Sprint("s", n), Digest: digestOf(n), Address: "kafka:b/g/orders", Outcome: o, At: AtTime(at)}
	for i := range count {
		before := int64(1_200_000_000 + 7919*i)
		p := Part{Part: providers.Part{Topic: "orders", Number: i}, Before: providers.AtOffset(before), After: providers.AtOffset(before - int64(400+i)),
			High: providers.AtOffset(before + int64(17*i)), LogID: "BFGKt25GZcRNox4vNnbMUQ", Metadata: map[string]string{"leaderEpoch": "7"}}
		if o == Verified {
			p.Seen = p.After
		}
		if o == Keep {
			p.After = p.Before
		}
		s.Parts = append(s.Parts, p)
	}
	return s
}

func fileOf(steps ...Step) *File {
	r := begun(RunApplied)
	r.Steps = []*Step{}
	for i := range steps {
		steps[i].Sequence = i + 1
		r.Steps = append(r.Steps, &steps[i])
	}
	r.Sequence = 1
	return &File{Version: Version, Plan: "p", Runs: map[string]*Run{"once": &r}}
}

// bothRead fails unless both readers read a lock as what was written.
func bothRead(t *testing.T, f *File) string {
	t.Helper()
	raw := marshal(f)
	if got, ok := ownLayout(raw); !ok || !reflect.DeepEqual(got, f) {
		t.Fatalf("%s\nis not read as it was written: %v", raw, ok)
	}
	if got, err := library(raw); err != nil || !reflect.DeepEqual(got, f) {
		t.Fatalf("%s\nis read by the library as %+v, %v", raw, got, err)
	}
	return string(raw)
}

// TestASmallStepHasALineForEachPart also shows the form of that line.
func TestASmallStepHasALineForEachPart(t *testing.T) {
	s := wide(1, blocksFrom-1, Verified)
	for i := range s.Parts {
		s.Parts[i].High, s.Parts[i].LogID, s.Parts[i].Metadata = providers.Position{}, "", nil
	}
	text := bothRead(t, fileOf(s))
	want := "        parts:\n          - {part: orders/0, before: \"offset:1200000000\", after: \"offset:1199999600\", seen: \"offset:1199999600\"}\n"
	if !strings.Contains(text, want) || strings.Count(text, "- {part: ") != blocksFrom-1 {
		t.Errorf("the lock is\n%s", text)
	}
}

func TestALargeStepHasALineForEachTopic(t *testing.T) {
	s := wide(1, 1000, Verified)
	text := bothRead(t, fileOf(s))
	lines := strings.Count(text, "\n")
	bare := strings.Count(string(marshal(fileOf(wide(1, 0, Verified)))), "\n")
	if lines-bare != 2 {
		t.Errorf("1,000 parts have %d lines", lines-bare)
	}
	want := "          - {parts: orders/0-999, before: [1200000000,1200007919,"
	if !strings.Contains(text, want) || !strings.Contains(text, "], seen: after, high: [") ||
		!strings.Contains(text, "], kept: {leaderEpoch: \"7\"}, log: BFGKt25GZcRNox4vNnbMUQ}\n") {
		t.Errorf("the line begins with %.200s", text[strings.Index(text, "- {parts"):])
	}
}

// TestTheTextOfAPartIsBounded holds the bytes of the text for each part.
func TestTheTextOfAPartIsBounded(t *testing.T) {
	const count = 1000
	rest := len(marshal(fileOf(wide(1, 0, Verified))))
	small := wide(1, count, Verified)
	for i := range small.Parts {
		p := &small.Parts[i]
		p.Before, p.After, p.Seen, p.High = providers.AtOffset(int64(19-i%3)), providers.AtOffset(6), providers.AtOffset(6), providers.AtOffset(20)
	}
	for name, c := range map[string]struct {
		step Step
		most int
	}{
		"offsets of ten digits":                {wide(1, count, Verified), 36},
		"their announcement":                   {wide(1, count, InDoubt), 36},
		"small offsets":                        {small, 4},
		"a step that keeps large offsets":      {wide(1, count, Keep), 24},
		"a step that keeps with few positions": {kept(count), 1},
	} {
		if got := len(marshal(fileOf(c.step))) - rest; got > c.most*count {
			t.Errorf("%s: %d bytes for %d parts, at most %d for each", name, got, count, c.most)
		}
	}
}

// kept is a step whose parts were all at one offset.
func kept(count int) Step {
	s := wide(1, count, Keep)
	for i := range s.Parts {
		p := &s.Parts[i]
		p.Before, p.After, p.High = providers.AtOffset(800), providers.AtOffset(800), providers.Position{}
	}
	return s
}

func TestARunThatOnlyKeepsHasNoLineForEachPart(t *testing.T) {
	lines := func(count int) int { return strings.Count(bothRead(t, fileOf(kept(count))), "\n") }
	if few, many := lines(2), lines(1000); few != many {
		t.Errorf("2 parts have %d lines, 1,000 have %d", few, many)
	}
	if text := bothRead(t, fileOf(kept(3))); !strings.Contains(text, "- {parts: orders/0-2, before: 800, after: before, ") {
		t.Errorf("the lock is\n%s", text)
	}
}

// anyWideParts are parts of which many can be in one block, of which some differ in what
// a block cannot have.
func anyWideParts() *rapid.Generator[[]Part] {
	positions := rapid.OneOf(rapid.Map(rapid.Int64Range(-2, 3), providers.AtOffset), anyPosition())
	return rapid.Custom(func(t *rapid.T) []Part {
		var out []Part
		count := rapid.IntRange(1, 140).Draw(t, "count")
		topic := rapid.SampledFrom([]string{"orders", "taken-out", "a b", "é", "12", "null"}).Draw(t, "topic")
		broker := rapid.SampledFrom([]string{"", "", "broker-0", "x/y"}).Draw(t, "broker")
		number, odd := 0, rapid.IntRange(0, 3).Draw(t, "odd")
		before, after, seen := positions.Draw(t, "before"), positions.Draw(t, "after"), positions.Draw(t, "seen")
		key := anyKey().Draw(t, "key")
		for range count {
			number += rapid.SampledFrom([]int{1, 1, 1, 1, 5}).Draw(t, "step")
			p := Part{Part: providers.Part{Topic: topic, Broker: broker, Number: number}, Before: before, After: after, Seen: seen, LogID: "log"}
			if rapid.IntRange(0, 9).Draw(t, "other") < odd {
				p.Before, p.After, p.High = positions.Draw(t, "before"), positions.Draw(t, "after"), positions.Draw(t, "high")
			}
			if odd > 1 && rapid.IntRange(0, 9).Draw(t, "bare") < 8 {
				p.Metadata = map[string]string{key: rapid.SampledFrom([]string{"1", "2", "[", "before", "", "null"}).Draw(t, "value")}
				if odd > 2 && rapid.Bool().Draw(t, "more") {
					p.Metadata["more"] = "m"
				}
			}
			if odd > 2 {
				p.ReadUpTo = anyRecordedTime().Draw(t, "readUpTo")
				p.Error = rapid.SampledFrom([]string{"", "", "", "REFUSED", `"parts": 1`}).Draw(t, "error")
				p.LogID = rapid.SampledFrom([]string{"log", "log", "log", "other"}).Draw(t, "log")
			}
			out = append(out, p)
		}
		return out
	})
}

// TestEveryWideStepIsReadBack also packs and loads the step, and writes it into a
// journal.
func TestEveryWideStepIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Step{ID: "s", Digest: digestOf(1), Address: "a", At: AtTime(at), Outcome: rapid.SampledFrom(stepOutcomes).Draw(t, "outcome"),
			Parts: anyWideParts().Draw(t, "parts")}
		if rapid.Bool().Draw(t, "undo") {
			s.Undo = &Undo{Outcome: Verified, By: "a@b", At: AtTime(at), Parts: anyWideParts().Draw(t, "undone")}
		}
		f := fileOf(s)
		raw := marshal(f)
		if got, ok := ownLayout(raw); !ok || !reflect.DeepEqual(got, f) {
			t.Fatalf("%s\nis not read as it was written: %v", raw, ok)
		}
		if got, err := library(raw); err != nil || !reflect.DeepEqual(got, f) {
			t.Fatalf("%s\nis read by the library as %+v, %v", raw, got, err)
		}
		want := *f.Runs["once"].Steps[0]
		packed := want
		packed.pack()
		if n := f.count(everything); packed.Parts != nil || n != countParts(packed.packed, stepIndent)+countUndone(&packed) {
			t.Fatalf("%d parts are packed as\n%s", n, packed.packed)
		}
		if string(marshal(fileOf(packed))) != string(raw) {
			t.Fatal("a packed step has another text")
		}
		inLock, err1 := json.Marshal(&want)
		unloaded, err2 := json.Marshal(&packed)
		if err1 != nil || err2 != nil || string(inLock) != string(unloaded) {
			t.Fatalf("a packed step has other JSON: %v, %v", err1, err2)
		}
		records := []record{{Run: "once", Step: &packed}}
		_, got, err := parseJournal("j", append(lineOf(map[string]any{"version": 1}), lineOf(records[0])...))
		if err != nil || len(got) != 1 || !got[0].Step.load(true) || !reflect.DeepEqual(*got[0].Step, want) {
			t.Fatalf("the journal is read as %+v, %v", got, err)
		}
	})
}

func countUndone(s *Step) int {
	if s.Undo == nil {
		return 0
	}
	return countParts(s.Undo.packed, undoIndent)
}

// TestMetadataOfSomePartitionsNeedsNoLineForEach has clients that keep metadata on every
// second partition.
func TestMetadataOfSomePartitionsNeedsNoLineForEach(t *testing.T) {
	s := wide(1, blocksFrom, Verified)
	for i := range s.Parts {
		if s.Parts[i].Metadata = nil; i%2 == 0 {
			s.Parts[i].Metadata = map[string]string{"metadata": "null"}
		}
	}
	text := bothRead(t, fileOf(s))
	if !strings.Contains(text, `kept: {metadata: ["null",null,"null",null,`) || strings.Count(text, "- {part") != 1 {
		t.Errorf("the lock is\n%s", text)
	}
}
