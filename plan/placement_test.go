package plan

import (
	"testing"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
)

func TestMeasure(t *testing.T) {
	n := providers.AtOffset
	none := providers.Position{}
	byTime := providers.AtTime(now)
	idle, online := ruler{needs: providers.Idle}, ruler{needs: providers.Active}
	for name, c := range map[string]struct {
		ruler              ruler
		before, after, now providers.Position
		lands              providers.Position
		want               found
	}{
		"at the target":             {idle, n(300), n(100), n(100), none, atTarget},
		"where it stood":            {idle, n(300), n(100), n(300), none, unmoved},
		"somewhere else":            {idle, n(300), n(100), n(140), none, elsewhere},
		"past an end that moves":    {ruler{providers.Idle, true}, n(300), n(500), n(510), none, atTarget},
		"past an end that does not": {idle, n(300), n(500), n(510), none, elsewhere},
		"removed":                   {idle, n(300), providers.At(providers.Unset), providers.At(providers.Unset), none, atTarget},
		"not removed":               {idle, n(300), providers.At(providers.Unset), n(10), none, elsewhere},
		"a time, where the service said it leads":  {idle, n(300), byTime, n(100), n(100), atTarget},
		"a time, elsewhere than was said":          {idle, n(300), byTime, n(140), n(100), unproven},
		"a time of which nothing was said":         {idle, n(300), byTime, n(100), none, unproven},
		"a time, and nothing has moved":            {idle, n(300), byTime, n(300), n(100), unmoved},
		"online, read on from the target":          {online, n(300), n(100), n(140), none, atTarget},
		"online, read on as before":                {online, n(300), n(100), n(320), none, unmoved},
		"online, past a target ahead":              {online, n(300), n(400), n(420), none, atTarget},
		"online, not yet at a target ahead":        {online, n(300), n(400), n(320), none, unmoved},
		"online, gone back by a time":              {online, n(300), byTime, n(140), none, atTarget},
		"online, gone back where it was to go on":  {online, n(300), n(400), n(140), none, elsewhere},
		"online, where it stood":                   {online, n(300), n(100), n(300), none, unmoved},
		"a cursor is compared with a cursor alone": {idle, providers.AtCursor("MTAw"), providers.AtCursor("NTA="), n(50), none, elsewhere},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.ruler.measure(lock.Part{Before: c.before, After: c.after}, c.now, c.lands); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}
