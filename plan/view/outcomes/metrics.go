package outcomes

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/view"
)

// MetricsHead is how a file of metrics begins.
const MetricsHead = "# HELP resetplan_"

// A label is a name and a value of a sample.
type label struct{ name, value string }

// Metrics returns the report in the text format of OpenMetrics. Only gauges without
// timestamps are in it, so that collectors of the older Prometheus format, such as
// node_exporter's, read it too. record is the lock; nil if it cannot be read.
func (r *Report) Metrics(record *lock.File) []byte {
	m := &metrics{own: []label{{"plan", r.Plan}, {"run", r.Run}}}
	m.family("run_outcome", "Whether the newest apply or rollback ended with this outcome.")
	for _, o := range []string{string(lock.RunApplied), Failed, InDoubt, Stopped, string(lock.RunUndone), Refused} {
		is := 0.0
		if o == r.Outcome {
			is = 1
		}
		m.sample("run_outcome", is, label{"outcome", o})
	}
	m.family("run_finished_timestamp_seconds", "When it ended.")
	m.sample("run_finished_timestamp_seconds", seconds(r.Finished))
	m.family("run_duration_seconds", "How long it took, waiting and confirmation included.")
	m.sample("run_duration_seconds", r.Finished.Sub(r.Started).Seconds())
	if len(r.Steps) > 0 {
		var all []lock.Outcome
		for _, s := range r.Steps {
			all = append(all, s.Outcome)
		}
		m.family("run_steps", "Steps by their recorded outcome.")
		for _, c := range view.CountOutcomes(all) {
			m.sample("run_steps", float64(c.Steps), label{"outcome", string(c.Outcome)})
		}
	}
	m.family("run_partitions", "Partitions that it moved.")
	m.sample("run_partitions", float64(r.Moved.Partitions))
	m.family("run_unknown_partitions", "Partitions that it moved with an unknown effect, removed commits included.")
	m.sample("run_unknown_partitions", float64(r.Moved.Unknown+r.Moved.Removed))
	m.family("run_records", "Records that its moves deliver again or skip; an upper bound on services that count positions.")
	for _, a := range r.Moved.Amounts() {
		m.sample("run_records", float64(a.Replay), label{"effect", "replay"}, label{"unit", a.Unit})
		m.sample("run_records", float64(a.Skip), label{"effect", "skip"}, label{"unit", a.Unit})
	}
	m.successes(r, record)
	m.out.WriteString("# EOF\n")
	return []byte(m.out.String())
}

// successes adds when this run, and any run of the plan, was last applied as a whole.
func (m *metrics) successes(r *Report, record *lock.File) {
	if record == nil {
		return
	}
	var latest time.Time
	for key, run := range record.Runs {
		if run.Outcome != lock.RunApplied || run.Finished == nil {
			continue
		}
		at := run.Finished.Time
		if at.After(latest) {
			latest = at
		}
		if key == r.Run {
			m.family("run_last_success_timestamp_seconds", "When this run was last applied as a whole, from the lock.")
			m.sample("run_last_success_timestamp_seconds", seconds(at))
		}
	}
	if !latest.IsZero() {
		m.family("last_success_timestamp_seconds", "When any run of the plan was last applied as a whole, from the lock.")
		m.own = m.own[:1]
		m.sample("last_success_timestamp_seconds", seconds(latest))
	}
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

type metrics struct {
	own []label
	out strings.Builder
}

func (m *metrics) family(name, help string) {
	fmt.Fprintf(&m.out, "# HELP resetplan_%s %s\n# TYPE resetplan_%s gauge\n", name, help, name)
}

var labelValue = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func (m *metrics) sample(name string, value float64, more ...label) {
	var labels []string
	for _, l := range append(m.own[:len(m.own):len(m.own)], more...) {
		labels = append(labels, l.name+`="`+labelValue.Replace(strings.ToValidUTF8(l.value, "\ufffd"))+`"`)
	}
	fmt.Fprintf(&m.out, "resetplan_%s{%s} %s\n", name, strings.Join(labels, ","), strconv.FormatFloat(value, 'f', -1, 64))
}
