package plan

import (
	"testing"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
)

func TestPlace(t *testing.T) {
	n := providers.AtOffset
	none := providers.Position{}
	byTime := providers.AtTime(now)
	idle, online := placer{needs: providers.Idle}, placer{needs: providers.Active}
	for name, c := range map[string]struct {
		placer             placer
		before, after, now providers.Position
		lands              providers.Position
		want               placement
	}{
		"at the target":                           {idle, n(300), n(100), n(100), none, atTarget},
		"at the previous position":                {idle, n(300), n(100), n(300), none, unmoved},
		"between target and previous position":    {idle, n(300), n(100), n(140), none, readOn},
		"past the previous position":              {idle, n(300), n(100), n(301), none, elsewhere},
		"before the target":                       {idle, n(300), n(100), n(99), none, elsewhere},
		"forward, still on the way to the target": {idle, n(300), n(500), n(310), none, elsewhere},
		"past an end that moves":                  {placer{providers.Idle, true}, n(300), n(500), n(510), none, atTarget},
		"past an end that does not":               {idle, n(300), n(500), n(510), none, elsewhere},
		"removed":                                 {idle, n(300), providers.At(providers.Unset), providers.At(providers.Unset), none, atTarget},
		"not removed":                             {idle, n(300), providers.At(providers.Unset), n(10), none, elsewhere},
		"a time, at its expected position":        {idle, n(300), byTime, n(100), n(100), atTarget},
		"a time, read on from its position":       {idle, n(300), byTime, n(140), n(100), readOn},
		"a time, known only approximately":        {idle, n(2726), byTime, n(2727), n(301), elsewhere},
		"a time with an unknown position":         {idle, n(300), byTime, n(100), none, unproven},
		"a time, and nothing has moved":           {idle, n(300), byTime, n(300), n(100), unmoved},
		"online, read on from the target":         {online, n(300), n(100), n(140), none, atTarget},
		"online, read on as before":               {online, n(300), n(100), n(320), none, unmoved},
		"online, past a target ahead":             {online, n(300), n(400), n(420), none, atTarget},
		"online, not yet at a target ahead":       {online, n(300), n(400), n(320), none, unmoved},
		"online, gone back by a time":             {online, n(300), byTime, n(140), none, atTarget},
		"online, gone back instead of forward":    {online, n(300), n(400), n(140), none, elsewhere},
		"online, at the previous position":        {online, n(300), n(100), n(300), none, unmoved},
		"a cursor is compared only with a cursor": {idle, providers.AtCursor("MTAw"), providers.AtCursor("NTA="), n(50), none, elsewhere},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.placer.place(lock.Part{Before: c.before, After: c.after}, c.now, c.lands); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}
