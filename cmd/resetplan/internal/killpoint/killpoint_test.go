//go:build linux && amd64

package killpoint

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestMain lets the test binary be the program that is killed.
func TestMain(m *testing.M) {
	if os.Getenv("RESETPLAN_KILLPOINT_CHILD") == "" {
		os.Exit(m.Run())
	}
	if err := write(); err != nil {
		panic(err)
	}
	os.Exit(7)
}

// write makes two writes, a sync, a rename and a removal, one after another on one thread.
func write() error {
	f, err := os.Create("a1.tmp")
	if err != nil {
		return err
	}
	for _, text := range []string{"one\n", "two\n"} {
		if _, err := f.WriteString(text); err != nil {
			return err
		}
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename("a1.tmp", "done"); err != nil {
		return err
	}
	return os.Remove("done")
}

func child(t *testing.T) Command {
	t.Helper()
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = out.Close() })
	return Command{Path: os.Args[0], Env: append(os.Environ(), "RESETPLAN_KILLPOINT_CHILD=1"), Dir: t.TempDir(), Output: out}
}

func TestEveryCallThatCountsIsAPoint(t *testing.T) {
	end, err := Run(child(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range end.Points {
		got = append(got, p.String())
	}
	want := []string{"before create(a#.tmp) #1", "before write(a#.tmp) #1", "before write(a#.tmp) #2", "before fsync(a#.tmp) #1",
		"before rename(a#.tmp) #1", "before unlink(done) #1"}
	if !slices.Equal(got, want) || end.Code != 7 || end.Reached {
		t.Errorf("points %q, code %d, killed %v; want %q, 7 and not killed", got, end.Code, end.Reached, want)
	}
}

// TestKilledAtAPoint checks that a call has not been made if the program was killed before it, and has been made if the
// program was killed after it.
func TestKilledAtAPoint(t *testing.T) {
	for _, c := range []struct {
		at   Point
		want string // the files that are left, with their content
	}{
		{Point{"create", "a#.tmp", 1, false}, ""},
		{Point{"create", "a#.tmp", 1, true}, "a1.tmp="},
		{Point{"write", "a#.tmp", 1, false}, "a1.tmp="},
		{Point{"write", "a#.tmp", 1, true}, "a1.tmp=one\n"},
		{Point{"write", "a#.tmp", 2, true}, "a1.tmp=one\ntwo\n"},
		{Point{"rename", "a#.tmp", 1, false}, "a1.tmp=one\ntwo\n"},
		{Point{"rename", "a#.tmp", 1, true}, "done=one\ntwo\n"},
		{Point{"unlink", "done", 1, false}, "done=one\ntwo\n"},
		{Point{"unlink", "done", 1, true}, ""},
	} {
		t.Run(c.at.String(), func(t *testing.T) {
			run := child(t)
			end, err := Run(run, &c.at)
			if err != nil {
				t.Fatal(err)
			}
			if !end.Reached || end.Code != -1 {
				t.Errorf("killed %v, code %d", end.Reached, end.Code)
			}
			if got := left(t, run.Dir); got != c.want {
				t.Errorf("files %q, want %q", got, c.want)
			}
		})
	}
}

func TestAPointThatIsNotReachedChangesNothing(t *testing.T) {
	end, err := Run(child(t), &Point{"write", "a#.tmp", 3, true})
	if err != nil || end.Reached || end.Code != 7 {
		t.Errorf("killed %v, code %d, error %v", end.Reached, end.Code, err)
	}
}

func left(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range entries {
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, f.Name()+"="+string(text))
	}
	return strings.Join(out, " ")
}
