package lock

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/lock/internal/journal"
	"github.com/resetplan/resetplan/providers"
)

// The bytes that reading a lock or a journal may allocate: a fixed number, and a
// number for each of its bytes, which the YAML library needs for an edited lock.
const (
	allowance   = 16 << 20
	allowanceOf = 8 << 10
)

// within fails if a function allocates more than a text of this size may need.
func within(t *testing.T, size int, do func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	if used, most := int(after.TotalAlloc-before.TotalAlloc), allowance+allowanceOf*size; used > most {
		t.Errorf("a text of %d bytes allocated %d of at most %d bytes", size, used, most)
	}
}

// withChecksum replaces the checksum in a lock's text by the correct one.
func withChecksum(raw []byte) []byte {
	t := split(raw)
	return []byte(firstLine + "version: 1\nchecksum: " + checksumOf([]byte(t.body)) + "\n" + t.body)
}

// FuzzLock reads bytes unchanged, and with the correct checksum. The memory is in
// proportion to their number; the content survives writing and reading; and a
// truncated lock is refused, or has the whole content.
func FuzzLock(f *testing.F) {
	whole := marshal(fullLock())
	for at, c := range whole {
		if c == '\n' {
			f.Add(whole, uint(at+1)) // truncated between two lines
		}
	}
	for _, s := range []Step{kept(3), wide(1, 70, Verified)} {
		blocks := marshal(fileOf(s))
		f.Add(blocks, uint(len(blocks)-9))
	}
	for _, text := range []string{
		"version: 1\nplan: p\nruns: {}\n", "a: &a [1,1,1,1]\nb: [*a,*a,*a,*a]\n", "<<<<<<< ours\n", "version: 2\n", "\x00\x00",
		"version: 1\nplan: p\nruns:\n  once: {document: " + digestOf(1) + ", by: a, started: 2026-11-20T03:00:00Z, outcome: applied, steps: []}\n",
		"version: 1\nplan: p\nruns:\n  once:\n    document: " + digestOf(1) + "\n    by: a\n    started: \"@-1\"\n    outcome: failed\n" +
			"    steps: []\n",
		"version: 1\nplan: p\nruns:\n  once:\n    document: " + digestOf(1) + "\n    by: a\n    started: 2026-11-20T03:00:00.5Z\n    outcome: failed\n" +
			"    steps:\n" +
			"      - id: s\n        digest: " + digestOf(2) + "\n        address: a\n" +
			"        outcome: refused\n        at: 2026-11-20T03:00:00Z\n        promise: true\n",
	} {
		f.Add([]byte(text), uint(len(text)/2))
	}
	f.Fuzz(func(t *testing.T, raw []byte, cut uint) {
		for _, raw := range [][]byte{raw, withChecksum(raw)} {
			var file *File
			var err error
			within(t, len(raw), func() { file, _, err = parse("p.lock.yaml", raw, everything) })
			if raw == nil || err != nil {
				continue
			}
			out := marshal(file)
			again, intact, err := parse("p.lock.yaml", out, everything)
			if err != nil || !intact {
				t.Fatalf("%q is written as\n%s\nwhich is not read: intact %t, %v", raw, out, intact, err)
			}
			if twice := marshal(again); !bytes.Equal(twice, out) || !equal(reflect.ValueOf(file), reflect.ValueOf(again)) {
				t.Fatalf("%q is written as\n%s\nand then as\n%s", raw, out, twice)
			}
			at := int(cut % uint(len(out)))
			short, intact, err := parse("p.lock.yaml", out[:at], everything)
			if at > 0 && err == nil && intact && !bytes.Equal(marshal(short), out) {
				t.Errorf("truncated at %d, the lock\n%s\nis read as\n%s", at, out, marshal(short))
			}
		}
	})
}

