package decide_test

import (
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/providers"
)

func TestPlace(t *testing.T) {
	n := providers.AtOffset
	none := providers.Position{}
	byTime := providers.AtTime(plantest.Now)
	idle, online := decide.Placer{Needs: providers.Idle}, decide.Placer{Needs: providers.Active}
	ordered := decide.Placer{Needs: providers.Idle, Order: providers.Order{Number: byLength}}
	ahead, back := byTime, providers.AtTime(plantest.Now.Add(-time.Hour)) // of the last consumed record, one minute before Now
	idleDirected, onlineDirected := idle, online
	idleDirected.ByDirection, onlineDirected.ByDirection = true, true
	for name, c := range map[string]struct {
		placer             decide.Placer
		before, after, now providers.Position
		lands              providers.Position
		want               decide.Placement
	}{
		"a time ahead, moved forward":             {idleDirected, n(300), ahead, n(320), none, decide.Unproven},
		"a time ahead, moved back":                {idleDirected, n(300), ahead, n(299), none, decide.Elsewhere},
		"a time ahead, not moved":                 {idleDirected, n(300), ahead, n(300), none, decide.Unshown},
		"a time that was read, moved back":        {idleDirected, n(300), back, n(120), none, decide.Unproven},
		"a time that was read, moved forward":     {idleDirected, n(300), back, n(301), none, decide.Elsewhere},
		"a time that was read, not moved":         {idleDirected, n(300), back, n(300), none, decide.Unmoved},
		"online, a time ahead, moved forward":     {onlineDirected, n(300), ahead, n(320), none, decide.Unproven},
		"online, a time ahead, moved back":        {onlineDirected, n(300), ahead, n(299), none, decide.Elsewhere},
		"online, a time that was read":            {onlineDirected, n(300), back, n(120), none, decide.AtTarget},
		"online, a time that was read, not moved": {onlineDirected, n(300), back, n(310), none, decide.Unmoved},
		"at the target":                           {idle, n(300), n(100), n(100), none, decide.AtTarget},
		"at the previous position":                {idle, n(300), n(100), n(300), none, decide.Unmoved},
		"between target and previous position":    {idle, n(300), n(100), n(140), none, decide.ReadOn},
		"past the previous position":              {idle, n(300), n(100), n(301), none, decide.Elsewhere},
		"before the target":                       {idle, n(300), n(100), n(99), none, decide.Elsewhere},
		"forward, still on the way to the target": {idle, n(300), n(500), n(310), none, decide.Elsewhere},
		"past an end that moves": {decide.Placer{Needs: providers.Idle, MovingEnd: true}, n(300), n(500), n(510), none,
			decide.AtTarget},
		"past an end that does not": {idle, n(300), n(500), n(510), none, decide.Elsewhere},
		"removed": {idle, n(300), providers.At(providers.Unset), providers.At(providers.Unset), none,
			decide.AtTarget},
		"not removed":                                {idle, n(300), providers.At(providers.Unset), n(10), none, decide.Elsewhere},
		"a time, at its expected position":           {idle, n(300), byTime, n(100), n(100), decide.AtTarget},
		"a time, read on from its position":          {idle, n(300), byTime, n(140), n(100), decide.ReadOn},
		"a time, known only approximately":           {idle, n(2726), byTime, n(2727), n(301), decide.Elsewhere},
		"a time with an unknown position":            {idle, n(300), byTime, n(100), none, decide.Unproven},
		"a time with an unknown position, not moved": {idle, n(300), byTime, n(300), none, decide.Unshown},
		"a time, still without a commit": {idle, providers.At(providers.Unset), byTime, providers.At(providers.Unset), none,
			decide.Unmoved},
		"a time, and nothing has moved":           {idle, n(300), byTime, n(300), n(100), decide.Unmoved},
		"online, read on from the target":         {online, n(300), n(100), n(140), none, decide.AtTarget},
		"online, read on as before":               {online, n(300), n(100), n(320), none, decide.Unmoved},
		"online, past a target ahead":             {online, n(300), n(400), n(420), none, decide.AtTarget},
		"online, not yet at a target ahead":       {online, n(300), n(400), n(320), none, decide.Unmoved},
		"online, moved back by a time":            {online, n(300), byTime, n(140), none, decide.AtTarget},
		"online, moved back instead of forward":   {online, n(300), n(400), n(140), none, decide.Elsewhere},
		"online, at the previous position":        {online, n(300), n(100), n(300), none, decide.Unmoved},
		"a cursor is compared only with a cursor": {ordered, providers.AtCursor("abcde"), providers.AtCursor("a"), n(1), none, decide.Elsewhere},
		"a cursor between two": {ordered, providers.AtCursor("abcde"), providers.AtCursor("a"), providers.AtCursor("abc"), none,
			decide.ReadOn},
		"cursors without an order": {idle, providers.AtCursor("abcde"), providers.AtCursor("a"), providers.AtCursor("abc"), none,
			decide.Elsewhere},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.placer.Place(lock.Part{Before: c.before, After: c.after, ReadUpTo: lock.AtTime(plantest.Now.Add(-time.Minute))}, c.now,
				decide.Landing{From: c.lands, UpTo: c.lands}); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

// TestPlaceInARange places a part whose target is known to be from 100 to 120, and from
// 280 to 320.
func TestPlaceInARange(t *testing.T) {
	n := providers.AtOffset
	before, across := decide.Landing{From: n(100), UpTo: n(120)}, decide.Landing{From: n(280), UpTo: n(320)}
	idle, online := decide.Placer{Needs: providers.Idle}, decide.Placer{Needs: providers.Active}
	for name, c := range map[string]struct {
		placer decide.Placer
		now    int64
		lands  decide.Landing
		want   decide.Placement
	}{
		"at its start":                             {idle, 100, before, decide.AtTarget},
		"within":                                   {idle, 110, before, decide.AtTarget},
		"at its end":                               {idle, 120, before, decide.AtTarget},
		"before it":                                {idle, 99, before, decide.Elsewhere},
		"read on from it":                          {idle, 121, before, decide.ReadOn},
		"not moved":                                {idle, 300, before, decide.Unmoved},
		"not moved, within":                        {idle, 300, across, decide.Unshown},
		"moved back, within":                       {idle, 290, across, decide.AtTarget},
		"moved forward, within":                    {idle, 310, across, decide.AtTarget},
		"past a range across":                      {idle, 321, across, decide.Elsewhere},
		"online, read on from it":                  {online, 150, before, decide.AtTarget},
		"online, within a range across":            {online, 310, across, decide.Unproven},
		"online, past a range across":              {online, 330, across, decide.Unproven},
		"online, moved back within a range across": {online, 290, across, decide.AtTarget},
	} {
		p := lock.Part{Before: n(300), After: providers.AtTime(plantest.Now)}
		if got := c.placer.Place(p, n(c.now), c.lands); got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
}
