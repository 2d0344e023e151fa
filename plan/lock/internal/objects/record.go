package objects

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/lock/internal/store"
	"github.com/resetplan/resetplan/schema/diag"
)

// version is the version of the objects' format.
const version = 1

// A kind is what a record does.
type kind string

// The kinds of records.
const (
	acquired kind = "hold"    // a new holder
	renewed  kind = "renew"   // the holder is active
	started  kind = "start"   // a new, empty journal
	entries  kind = "entries" // entries of the journal
	replaced kind = "text"    // the text of the lock
	released kind = "release" // there is no holder
)

// A header is the first line of a record. The newest record describes everything: the
// holder, and which objects are text and journal.
type header struct {
	Version int       `json:"version"`
	Number  int64     `json:"number"`
	Kind    kind      `json:"kind"`
	Hold    string    `json:"hold"`   // identifies the hold, and with the number the record
	Holder  string    `json:"holder"` // user@host (pid N)
	Since   time.Time `json:"since"`  // by the holder's clock; only shown
	Lease   string    `json:"lease"`
	Text    int64     `json:"text"`              // the record with the text; 0 = there is none
	From    int64     `json:"from"`              // the first record that can have entries of the journal
	Journal bool      `json:"journal,omitempty"` // there is a journal
	Plan    string    `json:"plan,omitempty"`    // for which it was started
	Sum     string    `json:"sum,omitempty"`     // SHA-256 of what follows the first line
}

// encode returns a record with what follows its header.
func (h header) encode(rest []byte) ([]byte, error) {
	if len(rest) > 0 || h.Kind == replaced {
		sum := sha256.Sum256(rest)
		h.Sum = hex.EncodeToString(sum[:])
	}
	first, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	return append(append(first, '\n'), rest...), nil
}

// decode reads a record and checks that it is complete.
func decode(name string, number int64, body []byte) (h header, rest []byte, err error) {
	first, rest, ok := bytes.Cut(body, []byte("\n"))
	damaged := store.Record{File: name}.Damaged()
	if !ok || json.Unmarshal(first, &h) != nil || h.Version < 1 {
		return h, nil, damaged
	}
	if h.Version > version {
		return h, nil, diag.Errors{{File: name, Reason: fmt.Sprintf("this record has version %d, but this resetplan reads version %d", h.Version, version),
			Remedy: "use the resetplan that wrote it"}}
	}
	sum := ""
	if len(rest) > 0 || h.Kind == replaced {
		s := sha256.Sum256(rest)
		sum = hex.EncodeToString(s[:])
	}
	if h.Number != number || h.Sum != sum {
		return h, nil, damaged
	}
	return h, rest, nil
}

// lease returns how long the record keeps the lock held.
func (h header) lease() time.Duration {
	d, err := time.ParseDuration(h.Lease)
	if err != nil || d < 0 || d > maxLease {
		return maxLease
	}
	return d
}

// highest is the number after the last that a record can have.
const highest = 1_000_000_000_000

// key returns the key of a record, below the lock's path. Stores list keys in
// ascending order, so the newest record is the first; the number itself is for people.
func key(number int64) string { return fmt.Sprintf("log/%012d-%d", highest-number, number) }

// numberOf returns the number of a key, or false for an object of something else.
func numberOf(name string) (int64, bool) {
	_, last, _ := strings.Cut(strings.TrimPrefix(name, "log/"), "-")
	n, err := strconv.ParseInt(last, 10, 64)
	return n, err == nil && n > 0 && key(n) == name
}