// FuzzJournal reads bytes unchanged, and as lines with correct checksums. The
// memory is in proportion to their number; the records survive writing and
// reading; and a truncated journal is refused, or its first records are read.
func FuzzJournal(f *testing.F) {
	f.Add([]byte("{\"version\":1,\"plan\":\"p\"}\n{\"run\":\"once\",\"begin\":{\"by\":\"a\",\"steps\":[null]}}\n"+
		"{\"run\":\"once\",\"step\":{\"id\":\"s\",\"undo\":{}}}"), uint(40))
	f.Add([]byte("{\"version\":1}\n{\"run\":\"once\",\"end\":{\"outcome\":\"applied\"}}\n{}\nnull"), uint(60))
	f.Add([]byte("00000000 {}\n\x00\x00"), uint(5))
	f.Add([]byte("{\"version\":1}\n"+
		"{\"run\":\"a\",\"step\":{\"parts\":[{\"before\":\"time:@-5\",\"readUpTo\":\"@99999999999999\"}]},\"saved\":9}"), uint(90))
	f.Add([]byte("{\"version\":2}\n{\"run\":\"a\",\"step\":{\"outcome\":\"verified\",\"parts\":"+
		"\"\\n          - {parts: t/0-2, before: 1, after: [1,2,unset], seen: after}\"}}"), uint(70))
	f.Add([]byte("{\"version\":2}\n{\"run\":\"a\",\"step\":{\"parts\":\"- {parts: t/0-999, before: 1, after: before}\"}}"), uint(20))
	f.Add([]byte("{\"version\":1}\n{\"run\":\"a\",\"step\":{\"at\":\"2026-11-20T03:04:05.5Z\",\"promise\":true}}"), uint(0))
	f.Fuzz(func(t *testing.T, raw []byte, cut uint) {
		var whole []byte
		for l := range bytes.SplitSeq(raw, []byte("\n")) {
			whole = fmt.Appendf(whole, "%08x %s\n", crc32.ChecksumIEEE(l), l)
		}
		for _, raw := range [][]byte{raw, whole} {
			var h journal.Header
			var records []record
			var err error
			within(t, len(raw), func() { h, records, err = parseJournal("j", raw) })
			if err != nil {
				if records != nil {
					t.Error("records are returned with an error")
				}
				continue
			}
			sameAfterWriting(t, h, records)
			_, first, err := parseJournal("j", raw[:cut%uint(len(raw)+1)])
			if err == nil && (len(first) > len(records) || linesOf(t, first) != linesOf(t, records[:len(first)])) {
				t.Errorf("truncated at %d, a journal of\n%s\nis read as\n%s", cut, linesOf(t, records), linesOf(t, first))
			}
			file := &File{Version: Version, Runs: map[string]*Run{}}
			file.fold(records)
			file.trim(1)
			out := marshal(file)
			if again, intact, err := parse("p.lock.yaml", out, everything); valid(file) && (err != nil || !intact || !bytes.Equal(marshal(again), out)) {
				t.Errorf("the journal is folded into\n%s\nwhich is not read again: intact %t, %v", out, intact, err)
			}
		}
	})
}

// valid reports whether digests and outcomes are valid, by the rules of the schema.
func valid(f *File) bool {
	for _, r := range f.Runs {
		if !isDigest(r.Document) || !slices.Contains(runOutcomes, r.Outcome) || r.Sequence < 0 {
			return false
		}
		for _, a := range r.Approvals {
			if !isDigest(a.Digest) || !isDigest(a.Inputs) {
				return false
			}
			for _, d := range a.Steps {
				if !isDigest(d) {
					return false
				}
			}
		}
		for _, s := range r.Steps {
			if !isDigest(s.Digest) || !slices.Contains(stepOutcomes, s.Outcome) || s.Sequence < 0 || s.Undone < 0 ||
				s.Undo != nil && !slices.Contains(stepOutcomes, s.Undo.Outcome) || s.Paused != nil && s.Paused.Doing != Pausing && s.Paused.Doing != Starting {
				return false
			}
		}
	}
	return true
}

// sameAfterWriting fails unless records are the same after writing and reading.
func sameAfterWriting(t *testing.T, h journal.Header, records []record) {
	t.Helper()
	if len(records) == 0 {
		return
	}
	raw := append(lineOf(h), linesOf(t, records)...)
	again, got, err := parseJournal("j", raw)
	if err != nil || again != h || !equal(reflect.ValueOf(got), reflect.ValueOf(records)) {
		t.Errorf("records\n%s\nare written and read as\n%s\n%v", linesOf(t, records), linesOf(t, got), err)
	}
}

func linesOf(t *testing.T, records []record) string {
	t.Helper()
	var out strings.Builder
	for _, r := range records {
		raw, err := json.Marshal(r)
		check(t, err)
		out.Write(journal.Line(raw, 0))
	}
	return out.String()
}

// equal compares records. A nil list or mapping equals an empty one.
func equal(a, b reflect.Value) bool {
	if !a.CanInterface() { // the packed parts
		return a.String() == b.String()
	}
	switch x := a.Interface().(type) {
	case time.Time:
		return x.Equal(b.Interface().(time.Time))
	case providers.Position, providers.Part:
		return x == b.Interface()
	}
	switch a.Kind() {
	case reflect.Pointer, reflect.Interface:
		return a.IsNil() == b.IsNil() && (a.IsNil() || equal(a.Elem(), b.Elem()))
	case reflect.Struct:
		for i := range a.NumField() {
			if !equal(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Slice:
		for i := range min(a.Len(), b.Len()) {
			if !equal(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return a.Len() == b.Len()
	case reflect.Map:
		for _, k := range a.MapKeys() {
			if v := b.MapIndex(k); !v.IsValid() || !equal(a.MapIndex(k), v) {
				return false
			}
		}
		return a.Len() == b.Len()
	}
	return a.Type() == b.Type() && a.Equal(b)
}
