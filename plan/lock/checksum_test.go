package lock

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/schema/diag"
)

// TestATruncatedLockIsRefused truncates a lock at every byte: it is refused with
// one sentence, unless only the last line end is missing.
func TestATruncatedLockIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	f := fullLock()
	f.number()
	raw := marshal(f)
	for cut := range len(raw) + 1 {
		check(t, os.WriteFile(path, raw[:cut], 0o600))
		got, err := Read(t.Context(), path)
		var sum *ChecksumError
		var errs diag.Errors
		switch {
		case err == nil && cut < len(raw)-1:
			t.Fatalf("truncated at %d of %d: no error", cut, len(raw))
		case err == nil && !reflect.DeepEqual(got, f):
			t.Fatalf("truncated at %d: the content differs", cut)
		case err != nil && !errors.As(err, &sum) && !errors.As(err, &errs):
			t.Fatalf("truncated at %d: %v", cut, err)
		case len(errs) > 1 || strings.Contains(textOf(err), "\n"):
			t.Fatalf("truncated at %d: more than a sentence: %v", cut, err)
		}
		if cut == 0 && !strings.Contains(err.Error(), "empty") {
			t.Errorf("an empty lock: %v", err)
		}
	}
}

func textOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestAChecksumCoversTheContentAndNotItsLineEnds(t *testing.T) {
	f := fullLock()
	f.number()
	raw := string(marshal(f))
	change := func(old, by string) string {
		t.Helper()
		if !strings.Contains(raw, old) {
			t.Fatalf("%q not found", old)
		}
		return strings.Replace(raw, old, by, 1)
	}
	_, below, _ := strings.Cut(raw, "plan: p\n")
	sum := checksumOf([]byte("plan: p\n" + below))
	line := raw[strings.Index(raw, "checksum:"):strings.Index(raw, "plan: p\n")]
	for name, c := range map[string]struct {
		text   string
		intact bool
	}{
		"CRLF line ends":            {strings.ReplaceAll(raw, "\n", "\r\n"), true},
		"no line end at the end":    {strings.TrimSuffix(raw, "\n"), true},
		"more line ends at the end": {raw + "\n\n", true},
		"a byte order mark":         {"\ufeff" + raw, true},
		"no comment above":          {change(firstLine, ""), true},
		"a quoted checksum":         {change("checksum: "+sum, `checksum: "`+sum+`"`), true},
		"another outcome":           {change("outcome: verified", "outcome: applied"), false},
		"another offset":            {change(`"offset:1200"`, `"offset:1201"`), false},
		"a missing step":            {raw[:strings.LastIndex(raw, "      - id:")], false},
		"a comment below":           {raw + "# mine\n", false},
		"no checksum but sequences": {change(line, ""), false},
		"the checksum elsewhere":    {change(line, "") + line, false},
		"an empty checksum":         {change(line, "checksum: \"\"\n"), false},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "p.lock.yaml")
			check(t, os.WriteFile(path, []byte(c.text), 0o600))
			got, err := Read(t.Context(), path)
			if c.intact {
				if err != nil || !reflect.DeepEqual(got, f) {
					t.Fatalf("got %v", err)
				}
				return
			}
			var sum *ChecksumError
			var errs diag.Errors
			if name == "an empty checksum" {
				if !errors.As(err, &errs) {
					t.Errorf("got %v", err)
				}
				return
			}
			if !errors.As(err, &sum) || !strings.Contains(err.Error(), "resetplan lock accept "+text.ShellWord(path)) {
				t.Fatalf("got %v", err)
			}
			if _, err := Open(t.Context(), path, Options{Plan: "p", Holder: "a@b", Now: clock}); !errors.As(err, &sum) {
				t.Errorf("opening it: %v", err)
			}
			if _, err := os.Stat(JournalPath(path)); !os.IsNotExist(err) {
				t.Error("the journal was not removed")
			}
			shown, intact, err := ReadUnchecked(t.Context(), path)
			if err != nil || intact {
				t.Fatalf("unchecked: %v, %v", intact, err)
			}
			check(t, Accept(t.Context(), path, "bob@home", clock))
			again, err := Read(t.Context(), path)
			if err != nil || !reflect.DeepEqual(shown, again) {
				t.Errorf("after it was accepted: %v", err)
			}
		})
	}
}

