package lock

import "fmt"

const (
	reserve = 64 << 10 // room that is taken ahead, so that few lines need to take any
	endRoom = 4 << 10  // room that is kept for a run's end
)

// outcomeRoom is what is kept for the outcome of what a line of this size
// announces: the same parts again, each with what was read back or refused.
func outcomeRoom(size int64) int64 { return 2*size + 4<<10 }

// begin writes the journal's first line.
func (h *Held) begin(first header) error {
	l, err := line(first)
	if err != nil {
		return err
	}
	if err := h.put(l, record{}); err != nil {
		return err
	}
	return h.flush(h.end)
}

// record appends a record, and folds it into memory once it is on disk.
func (h *Held) record(r record) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.book.number(r)
	r.Saved = h.saved.Load()
	l, err := line(r)
	if err == nil {
		err = h.put(l, r)
	}
	if err != nil {
		return err
	}
	upTo := h.end
	h.mu.Unlock()
	err = h.flush(upTo)
	h.mu.Lock()
	if err == nil {
		h.book.add(r)
		h.dirty = true
	}
	return err
}

// put writes a line after the last one, into room that is there. If the disk
// gives no more, the room that is kept goes to those it is kept for:
// the outcomes of what was announced, and the run's end.
func (h *Held) put(l []byte, r record) error {
	key, size := r.key(), int64(len(l))
	own := h.promised[key]
	again := own > 0 && h.announced(r)
	owed := r.End != nil || own > 0 && (again || !r.Step.Doubtful())
	var promise, kept int64
	if r.Step != nil && (!again && r.Step.Doubtful() || r.Step.Paused != nil) {
		promise = outcomeRoom(size)
	}
	for _, bytes := range h.promised {
		kept += bytes
	}
	need := h.end + size
	kept += need + promise - own + endRoom
	if kept > maxJournal && !owed {
		return fmt.Errorf("lock: %s would exceed its limit of %d MiB; end this apply and begin another", journalPath(h.path), maxJournal>>20)
	}
	if kept > h.room {
		err := h.grow(kept + 2*size + reserve)
		if err != nil && (need > h.room || !owed && kept > h.room) {
			return err
		}
	}
	if _, err := h.out.WriteAt(l, h.end); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	h.end = need
	delete(h.promised, key)
	if promise > 0 {
		h.promised[key] = promise
	}
	return nil
}

// announced reports whether the step of a record was announced already: then
// the record is no announcement but what became of it. A pause and the send
// that follows it are two.
func (h *Held) announced(r record) bool {
	if r.Step == nil || h.file.Runs[r.Run] == nil {
		return false
	}
	at, ok := h.book.pages(r.Run).at[r.Step.Digest]
	return ok && h.file.Runs[r.Run].Steps[at].Doubtful()
}

// grow takes room by writing zeros, which a reader of the journal ignores.
func (h *Held) grow(to int64) error {
	zeros := make([]byte, to-h.room)
	n, err := h.out.WriteAt(zeros, h.room)
	h.room += int64(n)
	if err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	return nil
}

// flush returns when all up to a place of the journal is on disk. Callers
// that wait at the same time share one sync. After a sync that failed, the
// system may count as written what is lost: nothing is recorded any more.
func (h *Held) flush(upTo int64) error {
	h.sync.Lock()
	defer h.sync.Unlock()
	if h.broken != nil || h.saved.Load() >= upTo {
		return h.broken
	}
	h.mu.Lock()
	upTo = h.end
	h.mu.Unlock()
	if err := datasync(h.out); err != nil {
		h.broken = fmt.Errorf("lock: %w", err)
		return h.broken
	}
	h.saved.Store(upTo)
	return nil
}
