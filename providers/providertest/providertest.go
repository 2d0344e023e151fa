// Package providertest is the conformance suite: it proves what a provider's
// capabilities claim, and shows that everything else is refused before anything is
// written.
//
// A provider's tests call Run with a Harness that starts its service. A new
// promise of the contract is first a case here.
package providertest

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// A Harness starts a provider's service for each case.
type Harness struct {
	Provider providers.Provider
	Start    func(t *testing.T) *Service
}

// A Service is a running service with a group that has committed on at least
// two parts of one topic, between their boundaries, and is as the provider
// needs for a reset. A nil function means that the service cannot do this; only then
// are the cases that need it left out.
type Service struct {
	Config   map[string]any // the provider's own keys
	Endpoint string         // the service's URL; "" = it is in Config
	Keeps    bool           // it reports and accepts metadata of a position (PartReading.Metadata)
	Env      providers.Process
	Target   map[string]any   // the group on that topic
	Spelled  []map[string]any // the same target, spelled differently
	Ways     []map[string]any // other keys of the provider that lead to the same service; for an Identifier
	Other    map[string]any   // another target, which does not overlap
	Unknown  []Unknown        // targets with names that do not exist
	Group    string           // the target's group as the service knows it; "" = it has none
	Donor    string           // another group with other positions on the same parts
	Within   time.Time        // a time between the records, after the first and before the last
	Secrets  []string         // what neither an error nor a command may contain

	Committed  func() map[providers.Part]providers.Position // the group's positions, read without the provider
	Writes     func() int                                   // requests that changed something, joined or sent heartbeats
	Disturb    func()                                       // brings the consumers into the state that a reset does not allow
	Silent     bool                                         // such a reset is answered with success, and ignored
	LoseAnswer func()                                       // the next reset takes effect and its answer is lost
	Throttle   func()                                       // resets are throttled
	Deny       func()                                       // nothing is permitted
	Recreate   func()                                       // the topic is deleted and re-created
	Block      func() (release func())                      // calls hang
	Hangs      func()                                       // returns when a call hangs; nil = it may not have left when it is cancelled
}

// Unknown is a target with a name that does not exist, and what that name is of.
type Unknown struct {
	Target map[string]any
	What   providers.NameKind
}

// Run proves a provider.
func Run(t *testing.T, h Harness) {
	t.Run("capabilities are constant and every restriction has a sentence", func(t *testing.T) { capabilities(t, h) })
	t.Run("a target has one address and overlaps itself", func(t *testing.T) { target(t, h) })
	t.Run("a target with an unknown key is refused", func(t *testing.T) { unknownKey(t, h) })
	t.Run("a target that is refused names its key", func(t *testing.T) { refusedTargets(t, h) })
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) { c.run(t, open(t, h)) })
	}
}

type testCase struct {
	name string
	run  func(*testing.T, *bench)
}

func cases() []testCase {
	return []testCase{
		{"a reading has no effect", readHasNoEffect},
		{"a reading answers every request in order", readInOrder},
		{"a reading reports what is claimed and no more", readsAsClaimed},
		{"names that do not exist are reported as missing", missing},
		{"parts are sorted and within their boundaries", boundaries},
		{"facts other than positions are read only on request", facts},
		{"a time, a boundary and another group are resolved", resolution},
		{"a reset moves the named parts and no other", resetMoves},
		{"a reset of the whole target moves every part", resetWhole},
		{"a reset to a position that the service resolves moves the named part and no other", resetNative},
		{"a time is bounded by the last consumed record", resetBounded},
		{"a time near an offset or another group leads there", resetNear},
		{"positions are written and read without loss", positionsAreKept},
		{"a reset to a position from a lock is the same reset", resetFromALock},
		{"metadata of a position is restored", resetKeeps},
		{"a commit can be removed and put back", resetUnset},
		{"a kind that cannot be moved is refused", resetUnsupported},
		{"consumers in the wrong state refuse a reset", resetDisturbed},
		{"a lost answer is in doubt and sent once", resetLost},
		{"a throttled reset has done nothing", resetThrottled},
		{"a reset that was cancelled before it was sent has done nothing", resetCancelled},
		{"a denial has the service's own code", denied},
		{"an address that the operator does not permit is not contacted", unpermitted},
		{"a re-created topic is not the same log", recreated},
		{"a call that is cancelled returns", cancelled},
		{"a connection can be used from several goroutines", concurrent},
		{"names are listed for each selector", lists},
		{"a target has one identity for every way to its service", identifies},
		{"sizes are reported without joining", sizes},
		{"what cannot be done is a value with a remedy", remedies},
		{"cursors of one part can be compared", cursors},
		{"a shift leads as far as it says", shifts},
		{"consumers are paused and started again", pauses},
		{"running consumers are observed", observes},
		{"a pause that was cancelled before it was sent has done nothing", pauseCancelled},
		{"a move is written as commands that hold no secret", scripts},
		{"a move that cannot be sent is not written as commands", scriptsRefused},
	}
}

