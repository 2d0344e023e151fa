package providertest

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// Answers describe a service to FuzzAnswers: how it is reached and what it
// answers when all is well.
type Answers struct {
	Provider providers.Provider
	Config   map[string]any
	Target   map[string]any
	Env      map[string]string // the credentials; every value is a secret
	Resolve  []providers.Position
	Move     providers.PartMove
	Good     func(*http.Request) string // the body of a good answer
	// Sums is set if the provider adds two numbers of an answer, such as an
	// offset and a lag.
	Sums bool
}

// Changes are the ways in which FuzzAnswers changes an answer.
const (
	changeBody    = iota // the answer is the text
	changeRemove         // a key is removed
	changeValue          // a value is replaced by the text
	changeUnknown        // an object has one more key, which no provider knows
	changes
)

// Sent is replaced, in a text, by everything that the request carried.
const Sent = "§"

// FuzzAnswers gives a provider's decoders arbitrary answers over its real
// client. The provider does not panic, reports no number that no answer has, and
// shows no credential that an answer repeats. A key that it does not know
// changes nothing.
func FuzzAnswers(f *testing.F, a Answers) {
	d := &doctored{Answers: a}
	d.server = httptest.NewServer(d)
	f.Cleanup(d.server.Close)
	for request := range uint8(8) {
		for change := range uint8(changes) {
			for i, text := range oddTexts {
				f.Add(request, request+uint8(i), change, uint16(200+100*(i%4)), "text/"+Sent, text)
			}
		}
		f.Add(request, uint8(0), uint8(changeBody), uint16(403), Sent, `{"Code": "Denied", "Message": "`+Sent+`", "code": 1, "msg": "`+Sent+`"}`)
		f.Add(request, uint8(0), uint8(changeBody), uint16(302), "https://"+Sent+".example/"+Sent, "")
	}
	good := d.run(f, script{})
	if good.snapshot.Err != nil || len(good.snapshot.Parts) == 0 && len(good.snapshot.Notes) == 0 {
		f.Fatalf("a good answer is read as %+v", good.snapshot)
	}
	f.Fuzz(func(t *testing.T, request, node, change uint8, status uint16, header, text string) {
		s := script{request: int(request%16) + 1, node: int(node), change: int(change % changes), status: int(status), header: header, text: text}
		got := d.run(t, s)
		got.noSecret(t)
		got.onlyNumbersOfAnswers(t, d.Sums)
		switch s.change {
		case changeUnknown:
			if shown := fmt.Sprintf("%+v", got.snapshot); shown != fmt.Sprintf("%+v", good.snapshot) {
				t.Errorf("an unknown key makes the reading %s\nwithout it: %+v\nanswers: %q", shown, good.snapshot, got.bodies)
			}
		case changeRemove:
			got.nothingNew(t, good)
		}
	})
}

// oddTexts are values that answers hold where others belong.
var oddTexts = []string{`"` + Sent + `"`, `9223372036854775807`, `99999999999999999999999`, `-9223372036854775808`, `null`, `{}`, `[]`,
	`""`, `1.5`, `[[{"a": "` + Sent + `"}]]`, `"12"`, `true`, "\xff\x00", Sent, `[{"` + Sent + `": 1}]`, `1e400`}

// A script says how one answer of many differs from a good one.
type script struct {
	request      int // the number of the request; 0 = none
	node         int // which of the nodes of the answer
	change       int
	status       int
	header, text string
}

// doctored is a service whose answers are changed by a script.
type doctored struct {
	Answers
	server *httptest.Server

	mu  sync.Mutex
	now script
	out *outcome
}

// An outcome is what a provider made of the answers.
type outcome struct {
	snapshot providers.Snapshot
	shown    string // all that a person or a file may be shown
	bodies   []string
	secrets  map[string]bool
	sent     int
}

var signed = regexp.MustCompile(`(?:Signature=|LOG [^:]*:|^)([^\s,]{16,})$`)

// carried notes what a request carries that is as good as a secret, and returns
// the request as a text.
func (o *outcome) carried(r *http.Request) string {
	for name, values := range r.URL.Query() {
		if name == "Signature" || name == "SecurityToken" {
			o.secrets[values[0]] = true
		}
	}
	for _, name := range []string{"Authorization", "Apim-Signature", "Apim-Accesstoken", "X-Security-Token", "X-Acs-Security-Token"} {
		if m := signed.FindStringSubmatch(r.Header.Get(name)); m != nil {
			o.secrets[m[1]] = true
		}
	}
	var text strings.Builder
	text.WriteString(r.URL.RawQuery)
	for _, name := range slices.Sorted(maps.Keys(r.URL.Query())) {
		text.WriteString(" " + r.URL.Query().Get(name))
	}
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		text.WriteString(" " + name + ": " + r.Header.Get(name))
	}
	body, _ := io.ReadAll(r.Body)
	return text.String() + " " + string(body)
}

