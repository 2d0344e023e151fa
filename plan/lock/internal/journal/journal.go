// Package journal appends records to a file that survives a crash at any moment.
//
// A journal is lines of a checksum in eight hexadecimal digits, a space and a JSON
// object. The first line is the header, the others are records. The invariants: a
// line is on disk when Flush returns, appending costs the same however long the
// journal is, and a step that was announced has room for its outcome even if the
// disk is full. The package does not know what a record means.
package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"strconv"
	"time"

	"github.com/resetplan/resetplan/plan/lock/internal/store"
	"github.com/resetplan/resetplan/schema/diag"
)

// MaxBytes is the limit on the size of a journal.
const MaxBytes = 256 << 20

// version is the version of the journal's format.
const version = 2 // since 2, the lines of a step's parts are one text

// A Header is the journal's first line. It names the holder.
type Header struct {
	Version int    `json:"version"`
	Plan    string `json:"plan"`
	Holder  string `json:"holder"` // user@host (pid N)
	Since   string `json:"since"`  // RFC 3339
}

// HeaderOf returns the header of a journal that an owner starts for a plan.
func HeaderOf(plan string, by store.Owner) Header {
	return Header{Version: version, Plan: plan, Holder: by.Name, Since: by.Since.UTC().Truncate(time.Millisecond).Format(time.RFC3339Nano)}
}

// line returns the line of a JSON object.
func line(object []byte) []byte {
	return fmt.Appendf(nil, "%08x %s\n", crc32.ChecksumIEEE(object), object)
}

// Line returns the line of a record. saved is how many bytes of the journal are known
// to be on disk now.
func Line(record []byte, saved int64) []byte {
	return line(fmt.Appendf(nil, `{"saved":%d,%s`, saved, record[1:]))
}

// Parse reads a journal's header and records. A line that was being written when the
// process or the machine stopped is ignored: it was never synced, so the request it
// announces was never sent. Any other invalid line is an error.
func Parse(name string, raw []byte) (h Header, records []store.Record, err error) {
	raw = bytes.TrimRight(raw, "\x00") // allocated and not used
	for number, start := 1, 0; ; number++ {
		length := bytes.IndexByte(raw[start:], '\n')
		if length < 0 {
			if number == 1 && !headerLike(raw) {
				return h, nil, foreign(name)
			}
			return h, records, nil
		}
		value, intact := checked(raw[start : start+length])
		if number == 1 && !intact && !headerLike(raw) {
			return h, nil, foreign(name)
		}
		if !intact && !synced(raw[start+length+1:], start) {
			return h, records, nil
		}
		r := store.Record{Value: value, File: name, Line: number}
		switch {
		case !intact:
			return h, nil, r.Damaged()
		case number > 1:
			records = append(records, r)
		default:
			if err := h.read(r); err != nil {
				return h, nil, err
			}
		}
		start += length + 1
	}
}

// read decodes a journal's first line.
func (h *Header) read(r store.Record) error {
	switch {
	case json.Unmarshal(r.Value, h) != nil || h.Version < 1:
		return r.Damaged()
	case h.Version > version:
		return diag.Errors{{File: r.File, Line: 1, Column: 1,
			Reason: fmt.Sprintf("this journal has version %d, but this resetplan reads version %d", h.Version, version),
			Remedy: "use the resetplan that wrote it"}}
	}
	return nil
}

// synced reports whether one of these lines proves that the bytes at an earlier
// offset were on disk. Several lines may be written before one sync, and a power
// cut keeps any part of them: the first may be torn and the second complete.
func synced(lines []byte, offset int) bool {
	for l := range bytes.Lines(lines) {
		value, intact := checked(bytes.Trim(l, "\x00\n"))
		var r struct {
			Saved int64 `json:"saved"`
		}
		if intact && json.Unmarshal(value, &r) == nil && r.Saved > int64(offset) {
			return true
		}
	}
	return false
}

func foreign(name string) diag.Errors {
	return diag.Errors{{File: name, Reason: "this file has the name of the lock's journal, but is not a journal",
		Remedy: "move it away, or use another lock with --lock"}}
}

// headerLike reports whether bytes may be a header that was being written when
// the machine stopped; any part of it may be missing or zero. A file of another
// program must not be mistaken for a journal and emptied.
func headerLike(raw []byte) bool {
	const start = "00000000 {\"version\":"
	for i, c := range raw[:min(len(raw), len(start))] {
		hexadecimal := c >= '0' && c <= '9' || c >= 'a' && c <= 'f'
		if c != 0 && (i < 8 && !hexadecimal || i >= 8 && c != start[i]) {
			return false
		}
	}
	return true
}

// checked returns the value of a line, and whether its checksum matches.
func checked(l []byte) (value []byte, intact bool) {
	if len(l) < 10 || l[8] != ' ' {
		return nil, false
	}
	sum, err := strconv.ParseUint(string(l[:8]), 16, 32)
	return l[9:], err == nil && uint32(sum) == crc32.ChecksumIEEE(l[9:])
}
