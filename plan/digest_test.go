package plan_test

import (
	"fmt"
	"testing"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/providers"
)

// TestADigestIsThatOfTheWholeDocument writes documents piece by piece, larger ones than
// what is hashed at once too, with texts that JSON escapes.
func TestADigestIsThatOfTheWholeDocument(t *testing.T) {
	type part struct {
		Part  providers.Part     `json:"part"`
		Log   string             `json:"log,omitempty"`
		After providers.Position `json:"after"`
	}
	type document struct {
		ID     string `json:"id"`
		Number int    `json:"number"`
		Parts  []part `json:"parts"`
	}
	for _, parts := range []int{0, 1, 2, 1000} {
		for _, name := range []string{"orders", `a"b\c<d>&`, "größe\x01\xff\u2028"} {
			whole := document{ID: name, Number: -parts}
			d := plan.NewDigest()
			d.Open('{')
			d.Text("id", name)
			d.Number("number", -parts)
			d.Key("parts")
			if parts == 0 {
				d.Null()
			} else {
				d.Open('[')
			}
			for n := range parts {
				p := part{Part: providers.Part{Topic: name, Broker: fmt.Sprint("b", n%2)[:n%3%2], Number: n}, After: providers.AtCursor(name)}
				d.Open('{')
				d.Part("part", p.Part)
				if n%2 == 0 {
					p.Log, p.After = "id", providers.AtOffset(int64(n))
					d.Text("log", "id")
				}
				d.Position("after", p.After)
				d.Close('}')
				whole.Parts = append(whole.Parts, p)
			}
			if parts > 0 {
				d.Close(']')
			}
			d.Close('}')
			if got, want := d.Sum(), plan.DigestOf(whole); got != want {
				t.Errorf("%d parts of %q: got %s, want %s", parts, name, got, want)
			}
		}
	}
}
