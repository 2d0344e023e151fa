package decide_test

import (
	"testing"

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
	ordered := decide.Placer{Needs: providers.Idle, Order: byLength}
	for name, c := range map[string]struct {
		placer             decide.Placer
		before, after, now providers.Position
		lands              providers.Position
		want               decide.Placement
	}{
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
		"not removed":                             {idle, n(300), providers.At(providers.Unset), n(10), none, decide.Elsewhere},
		"a time, at its expected position":        {idle, n(300), byTime, n(100), n(100), decide.AtTarget},
		"a time, read on from its position":       {idle, n(300), byTime, n(140), n(100), decide.ReadOn},
		"a time, known only approximately":        {idle, n(2726), byTime, n(2727), n(301), decide.Elsewhere},
		"a time with an unknown position":         {idle, n(300), byTime, n(100), none, decide.Unproven},
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
			if got := c.placer.Place(lock.Part{Before: c.before, After: c.after}, c.now, c.lands); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}
