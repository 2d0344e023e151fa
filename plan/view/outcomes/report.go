// Package outcomes renders the outcome of an apply or a rollback for other programs:
// as the JSON of a notification, and as metrics.
//
// The invariant: what a report counts as moved was accepted by the service. A figure
// that is unknown is absent. The package sends nothing and computes no position.
package outcomes

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
)

// The outcomes of a command that recorded no run; the others are those of a run.
const (
	Failed  = string(lock.RunFailed)
	Refused = "refused" // nothing was sent
	InDoubt = string(lock.RunInDoubt)
	Stopped = string(lock.RunInterrupted)
)

// A Report is the outcome of one apply or rollback.
type Report struct {
	Text     string       `json:"text"` // one sentence for people, in Slack's markup
	Plan     string       `json:"plan"`
	Run      string       `json:"run"`
	Undo     bool         `json:"undo,omitempty"`
	Outcome  string       `json:"outcome"`
	Idle     bool         `json:"nothingToDo,omitempty"` // every step had been applied before
	Digest   string       `json:"digest,omitempty"`
	By       string       `json:"by"`
	Lock     string       `json:"lock,omitempty"`
	Started  time.Time    `json:"started"`
	Finished time.Time    `json:"finished"`
	Moved    plan.Summary `json:"moved"` // what the service accepted in this command
	Steps    []Step       `json:"steps,omitempty"`
	Error    string       `json:"error,omitempty"`
}

// A Step is the outcome of one step.
type Step struct {
	ID      string       `json:"id"`
	Address string       `json:"address,omitempty"`
	Outcome lock.Outcome `json:"outcome"`
	Why     string       `json:"why,omitempty"`
	Moves   string       `json:"-"` // what the service accepted in this command, as text
}

// Fill adds what is known of the plan and of the result; both may be nil.
func (r *Report) Fill(p *plan.Plan, result *reconcile.Result) {
	r.Moved.Bound = plan.BoundExact
	if p != nil {
		r.Digest, r.Undo = p.Digest, p.Undo
	}
	if result == nil {
		r.Text = r.sentence()
		return
	}
	r.Lock, r.Idle, r.Undo = result.Lock, result.Idle, result.Undo
	moved := map[string]bool{}
	for _, s := range result.Steps {
		one := Step{ID: s.ID, Address: s.Address, Outcome: s.Outcome, Why: decide.RecordText(&s)}
		if result.Undo && s.Undo != nil && one.Outcome != lock.Undone {
			one.Outcome, one.Why = s.Undo.Outcome, s.Undo.Why
		}
		moved[s.ID] = one.Outcome == lock.Verified || one.Outcome == lock.Applied || one.Outcome == lock.Undone
		if of, ok := result.Moved[s.ID]; ok {
			one.Moves = of.Moves()
		}
		r.Steps = append(r.Steps, one)
	}
	if p != nil && !r.Idle {
		r.Moved = plan.Summarise(only(p.Steps, moved))
	}
	r.Text = r.sentence()
}

// only returns the steps that this command sent and the service accepted.
func only(steps []plan.Step, moved map[string]bool) (out []plan.Step) {
	for _, s := range steps {
		if s.Action == plan.Reset && moved[s.ID] {
			out = append(out, s)
		}
	}
	return out
}

// slack escapes what Slack reads as markup, a mention or a link.
var slack = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// sentence describes the outcome in one paragraph.
func (r *Report) sentence() string {
	var out strings.Builder
	fmt.Fprintf(&out, "resetplan: %s%s, run %s: %s by %s.", text.Safe(r.Plan), map[bool]string{true: " (rollback)"}[r.Undo], text.Safe(r.Run), r.Outcome,
		text.Safe(r.By))
	switch {
	case r.Idle:
		out.WriteString(" Nothing to do: every step had been applied before.")
	case r.Moved.Reset > 0:
		fmt.Fprintf(&out, " %s on %s: %s.", text.Plural(r.Moved.Reset, "step"), text.Plural(r.Moved.Partitions, "partition"), r.Moved.Effects())
	}
	if outcomes := r.Outcomes(); outcomes != "" && r.Outcome != string(lock.RunApplied) {
		fmt.Fprintf(&out, " Steps: %s.", outcomes)
	}
	if r.Error != "" {
		fmt.Fprintf(&out, " %s", text.Sentence(text.Safe(shortened(r.Error))))
	}
	if r.Lock != "" {
		fmt.Fprintf(&out, " Lock: %s", text.Safe(r.Lock))
	}
	return slack.Replace(out.String())
}

// Outcomes counts the steps by outcome: "2 verified, 1 failed".
func (r *Report) Outcomes() string {
	var all []lock.Outcome
	for _, s := range r.Steps {
		all = append(all, s.Outcome)
	}
	var out []string
	for _, c := range view.CountOutcomes(all) {
		out = append(out, fmt.Sprintf("%s %s", text.Grouped(int64(c.Steps)), c.Outcome))
	}
	return strings.Join(out, ", ")
}

// shortened limits an error to a readable length, on one line.
func shortened(s string) string {
	const most = 1000
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// mostSteps is how many steps a notification lists, so that receivers accept it.
const mostSteps = 200

// JSON returns the body of a notification.
func (r *Report) JSON() ([]byte, error) {
	shown := *r
	shown.Error = shortened(r.Error)
	if len(shown.Steps) > mostSteps {
		shown.Steps = shown.Steps[:mostSteps]
	}
	var out bytes.Buffer
	err := view.JSON(&out, shown)
	return out.Bytes(), err
}