func TestAMissingLockIsNotAccepted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	if err := Accept(t.Context(), path, "bob@home", clock); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// TestAnInvalidLockIsOneErrorWithoutAQuote also shows that the file is not quoted:
// it may be any file that the user can read.
func TestAnInvalidLockIsOneErrorWithoutAQuote(t *testing.T) {
	bomb := "version: 1\nplan: p\nruns:\n  a: &a {document: x}\n"
	for c := 'b'; c < 'k'; c++ {
		bomb += "  " + string(c) + ": &" + string(c) + " [*" + string(c-1) + ", *" + string(c-1) + ", *" + string(c-1) + "]\n"
	}
	for name, c := range map[string]struct{ text, want string }{
		"empty":               {"", "this lock is empty"},
		"only line ends":      {"\r\n\n", "this lock is empty"},
		"zeros after a crash": {strings.Repeat("\x00", 4096), "this lock is empty"},
		"a merge conflict": {"version: 1\nplan: p\n<<<<<<< HEAD\nruns: {S3CRET: 1}\n=======\nruns: {}\n>>>>>>> theirs\n",
			":3:1: this lock has conflict markers"},
		"from the future": {"version: 2\nplan: S3CRET\nmore: 1\n", ":1:10: version: this file has version 2"},
		"from far ahead":  {"# x\nversion: 17 # new\nchecksum: sha256:00\n", "this file has version 17"},
		"aliases":         {bomb, ":4:1: a lock has no YAML anchors, aliases"},
		"a merge key":     {"version: 1\nplan: p\nruns: {<<: {S3CRET: 1}}\n", "a lock has no YAML anchors, aliases or merge keys"},
		"an environment":  {"PATH=/bin\x00TOKEN=S3CRET\x00", "not a valid lock file"},
		"a key file":      {"-----BEGIN S3CRET-----\nS3CRET\n", "not a valid lock file"},
		"a plan":          {"version: 1\nname: S3CRET\nsteps: []\n", "not a valid lock file"},
		"a wrong value": {"version: 1\nplan: p\nruns: {S3CRET: {document: S3CRET, by: a, started: S3CRET, outcome: S3CRET, steps: [S3CRET]}}\n",
			":3:1: not a valid lock file"},
		"not UTF-8":           {"version: 1\nplan: \xffS3CRET\nruns: {}\n", "not a valid lock file"},
		"deeply nested":       {strings.Repeat("[", 100_000), "not a valid lock file"},
		"deeply nested pairs": {"version: 1\nplan: p\nruns:\n  a:\n    params: " + strings.Repeat("{a: ", 1_000_000), "not a valid lock file"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "p.lock.yaml")
			check(t, os.WriteFile(path, []byte(c.text), 0o600))
			_, err := Read(t.Context(), path)
			var errs diag.Errors
			if !errors.As(err, &errs) || len(errs) != 1 || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v", err)
			}
			if strings.Contains(err.Error()+errs[0].Source, "S3CRET") {
				t.Errorf("the error quotes the file: %v", err)
			}
			if raw, err := os.ReadFile(path); err != nil || string(raw) != c.text {
				t.Error("the file was changed")
			}
		})
	}
}

func TestReferencesAreDistinguishedFromText(t *testing.T) {
	for line, want := range map[string]bool{
		"a: &x b": true, "a: *x": true, "- *x": true, "- - &x": true, "{a: *x}": true, "[b,&x c]": true, "&x a: b": true, "*x : b": true, "<<: *x": true,
		"a: !!str &x b": true, `{"a": "b", "c": *x}`: true, "a: ' #' # \n": false,
		"a: b &x": false, `a: "&x"`: false, `a: "\" &x"`: false, "a: '*x'": false, "# &x": false, "a: b # *x": false, "a: b*c": false, "a: x<<: b": false,
	} {
		if got := references("version: 1\n"+line) > 0; got != want {
			t.Errorf("%q: %v", line, got)
		}
	}
}

func TestTheLockOfAnotherPlanIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	h := open(t, path)
	check(t, h.Begin("once", begun(RunApplied)))
	check(t, h.Close(20))
	before, err := os.ReadFile(path)
	check(t, err)
	o := Options{Plan: "renamed", Holder: "a@b", Now: clock}
	var foreign *ForeignError
	_, err = Open(t.Context(), path, o)
	if !errors.As(err, &foreign) || foreign.Plan != "p" || foreign.Want != "renamed" || !strings.Contains(err.Error(), "--adopt") {
		t.Fatalf("got %v", err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Error("the file was changed")
	}
	o.Adopt = true
	h, err = Open(t.Context(), path, o)
	check(t, err)
	check(t, h.release(false)) // as a crash does
	o.Adopt = false
	h, err = Open(t.Context(), path, o)
	check(t, err)
	check(t, h.Close(20))
	if f, err := Read(t.Context(), path); err != nil || f.Plan != "renamed" || f.Runs["once"] == nil {
		t.Errorf("the lock was not adopted: %+v, %v", f, err)
	}
	h, err = Open(t.Context(), path, Options{Holder: "a@b", Now: clock})
	check(t, err)
	check(t, h.Close(20))
}

func TestALockIsReadAndWrittenUpToItsLimit(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "p.lock.yaml")
	f, err := os.Create(path)
	check(t, err)
	check(t, f.Truncate(maxBytes+1))
	check(t, f.Close())
	var errs diag.Errors
	if _, err := Read(t.Context(), path); !errors.As(err, &errs) || !strings.Contains(err.Error(), "64 MiB") {
		t.Errorf("got %v", err)
	}
	check(t, os.WriteFile(path, append([]byte("version: 1\nplan: p\nruns: {} # "), bytes.Repeat([]byte("x"), maxByHand)...), 0o600))
	if _, err := Read(t.Context(), path); !errors.As(err, &errs) || !strings.Contains(err.Error(), "at most 8 MiB") {
		t.Errorf("got %v", err)
	}
	check(t, os.Remove(path))
	h := open(t, path)
	h.size = maxBytes - headroom + 1
	if err := h.Begin("once", begun(RunApplied)); err == nil || !strings.Contains(err.Error(), "lock prune") {
		t.Errorf("got %v", err)
	}
	check(t, h.Close(20))
}
