package figures

import "testing"

func TestOnlyTheFiguresOfThePageAreReplaced(t *testing.T) {
	const begin, end = "<!-- sizes: written by make bench -->", "<!-- end of sizes -->"
	const others = "<!-- times: written by make bench -->\n1 s\n<!-- end of times -->\n\n"
	got, err := in("# Scale\n\n"+others+begin+"\nold\n"+end+"\n\nLimits\n", "sizes", "new\n")
	if want := "# Scale\n\n" + others + begin + "\n\nnew\n\n" + end + "\n\nLimits\n"; err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	for _, broken := range []string{"", end + begin, begin, others} {
		if got, err := in(broken, "sizes", "new"); err == nil {
			t.Errorf("%q: got %q", broken, got)
		}
	}
}
