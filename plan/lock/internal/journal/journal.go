// Package journal appends records to a file that survives a crash at any moment.
//
// A journal is lines of a checksum in eight hexadecimal digits, a space and a JSON
// value. The first line is the header, the others are records. The invariants: a
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

	"github.com/resetplan/resetplan/schema/diag"
)

// MaxBytes is the limit on the size of a journal.
const MaxBytes = 256 << 20

// Line returns the line of a value.
func Line(v any) ([]byte, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	return fmt.Appendf(nil, "%08x %s\n", crc32.ChecksumIEEE(raw), raw), nil
}

// Read passes the JSON value of each line to a function, until that returns an
// error; the number of the header's line is 1. A line that was being
// written when the process or the machine stopped is ignored: it was never synced,
// so the request it announces was never sent. Any other invalid line is an error.
func Read(name string, raw []byte, use func(number int, value []byte) error) error {
	raw = bytes.TrimRight(raw, "\x00") // allocated and not used
	for number, start := 1, 0; ; number++ {
		length := bytes.IndexByte(raw[start:], '\n')
		if length < 0 {
			if number == 1 && !headerLike(raw) {
				return foreign(name)
			}
			return nil
		}
		value, intact := checked(raw[start : start+length])
		if number == 1 && !intact && !headerLike(raw) {
			return foreign(name)
		}
		if !intact && !synced(raw[start+length+1:], start) {
			return nil
		}
		if !intact {
			return Damaged(name, number)
		}
		if err := use(number, value); err != nil {
			return err
		}
		start += length + 1
	}
}

// Damaged returns the error for an invalid line.
func Damaged(name string, number int) error {
	return diag.Errors{{File: name, Line: number, Column: 1, Reason: "this line of the journal is damaged, and its record is lost",
		Remedy: "compare the group's positions with the lines around it, then remove the line"}}
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
