package lock

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/resetplan/resetplan/plan/lock/internal/journal"
	"github.com/resetplan/resetplan/plan/lock/internal/store"
)

// marshal returns a lock's text.
func marshal(f *File) []byte {
	var out bytes.Buffer
	if err := f.writeTo(&out, measure(f).checksum()); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// write writes a lock as the end of an apply does.
func write(path string, f *File) error {
	ctx := context.Background()
	s, err := storeAt(path)
	if err != nil {
		return err
	}
	hold, err := s.Hold(ctx, store.Owner{})
	if err != nil {
		return err
	}
	h := &Held{name: path, hold: hold, file: f}
	return errors.Join(h.write(ctx), h.release(true))
}

// parseJournal reads a journal's header and records.
func parseJournal(name string, raw []byte) (journal.Header, []record, error) {
	h, lines, err := journal.Parse(name, raw)
	if err != nil {
		return h, nil, err
	}
	records, err := decode(lines)
	return h, records, err
}

// lineOf returns the line of a value in a journal.
func lineOf(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return fmt.Appendf(nil, "%08x %s\n", crc32.ChecksumIEEE(raw), raw)
}

// A failingHold is a hold whose records do not become durable.
type failingHold struct{ store.Hold }

var errNotDurable = errors.New("the record is not durable")

func (failingHold) Append(context.Context, store.Entry) error { return errNotDurable }

// loaded returns a lock with the parts of every step.
func loaded(f *File) *File {
	if !f.load(everything, true) {
		panic("a step is packed wrongly")
	}
	f.texts = nil
	return f
}
