package api

import (
	"testing"

	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// Lists are read to the end also if pages are shorter than requested, or the service
// does not report the list's length.
func TestPagesAreReadToTheEndOfTheList(t *testing.T) {
	for name, c := range map[string]struct{ length, most, total, want, calls int }{
		"pages as requested":               {120, 50, 120, 120, 3},
		"pages that are shorter":           {120, 20, 120, 120, 6},
		"no total":                         {120, 50, -1, 120, 3},
		"no total, and a full last page":   {100, 50, -1, 100, 3},
		"an empty list":                    {0, 50, 0, 0, 1},
		"a total that is too large":        {20, 50, 99, 20, 2},
		"a list that has grown since then": {60, 50, 30, 50, 1},
	} {
		t.Run(name, func(t *testing.T) {
			calls := 0
			got, err := pages(func(limit, offset *int32) ([]int, count, error) {
				calls++
				return make([]int, min(c.most, c.length-int(*offset), int(*limit))), count{httpcall.Number{N: int64(c.total), Known: c.total >= 0}}, nil
			})
			if err != nil || calls != c.calls || len(got) != c.want {
				t.Errorf("got %d in %d calls, %v", len(got), calls, err)
			}
		})
	}
}
