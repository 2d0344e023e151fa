// Package enospipelinefake is EnOS's stream processing service behind its API
// gateway for tests, the sandbox and the demo: an http.Handler with the token
// service, the signature and the pipelines' life of the manual
// (https://support.enos-iot.com/docs/stream-processing-api/en/2.4.4/overview.html).
//
// It holds pipelines that read a Kafka topic with partitions, so that a reset
// has an effect which can be looked at from outside; the API tells of that no
// more than EnOS does. What the manual leaves open is decided here and marked
// as invented. Nothing in it knows of resetplan.
package enospipelinefake

import (
	"fmt"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/resetplan/resetplan/providers/internal/inject"
)

// The application that the gateway knows, and what Seed data there is.
const (
	AccessKey = "sandbox-ak" // its appKey
	Secret    = "sandbox-sk" // its appSecret
	Org       = "o15sandbox" // the only organisation that it may ask about
	Pipeline  = "sandbox-pipeline"
	Running   = "sandbox-running"
)

// Options say how the service behaves where the manual or its samples leave
// it open.
type Options struct {
	Now           func() time.Time
	TokenLife     time.Duration // 0 = the documented two hours
	Slow          int           // so many lists still show the old status after an order
	MostPerPage   int           // a page holds no more, whatever is asked for; 0 = as asked
	NumbersAsText bool          // figures are strings, as the tables have them, not numbers, as the samples do
	OneReading    bool          // lagAndOffset is one object, not a list
	AsInSamples   bool          // a success without data has no data and ends in a comma
}

// Fake is the service.
type Fake struct {
	*inject.Front
	options Options

	mu        sync.Mutex
	tokens    tokens
	pipelines map[string]*pipeline // by id
	requests  int
	revoked   bool
	startFail bool
}

// New returns the service with its seed data: a paused and a running
// pipeline, which read the same topic.
func New(o Options) (*Fake, error) {
	if o.Now == nil {
		return nil, fmt.Errorf("enos sandbox: it has no clock")
	}
	if o.TokenLife == 0 {
		o.TokenLife = 2 * time.Hour
	}
	f := &Fake{options: o, pipelines: map[string]*pipeline{}, tokens: tokens{seen: map[string]bool{}}}
	f.Front = inject.Before(f.routes(), inject.Vendor{
		Action: action,
		// Invented: the manual documents no rate and no answer to breaking it.
		Throttled: func(w http.ResponseWriter, _ *http.Request) {
			f.locked(func() { f.answer(w, http.StatusTooManyRequests, 429, "Too many requests.", nil) })
		},
		Failed: func(w http.ResponseWriter, _ *http.Request) {
			f.locked(func() { f.answer(w, http.StatusOK, 99000, "Internal Server Error.", nil) })
		},
	})
	f.Add(Pipeline, Paused)
	f.Add(Running, Started)
	return f, nil
}

// Close frees nothing: the service holds no connection of its own.
func (f *Fake) Close() {}

// Faults are the names that Inject takes, with what each does.
func Faults() map[string]string {
	all := inject.Faults()
	maps.Copy(all, map[string]string{
		"running":     "the pipeline " + Pipeline + " runs",
		"start-fails": "every start is refused for want of resources",
	})
	return all
}

// Inject makes the service fail in one of the ways of Faults from now on.
func (f *Fake) Inject(name string) error {
	switch name {
	case "running":
		f.Set(Pipeline, Started)
	case "start-fails":
		f.locked(func() { f.startFail = true })
	default:
		return f.Front.Inject(name)
	}
	return nil
}

// Revoke takes from the application the right to ask about its organisation.
func (f *Fake) Revoke() { f.locked(func() { f.revoked = true }) }

// Expire ends the token that is given out.
func (f *Fake) Expire() { f.locked(func() { f.tokens.ends = time.Time{} }) }

func (f *Fake) locked(how func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	how()
}
