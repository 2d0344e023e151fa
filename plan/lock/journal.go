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

// header is the journal's first line. It names the holder.
type header struct {
	Version int    `json:"version"`
	Plan    string `json:"plan"`
	Holder  string `json:"holder"` // user@host (pid N)
	Since   Time   `json:"since"`
}

// A record is one line after the header: the start of a run, the state of a step
// or the end of a run. Exactly one of these is set in addition to Run and Saved.
type record struct {
	Saved int64  `json:"saved"` // bytes of the journal known to be on disk when this was written
	Run   string `json:"run"`
	Begin *Run   `json:"begin,omitempty"`
	Step  *Step  `json:"step,omitempty"`
	End   *end   `json:"end,omitempty"`
}

type end struct {
	Outcome RunOutcome `json:"outcome"`
	At      Time       `json:"at"`
}

// key identifies the subject of a record: a step of a run, or the run.
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

// parseJournal reads a journal's lines. A line that was being written when the
// process or the machine stopped is ignored: it was never synced, so the request
// it announces was never sent. Any other invalid line is an error.
func parseJournal(name string, raw []byte) (header, []record, error) {
	var h header
	var records []record
	raw = bytes.TrimRight(raw, "\x00") // allocated and not used
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
				Remedy: "its record is lost: compare the group's positions with the lines around it, then remove the line"}}
		}
		if h.Version > Version {
			return h, nil, schema.Faults{{File: name, Line: 1, Column: 1, Reason: fmt.Sprintf("this journal has version %d, but this resetplan reads version %d", h.Version, Version),
				Remedy: "use the resetplan that wrote it"}}
		}
		whole += at + 1
	}
}

// synced reports whether one of these lines proves that the bytes at an earlier
// offset were on disk. Several lines may be written before one sync, and a power
// cut keeps any part of them: the first may be torn and the second complete.
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
	return schema.Faults{{File: name, Reason: "this file has the name of the lock's journal, but is not a journal",
		Remedy: "move it away, or use another lock with --lock"}}
}

// headerLike reports whether bytes may be a header that was being written when
// the machine stopped; any part of it may be missing or zero. A file of another
// program must not be mistaken for a journal and emptied.
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

// fold adds records to the lock; the newest record of a step counts.
func (f *File) fold(records []record) {
	if len(records) == 0 {
		return
	}
	b := newBook(f)
	for _, r := range records {
		b.add(r)
	}
}
