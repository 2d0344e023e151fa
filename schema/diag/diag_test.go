package diag

import (
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	source := NewSource("p.yaml", []byte("name: p\npassword: S3CR3T\n"))
	several := Errors{
		source.Error(2, 1, "second", ""), source.Error(1, 1, "first", "fix it"), source.Error(1, 1, "first", "fix it"),
		{File: "p.yaml", Line: 1, Reason: "follows", Follows: true}, {Omitted: 3},
	}
	want := "p.yaml:1:1: first; fix it\np.yaml:2:1: second\np.yaml: and 3 more errors; fix these first"
	if got := several.Report().Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := append(several.Report(), source.Error(1, 2, "later", "")).Report().Error(); !strings.HasSuffix(got, "and 3 more errors; fix these first") {
		t.Errorf("reported twice, the omitted errors are not last:\n%s", got)
	}
	many := make(Errors, 0, MostShown+2)
	for line := range MostShown + 2 {
		many = append(many, Error{File: "p.yaml", Line: line + 1, Reason: "wrong"})
	}
	if got := many.Report(); len(got) != MostShown+1 || got[MostShown].Omitted != 2 {
		t.Errorf("of %d errors, %d are shown, and the last is %+v", len(many), len(got), got[len(got)-1])
	}
}

func TestRenderHidesALineWithASecret(t *testing.T) {
	source := NewSource("p.yaml", []byte("name: p\npassword: S3CR3T\n"))
	var out strings.Builder
	err := Errors{source.Error(1, 7, "wrong", "write q"), source.Error(2, 11, "wrong", "")}.Render(&out)
	want := "p.yaml:1:7: wrong\n    1 | name: p\n      |       ^\n      = write q\n\np.yaml:2:11: wrong\n"
	if err != nil || out.String() != want {
		t.Errorf("got\n%s\nwant\n%s\n%v", out.String(), want, err)
	}
}

func TestNearest(t *testing.T) {
	known := []string{"orders", "payments", "audit"}
	for written, want := range map[string]string{"ordres": "orders", "payment": "payments", "adit": "audit", "x": "", "shipping": "", "": ""} {
		if got := Nearest(written, known); got != want {
			t.Errorf("nearest to %q: got %q, want %q", written, got, want)
		}
	}
}

func TestOneMoreErrorIsCounted(t *testing.T) {
	if got := (Errors{{File: "p.yaml", Reason: "wrong"}, {Omitted: 1}}).Report().Error(); !strings.HasSuffix(got, "p.yaml: and 1 more error; fix these first") {
		t.Errorf("got\n%s", got)
	}
}
