package term

import (
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan/operator"
)

func TestEachSearchedPathHasALineOfItsOwn(t *testing.T) {
	var out strings.Builder
	if err := Configuration(&out, operator.InForce{Searched: []string{"/home/a/.config/one.yaml", "/home/a/.config/two.yaml"}}); err != nil {
		t.Fatal(err)
	}
	if want := "searched:\n  /home/a/.config/one.yaml\n  /home/a/.config/two.yaml\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("got %q", out.String())
	}
}
