package lock

import "fmt"

const (
	reserve = 64 << 10 // bytes allocated ahead, so that most lines need no allocation
	endRoom = 4 << 10  // bytes reserved for the end of a run
)

// outcomeRoom is the number of bytes reserved for the outcome of a step whose
// announcement has this size: the same parts, each with a position read back or
// an error.
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

// record appends a record and, once it is on disk, adds it to the lock in memory.
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

// put writes a line after the last one, into space already allocated. If the disk
// is full, the reserved space is used for its purpose: outcomes of announced
// steps, and the end of the run.
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
		return fmt.Errorf("lock: %s would exceed its limit of %d MiB; end this apply and start another", journalPath(h.path), maxJournal>>20)
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

// announced reports whether the step of a record was announced before; the record
// then holds its outcome. A pause and the send that follows it are announced
// separately.
func (h *Held) announced(r record) bool {
	if r.Step == nil || h.file.Runs[r.Run] == nil {
		return false
	}
	at, ok := h.book.pages(r.Run).at[r.Step.Digest]
	return ok && h.file.Runs[r.Run].Steps[at].Doubtful()
}

// grow allocates space by writing zeros, which a reader of the journal ignores.
func (h *Held) grow(to int64) error {
	zeros := make([]byte, to-h.room)
	n, err := h.out.WriteAt(zeros, h.room)
	h.room += int64(n)
	if err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	return nil
}

// flush returns when the journal is on disk up to an offset. Callers that wait at
// the same time share one sync. After a failed sync the system may report lost
// data as written, so nothing more is recorded.
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