func (d *doctored) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	body := d.Good(r)
	sent := d.out.carried(r)
	for _, secret := range d.Env {
		sent += " " + secret
	}
	d.out.sent++
	w.Header().Set("Date", "Fri, 20 Nov 2026 03:00:00 GMT")
	status := http.StatusOK
	if d.out.sent == d.now.request {
		body = changed(body, d.now, sent)
		if d.now.change == changeBody {
			status = 200 + d.now.status%400
			for _, name := range []string{"X-Request-Id", "X-Acs-Request-Id", "X-Log-Requestid", "Content-Type", "Location"} {
				w.Header().Set(name, strings.Map(printable, strings.ReplaceAll(d.now.header, Sent, sent)))
			}
		}
	}
	d.out.bodies = append(d.out.bodies, body)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

func printable(r rune) rune {
	if r < ' ' || r > '~' {
		return ' '
	}
	return r
}

// run lets a fresh connection do all that it can.
func (d *doctored) run(t testing.TB, s script) *outcome {
	t.Helper()
	var log bytes.Buffer
	hidden := &providers.Secrets{}
	env := providers.Process{Getenv: func(name string) string { return d.Env[name] }, Now: func() time.Time {
		return time.Date(2026, 11, 20, 3,
			0, 0, 0, time.UTC)
	},
		Secrets: hidden, Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	o := &outcome{secrets: map[string]bool{}}
	for _, v := range d.Env {
		o.secrets[v] = true
	}
	d.mu.Lock()
	d.now, d.out = s, o
	d.mu.Unlock()
	c := providers.Config{Name: "fuzzed", Decode: Keys(d.Config), Endpoint: d.server.URL, Timeout: 5 * time.Second, RateLimit: 1e9}
	conn, err := d.Provider.Connect(c, env)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // what was read counts
	goal, err := d.Provider.Target(c, Keys(d.Target))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	o.snapshot = conn.Read(ctx, []providers.ReadRequest{{Target: goal, Resolve: d.Resolve, Bytes: true, LowTime: true}})[0]
	hidden.HideSnapshot(&o.snapshot) // as the core does
	o.shown = fmt.Sprintf("%+v", o.snapshot)
	if s.change != changeUnknown && s.change != changeRemove {
		o.shown += d.rest(ctx, conn, goal, hidden)
	}
	o.shown += log.String()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.out = &outcome{secrets: map[string]bool{}} // of requests that come late
	return o
}

// rest calls what else a connection has, and returns the answers.
func (d *doctored) rest(ctx context.Context, conn providers.Connection, goal providers.Target, hidden *providers.Secrets) string {
	move := providers.Move{Target: goal, To: []providers.PartMove{d.Move}}
	receipt, err := conn.Reset(ctx, move)
	hidden.HideReceipt(&receipt)
	shown := fmt.Sprintf("%+v %v", receipt, hidden.HideError(err))
	for _, one := range d.Provider.Capabilities().Selects {
		_, err := conn.(providers.Lister).Names(ctx, one.One, within(d.Provider.Capabilities(), one, d.Target))
		shown += fmt.Sprint(hidden.HideError(err))
	}
	if sizer, ok := conn.(providers.Sizer); ok {
		for _, size := range sizer.Size(ctx, []providers.SizeRequest{{Move: move, Oldest: true, Retention: true}}) {
			shown += fmt.Sprint(hidden.HideError(size.Err))
		}
	}
	if pauser, ok := conn.(providers.Pauser); ok {
		brief, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
		defer cancel()
		shown += fmt.Sprint(hidden.HideError(pauser.Pause(brief, goal)), hidden.HideError(pauser.Start(brief, goal, nil)))
	}
	return shown
}

// noSecret fails if a secret is shown in any form.
func (o *outcome) noSecret(t *testing.T) {
	t.Helper()
	for secret := range o.secrets {
		b := []byte(secret)
		for _, form := range []string{secret, url.QueryEscape(secret), url.QueryEscape(url.QueryEscape(secret)), url.PathEscape(secret),
			hex.EncodeToString(b), base64.StdEncoding.EncodeToString(b)} {
			if at := strings.Index(o.shown, form); len(form) >= 8 && at >= 0 {
				t.Errorf("a credential is shown: …%q…", o.shown[max(0, at-150):min(len(o.shown), at+len(form)+50)])
				break
			}
		}
	}
}
