package lock

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"
	"time"

	"github.com/resetplan/resetplan/schema"
)

// A journal is lines of a checksum in eight hexadecimal digits, a space and a
// JSON value. The first is the header, the others are records.

// header is the journal's first line: whose it is.
type header struct {
	Version int       `json:"version"`
	Plan    string    `json:"plan"`
	Holder  string    `json:"holder"` // user@host (pid N)
	Since   time.Time `json:"since"`
}

// A record is one addition: the begin of a run, a step's state or a run's
// end. Exactly one of them is set besides Run.
type record struct {
	Run   string `json:"run"`
	Begin *Run   `json:"begin,omitempty"`
	Step  *Step  `json:"step,omitempty"`
	End   *end   `json:"end,omitempty"`
}

type end struct {
	Outcome RunOutcome `json:"outcome"`
	At      time.Time  `json:"at"`
}

func line(v any) ([]byte, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	return fmt.Appendf(nil, "%08x %s\n", crc32.ChecksumIEEE(raw), raw), nil
}

// parseJournal reads a journal's lines. A last line that is torn is left out: it was never synced, so what
// it announces never left. A bad line before the last is a fault.
func parseJournal(name string, raw []byte) (header, []record, error) {
	var h header
	var records []record
	whole := 0
	raw = bytes.TrimRight(raw, "\x00") // room that was reserved and not used
	for n := 1; whole < len(raw); n++ {
		at := bytes.IndexByte(raw[whole:], '\n')
		if at < 0 {
			break
		}
		body, ok := checked(raw[whole : whole+at])
		last := whole+at+1 == len(raw)
		if !ok && last {
			break
		}
		var into any = &h
		if n > 1 {
			records = append(records, record{})
			into = &records[len(records)-1]
		}
		if !ok || json.Unmarshal(body, into) != nil {
			return h, nil, schema.Faults{{File: name, Line: n, Column: 1, Reason: "this line of the journal is damaged",
				Remedy: "what it recorded is lost: compare the group's positions with the lines around it, then remove the line"}}
		}
		whole += at + 1
	}
	if h.Version > Version {
		return h, nil, schema.Faults{{File: name, Line: 1, Column: 1, Reason: fmt.Sprintf("this journal is of version %d, and this resetplan reads version %d", h.Version, Version),
			Remedy: "use the resetplan that wrote it"}}
	}
	return h, records, nil
}

func checked(l []byte) ([]byte, bool) {
	if len(l) < 10 || l[8] != ' ' {
		return nil, false
	}
	sum, err := strconv.ParseUint(string(l[:8]), 16, 32)
	return l[9:], err == nil && uint32(sum) == crc32.ChecksumIEEE(l[9:])
}

// fold adds records to the lock, the newest of each step winning.
func (f *File) fold(records []record) {
	for _, r := range records {
		f.add(r)
	}
}

func (f *File) add(r record) {
	run := f.Runs[r.Run]
	if run == nil {
		run = &Run{Outcome: RunInterrupted}
		f.Runs[r.Run] = run
	}
	switch {
	case r.Begin != nil:
		steps := run.Steps
		*run = *r.Begin
		run.Steps, run.Finished = steps, nil
		run.settle()
	case r.Step != nil:
		if i := slices.IndexFunc(run.Steps, func(s *Step) bool { return s.Digest == r.Step.Digest }); i >= 0 {
			run.Steps[i] = r.Step
		} else {
			run.Steps = append(run.Steps, r.Step)
		}
		run.settle()
	case r.End != nil:
		at := stamp(r.End.At)
		run.Outcome, run.Finished = r.End.Outcome, &at
	}
}

// settle gives a run that has no end the outcome that is true of it.
func (r *Run) settle() {
	if r.Finished != nil {
		return
	}
	r.Outcome = RunInterrupted
	if r.doubtful() {
		r.Outcome = RunInDoubt
	}
}
