// Package aliyunslsfake emulates Alibaba Cloud Log Service for tests, the sandbox and
// the demo: logstores with shards, cursors and consumer groups behind the service's
// HTTP API. It checks signatures as the vendor does, keeps real state, counts requests
// and fails on demand.
//
// It does not depend on resetplan: the vendor's SDKs can use it. The project is the
// first label of the Host header. It keeps no records, only when each log group was
// received; PullLogs and PutLogs are not served.
package aliyunslsfake

import (
	"fmt"
	"maps"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/resetplan/resetplan/providers/internal/inject"
)

// The accepted credentials. With SecurityToken the key is a temporary one;
// ExpiredToken has expired.
const (
	AccessKey     = "sandbox-ak"
	Secret        = "sandbox-sk"
	SecurityToken = "sandbox-token"
	ExpiredToken  = "sandbox-token-of-yesterday"
)

// What exists at the start.
const (
	Project  = "sandbox"
	Logstore = "access-log"
	Group    = "access-log-etl"
)

// Options describe a fake.
type Options struct {
	Now func() time.Time
	// Seconds makes the updateTime of checkpoints seconds, as the manual's text
	// describes it, instead of microseconds, as its examples show it.
	Seconds bool
}

// A Fake is a running service. It need not be closed; Close exists because every
// service has it.
type Fake struct {
	*inject.Front
	now     func() time.Time
	seconds bool

	requests atomic.Int64

	mu       sync.Mutex
	projects map[string]*project
	live     map[int]int64 // positions of an active consumer of Group by shard; nil = no consumer
	moving   bool          // a log group arrives with every request
	allowed  []string      // the RAM actions that the key may use, if limited
	limited  bool
	objects  bool // groups are listed in an object
}

// New returns a service with the project, the logstore and the group.
func New(o Options) (*Fake, error) {
	if o.Now == nil {
		return nil, fmt.Errorf("sls sandbox: Now is not set")
	}
	f := &Fake{now: o.Now, seconds: o.Seconds, projects: map[string]*project{}}
	f.seed()
	mux := f.routes()
	f.Front = inject.Before(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f.serve(mux, w, r) }), inject.Vendor{
		Action:    func(r *http.Request) (string, bool) { return action(mux, r) },
		Throttled: f.throttled,
		Failed: func(w http.ResponseWriter, _ *http.Request) {
			f.fail(w, &refusal{http.StatusInternalServerError, "InternalServerError", "internal server error, please try again later."})
		},
	})
	return f, nil
}

func (f *Fake) throttled(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		f.fail(w, &refusal{http.StatusForbidden, "ShardReadQuotaExceed", "shard read qps exceed quota limits"})
		return
	}
	f.fail(w, &refusal{http.StatusForbidden, "WriteQuotaExceed", "Project write quota exceed: qps"})
}

// Close does nothing.
func (f *Fake) Close() {}

// Faults are the names that Inject accepts, with what each does.
func Faults() map[string]string {
	all := inject.Faults()
	all["live"] = "a consumer of the group " + Group + " is active and commits over every reset"
	all["moving"] = "a log group arrives at every readwrite shard with each request"
	all["object-lists"] = "consumer groups are listed in an object, as the manual shows them, instead of an array"
	all["several"] = "there are also the logstore error-log with the group error-log-etl, and the group access-log-audit"
	all["vanish"] = "the readonly shard 2 has expired with its records"
	return all
}

// Inject makes the service fail in a named way from now on.
func (f *Fake) Inject(name string) error {
	switch name {
	case "live":
		f.locked(f.activate)
	case "moving":
		f.locked(func() { f.moving = true })
	case "object-lists":
		f.locked(func() { f.objects = true })
	case "several":
		f.locked(f.seedMore)
	case "vanish":
		f.Vanish(2)
	default:
		return f.Front.Inject(name)
	}
	return nil
}

// Deny removes all permissions of the key.
func (f *Fake) Deny() { f.Permit() }

// Permit limits the key to RAM actions, such as "log:ListShards".
func (f *Fake) Permit(actions ...string) { f.locked(func() { f.allowed, f.limited = actions, true }) }

func (f *Fake) locked(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do()
}

// Vanish removes a shard of Logstore, as expiry removes a readonly one. Its
// checkpoints stay.
func (f *Fake) Vanish(shard int) {
	f.locked(func() { delete(f.projects[Project].logstores[Logstore].shards, shard) })
}

// Expire removes all but the last n log groups of a shard of Logstore.
func (f *Fake) Expire(shard, n int) {
	f.locked(func() {
		s := f.projects[Project].logstores[Logstore].shards[shard]
		s.low = max(s.low, len(s.received)-n)
	})
}

// Recreate deletes and re-creates Logstore: with new shards, and with its groups
// without their checkpoints.
func (f *Fake) Recreate() {
	f.locked(func() {
		p := f.projects[Project]
		old := p.logstores[Logstore]
		p.logstores[Logstore] = f.newLogstore(time.Minute, 1)
		for name, g := range old.groups {
			p.logstores[Logstore].groups[name] = &group{timeout: g.timeout, points: map[int]point{}, beats: map[string]time.Time{}}
		}
	})
}

// Point is a checkpoint.
type Point struct {
	Cursor   string
	Consumer string
	Updated  time.Time
}

// Checkpoints returns the checkpoints of a group of Logstore, by shard.
func (f *Fake) Checkpoints(name string) map[int]Point {
	out := map[int]Point{}
	f.locked(func() {
		g := f.projects[Project].logstores[Logstore].groups[name]
		if g == nil {
			return
		}
		for n, p := range g.points {
			out[n] = Point{p.cursor, p.consumer, p.updated}
		}
	})
	return maps.Clone(out)
}

// Commit commits for a group of Logstore, as a consumer does, and creates the group if
// it does not exist. Place counts log groups from the shard's first; a negative place
// leaves the shard without a checkpoint.
func (f *Fake) Commit(name, consumer string, shard, place int, at time.Time) {
	f.locked(func() {
		l := f.projects[Project].logstores[Logstore]
		if l.groups[name] == nil {
			l.groups[name] = newGroup(60)
		}
		if place < 0 {
			delete(l.groups[name].points, shard)
			return
		}
		l.groups[name].points[shard] = point{cursor: cursorOf(l.shards[shard].base + int64(place)), consumer: consumer, updated: at}
	})
}