// A bench is a connection to a fresh service.
type bench struct {
	*Service
	caps providers.Capabilities
	kind providers.Provider
	conn providers.Connection
	goal providers.Target
}

func open(t *testing.T, h Harness) *bench {
	t.Helper()
	s := h.Start(t)
	b := &bench{Service: s, kind: h.Provider, caps: h.Provider.Capabilities()}
	var err error
	if b.conn, err = h.Provider.Connect(s.config(), s.Env); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.conn.Close(); err != nil {
			t.Error(err)
		}
	})
	b.goal = b.target(t, s.Target)
	return b
}

func (s *Service) config() providers.Config {
	return providers.Config{Name: "under-test", Decode: Keys(s.Config), Endpoint: s.Endpoint, Timeout: 10 * time.Second, RateLimit: 1000}
}

// Keys gives a value as a document gives keys: into a struct with JSON tags,
// in which an unknown key is an error.
func Keys(v any) func(into any) error {
	return func(into any) error {
		raw, err := json.Marshal(v)
		if err != nil {
			return err
		}
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		return d.Decode(into)
	}
}

func (b *bench) target(t *testing.T, v map[string]any) providers.Target {
	t.Helper()
	goal, err := b.kind.Target(b.config(), Keys(v))
	if err != nil {
		t.Fatal(err)
	}
	return goal
}

// read reads the goal and fails the test on an error.
func (b *bench) read(t *testing.T, resolve ...providers.Position) providers.Snapshot {
	t.Helper()
	s := b.conn.Read(t.Context(), []providers.ReadRequest{{Target: b.goal, Resolve: resolve}})
	if len(s) != 1 || s[0].Err != nil {
		t.Fatalf("read: %+v", s)
	}
	return s[0]
}

// reset moves the goal and fails the test on an error.
func (b *bench) reset(t *testing.T, to ...providers.PartMove) {
	t.Helper()
	receipt, err := b.conn.Reset(t.Context(), providers.Move{Target: b.goal, To: to})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range receipt.Parts {
		if p.Err != nil {
			t.Fatal(p.Err)
		}
	}
}

// needs skips a case that the service does not support.
func needs(t *testing.T, can bool, what string) {
	t.Helper()
	if !can {
		t.Skipf("its capabilities or its service exclude it: %s", what)
	}
}

func capabilities(t *testing.T, h Harness) {
	first, err := json.Marshal(h.Provider.Capabilities())
	if err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(h.Provider.Capabilities())
	if err != nil || !bytes.Equal(first, again) {
		t.Error("two calls return different values")
	}
	for word, note := range h.Provider.Capabilities().Notes {
		if note.Fact == "" || len(strings.Fields(note.String())) < 4 {
			t.Errorf("%q is explained by %q, which is not a sentence", word, note)
		}
	}
}

// oneLine fails the test if an error's text has several lines or contains a
// secret.
func (b *bench) oneLine(t *testing.T, err error) {
	t.Helper()
	if strings.ContainsAny(err.Error(), "\n\r") {
		t.Errorf("the error has several lines: %q", err)
	}
	for _, secret := range b.Secrets {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error contains a secret: %q", err)
		}
	}
}
