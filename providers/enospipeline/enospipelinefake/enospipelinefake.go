// Package enospipelinefake is EnOS's stream processing service behind its API
// gateway for tests, the sandbox and the demo: an http.Handler with the token
// service, the signature and the states of pipelines as in the manual
// (https://support.enos-iot.com/docs/stream-processing-api/en/2.4.4/overview.html).
//
// It holds pipelines that read a Kafka topic with partitions, so that a reset
// has an effect that can be inspected; the API reports no more of it than EnOS
// does. What the manual leaves open is decided here and marked as invented. The
// package does not depend on resetplan.
package enospipelinefake

import (
	"fmt"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/resetplan/resetplan/providers/internal/inject"
)

// The application that the gateway accepts, and the seed data.
const (
	AccessKey = "sandbox-ak" // its appKey
	Secret    = "sandbox-sk" // its appSecret
	Org       = "o15sandbox" // the only organisation that it may use
	Pipeline  = "sandbox-pipeline"
	Running   = "sandbox-running"

	PipelineName = "hourly-averages"
	RunningName  = "hourly-alerts"
)

// Options are the choices that the manual or its samples leave open.
type Options struct {
	Now           func() time.Time
	TokenLife     time.Duration // 0 = the documented two hours
	Slow          int           // how many lists still show the old status after a change
	MostPerPage   int           // the largest page, whatever is requested; 0 = as requested
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
		// Invented: the manual documents no rate and no answer to exceeding it.
		Throttled: func(w http.ResponseWriter, _ *http.Request) {
			f.locked(func() { f.answer(w, http.StatusTooManyRequests, 429, "Too many requests.", nil) })
		},
		Failed: func(w http.ResponseWriter, _ *http.Request) {
			f.locked(func() { f.answer(w, http.StatusOK, 99000, "Internal Server Error.", nil) })
		},
	})
	f.Add(Pipeline, Paused)
	f.Add(Running, Started)
	f.Rename(Pipeline, PipelineName)
	f.Rename(Running, RunningName)
	return f, nil
}

// Close frees nothing: the service holds no connection of its own.
func (f *Fake) Close() {}

// Faults are the names that Inject accepts, with what each does.
func Faults() map[string]string {
	all := inject.Faults()
	maps.Copy(all, map[string]string{
		"running":     "the pipeline " + Pipeline + " is running",
		"published":   "the pipeline " + Pipeline + " was released and never started",
		"start-fails": "every start is refused because resources are missing",
	})
	return all
}

// Inject makes the service fail in one of the ways of Faults from now on.
func (f *Fake) Inject(name string) error {
	switch name {
	case "running":
		f.Set(Pipeline, Started)
	case "published":
		f.Set(Pipeline, Published)
	case "start-fails":
		f.locked(func() { f.startFail = true })
	default:
		return f.Front.Inject(name)
	}
	return nil
}

// Revoke removes the application's permission for its organisation.
func (f *Fake) Revoke() { f.locked(func() { f.revoked = true }) }

// Expire expires the current token.
func (f *Fake) Expire() { f.locked(func() { f.tokens.ends = time.Time{} }) }

func (f *Fake) locked(how func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	how()
}
