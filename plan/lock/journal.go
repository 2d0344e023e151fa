package lock

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"strconv"

	"github.com/resetplan/resetplan/schema"
)

// A journal is lines of a checksum in eight hexadecimal digits, a space and a
// JSON value. The first is the header, the others are records.

// header is the journal's first line: whose it is.
type header struct {
	Version int    `json:"version"`
	Plan    string `json:"plan"`
	Holder  string `json:"holder"` // user@host (pid N)
	Since   moment `json:"since"`
}

// A record is one addition: the begin of a run, a step's state or a run's
// end. Exactly one of them is set besides Run and Saved.
type record struct {
	Saved int64  `json:"saved"` // bytes of the journal known to be on disk when this was written
	Run   string `json:"run"`
	Begin *Run   `json:"begin,omitempty"`
	Step  *Step  `json:"step,omitempty"`
	End   *end   `json:"end,omitempty"`
}

type end struct {
	Outcome RunOutcome `json:"outcome"`
	At      moment     `json:"at"`
}

// key names what a record is about: a step of a run, or the run.
func (r record) key() string {
	if r.Step == nil {
		return r.Run
	}
	return r.Run + " " + r.Step.Digest
}

func line(v any) ([]byte, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	return fmt.Appendf(nil, "%08x %s\n", crc32.ChecksumIEEE(raw), raw), nil
}

// parseJournal reads a journal's lines. What was being written when the
// process or the machine stopped is left out: it was never synced, so what it
// announces never left. Any other bad line is a fault.
func parseJournal(name string, raw []byte) (header, []record, error) {
	var h header
	var records []record
	raw = bytes.TrimRight(raw, "\x00") // room that was reserved and not used
	for n, whole := 1, 0; ; n++ {
		at := bytes.IndexByte(raw[whole:], '\n')
		if at < 0 {
			if n == 1 && !headerLike(raw) {
				return h, nil, foreignJournal(name)
			}
			return h, records, nil
		}
		body, ok := checked(raw[whole : whole+at])
		if n == 1 && !ok && !headerLike(raw) {
			return h, nil, foreignJournal(name)
		}
		rest := raw[whole+at+1:]
		if !ok && !synced(rest, whole) {
			return h, records, nil
		}
		var into any = &h
		if n > 1 {
			records = append(records, record{})
			into = &records[len(records)-1]
		}
		if !ok || json.Unmarshal(body, into) != nil || h.Version < 1 {
			return h, nil, schema.Faults{{File: name, Line: n, Column: 1, Reason: "this line of the journal is damaged",
				Remedy: "what it recorded is lost: compare the group's positions with the lines around it, then remove the line"}}
		}
		if h.Version > Version {
			return h, nil, schema.Faults{{File: name, Line: 1, Column: 1, Reason: fmt.Sprintf("this journal is of version %d, and this resetplan reads version %d", h.Version, Version),
				Remedy: "use the resetplan that wrote it"}}
		}
		whole += at + 1
	}
}

// synced reports whether one of these lines proves that what stands at a place
// before them was on disk. Several lines may be written before one sync, and a
// power cut keeps any part of them: the first may be torn and the second whole.
func synced(lines []byte, place int) bool {
	for l := range bytes.Lines(lines) {
		body, ok := checked(bytes.Trim(l, "\x00\n"))
		var r record
		if ok && json.Unmarshal(body, &r) == nil && r.Saved > int64(place) {
			return true
		}
	}
	return false
}

func foreignJournal(name string) schema.Faults {
	return schema.Faults{{File: name, Reason: "this file is in the place of the lock's journal, and is not a journal",
		Remedy: "move it away, or name another lock with --lock"}}
}

// headerLike reports whether bytes may be a header that was being written when
// the machine stopped, of which any part may be missing or zero. Another
// program's file is not to be taken for one and emptied.
func headerLike(raw []byte) bool {
	const begin = "00000000 {\"version\":"
	for i, c := range raw[:min(len(raw), len(begin))] {
		hexadecimal := c >= '0' && c <= '9' || c >= 'a' && c <= 'f'
		if c != 0 && (i < 8 && !hexadecimal || i >= 8 && c != begin[i]) {
			return false
		}
	}
	return true
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
	if len(records) == 0 {
		return
	}
	b := newBook(f)
	for _, r := range records {
		b.add(r)
	}
}
