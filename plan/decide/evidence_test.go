package decide

import (
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
)

// TestEvidence: only a lower offset of the same log, reported later, proves a reset.
func TestEvidence(t *testing.T) {
	at := time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)
	sum := func(after time.Duration, offset, lag int64) providers.Sum {
		return providers.Sum{At: at.Add(after), Offset: offset, Lag: &lag, Topic: "points"}
	}
	unknownLag, otherTopic := sum(1, 10, 0), sum(1, 10, 3000)
	unknownLag.Lag, otherTopic.Topic = nil, "other"
	for name, c := range map[string]struct {
		sums   []providers.Sum
		proven bool
		after  int64 // of the sum that is recorded; -1 = none
	}{
		"moved back":                             {[]providers.Sum{sum(1, 10, 2990)}, true, 10},
		"moved back and read on past before":     {[]providers.Sum{sum(1, 10, 2990), sum(2, 2500, 600)}, true, 10},
		"not yet, and then moved back":           {[]providers.Sum{sum(1, 2410, 590), sum(2, 10, 2990)}, true, 10},
		"the lowest is not the newest":           {[]providers.Sum{sum(1, 10, 2990), sum(2, 900, 2100)}, true, 900},
		"read on":                                {[]providers.Sum{sum(1, 2500, 600)}, false, 2500},
		"the same offset, and the lag has grown": {[]providers.Sum{sum(1, 2400, 5000)}, false, 2400},
		"zeros before anything was counted":      {[]providers.Sum{sum(1, 0, 0)}, false, 0},
		"a lower offset of unknown lag":          {[]providers.Sum{unknownLag}, false, 10},
		"another topic":                          {[]providers.Sum{otherTopic}, false, -1},
		"a lower offset at the same time":        {[]providers.Sum{sum(0, 10, 2990)}, false, -1},
		"a lower offset from before":             {[]providers.Sum{sum(-1, 10, 2990)}, false, -1},
		"nothing":                                {nil, false, -1},
	} {
		e, proven := Compare(lock.SumOf(sum(0, 2400, 600)), c.sums)
		after := int64(-1)
		if e.After != nil {
			after = e.After.Offset
		}
		if proven != c.proven || after != c.after || e.Before.Offset != 2400 {
			t.Errorf("%s: got %t with offset %d, want %t with %d", name, proven, after, c.proven, c.after)
		}
	}
}

func TestEvidenceInWords(t *testing.T) {
	lag := int64(600)
	before := lock.Sum{Offset: 2400, Lag: &lag, Topic: "points"}
	for want, e := range map[string]lock.Evidence{
		"offset 2,400 with a lag of 600 before the pause, nothing newer after the start":                                 {Before: before},
		"offset 2,400 with a lag of 600 before the pause; offset 7 after the start (sums over all partitions of points)": {Before: before, After: &lock.Sum{Offset: 7}},
	} {
		if got := EvidenceText(e); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestEvidenceRefersToTheTopicThatIsFurthest(t *testing.T) {
	at := time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)
	sums := []providers.Sum{{At: at, Topic: "b", Offset: 900}, {At: at.Add(1), Topic: "a", Offset: 500}, {At: at.Add(2), Topic: "a", Offset: 600},
		{At: at.Add(3), Topic: "b", Offset: 700}, {At: at.Add(4), Topic: "c"}}
	if got, ok := Reference(sums); !ok || got.Topic != "b" || got.Offset != 700 {
		t.Errorf("got %+v, %t", got, ok)
	}
	if _, ok := Reference(nil); ok {
		t.Error("nothing is a reference")
	}
}
