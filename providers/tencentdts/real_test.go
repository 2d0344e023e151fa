package tencentdts_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/providertest"
	"github.com/resetplan/resetplan/providers/tencentdts"
	"github.com/resetplan/resetplan/providers/tencentdts/tencentdtsfake"
)

// A sample is an answer in testdata/real, and what a read makes of it.
type sample struct {
	providertest.Provenance
	// Answers are the values of Response by action; DescribeOffsetByTime has "oldest",
	// "newest" and "a time".
	Answers map[string]json.RawMessage
	Want    struct {
		Kind, Code      string // of the error; "" = none
		Says            []string
		State, Activity string
		Parts           []string // part, low, high, committed, and from where to where the time leads
		Notes           []string
	}
}

// TestRealAnswers reads every sample. The target names no topic: the service reports it.
func TestRealAnswers(t *testing.T) {
	for name, s := range providertest.Samples[sample](t, 16) {
		t.Run(name, func(t *testing.T) {
			at := providers.AtTime(time.Now().Add(-time.Hour))
			s.compare(t, s.read(t, at), at)
		})
	}
}

// read serves a sample's answers and reads the audit group.
func (s sample) read(t *testing.T, at providers.Position) providers.Snapshot {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		name := r.Header.Get("X-TC-Action")
		if name == "DescribeOffsetByTime" {
			var asked struct{ Time string }
			_ = json.Unmarshal(body, &asked)
			when, _ := time.ParseInLocation(time.DateTime, asked.Time, time.FixedZone("UTC+8", 8*60*60))
			switch name = "a time"; {
			case asked.Time == "":
				name = "oldest"
			case when.After(time.Now()):
				name = "newest"
			}
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"Response": ` + string(s.Answers[name]) + `}`))
	}))
	defer server.Close()
	target, err := tencentdts.New().Target(providers.Config{Decode: providertest.Keys(config())},
		providertest.Keys(map[string]any{"group": tencentdtsfake.SeedGroup}))
	check(t, err)
	return connect(t, server.URL, environment()).Read(t.Context(), []providers.ReadRequest{{Target: target, Resolve: []providers.Position{at}}})[0]
}

var kindsByName = map[string]error{"invalid": providers.ErrInvalid, "denied": providers.ErrDenied, "throttled": providers.ErrThrottled}

func (s sample) compare(t *testing.T, got providers.Snapshot, at providers.Position) {
	t.Helper()
	if s.Want.Kind != "" {
		var e *providers.Error
		if !errors.As(got.Err, &e) || !errors.Is(got.Err, kindsByName[s.Want.Kind]) || e.Code != s.Want.Code || e.RequestID == "" {
			t.Errorf("got %v, want one of kind %q and code %s with a request id", got.Err, s.Want.Kind, s.Want.Code)
		}
		for _, text := range s.Want.Says {
			if !strings.Contains(got.Err.Error(), text) {
				t.Errorf("%q is not in %v", text, got.Err)
			}
		}
		return
	}
	states := map[string]providers.GroupState{"blank": providers.Blank, "committed": providers.Committed}
	if got.Err != nil || got.GroupState != states[s.Want.State] || got.Activity.State.String() != s.Want.Activity || len(got.Missing) > 0 {
		t.Errorf("got %+v", got)
	}
	var parts []string
	for _, p := range got.Parts {
		leads := p.Resolution(at)
		words := []string{p.Part.String(), p.Low.String(), p.High.String(), p.Committed.String(), leads.Found.String()}
		if !leads.UpTo.IsZero() {
			words = append(words, "to", leads.UpTo.String())
		}
		parts = append(parts, strings.Join(words, " "))
	}
	if !slices.Equal(parts, s.Want.Parts) {
		t.Errorf("got  %q\nwant %q", parts, s.Want.Parts)
	}
	for _, note := range s.Want.Notes {
		if !slices.Contains(got.Notes, note) {
			t.Errorf("%q is not in %q", note, got.Notes)
		}
	}
}
