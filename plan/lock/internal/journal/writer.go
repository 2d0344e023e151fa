package journal

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
)

const (
	ahead   = 64 << 10 // bytes allocated ahead, so that most lines need no allocation
	endRoom = 4 << 10  // bytes reserved for the end of a run
)

// outcomeRoom is the number of bytes reserved for the outcome of a step whose
// announcement has this size: the same parts, each with a position read back or
// an error.
func outcomeRoom(size int64) int64 { return 2*size + 4<<10 }

// A Writer appends lines to a journal. Its methods may be called from several
// goroutines.
type Writer struct {
	file     *os.File
	mu       sync.Mutex       // guards end, room and reserved
	end      int64            // the offset of the next line
	room     int64            // allocated bytes
	reserved map[string]int64 // bytes reserved for outcomes, by subject
	syncing  sync.Mutex       // guards broken; held during a sync
	saved    atomic.Int64     // bytes known to be on disk
	syncs    atomic.Int64     // how many times the file was synced
	broken   error            // a sync failed, so the content of the disk is unknown
}

// NewWriter returns a Writer to an empty file.
func NewWriter(file *os.File) *Writer {
	return &Writer{file: file, reserved: map[string]int64{}}
}

// Start empties the file and writes the journal's header. It is on disk with the first
// Flush.
func (w *Writer) Start(h Header) error {
	if err := w.file.Truncate(0); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	object, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	_, err = w.Append(line(object), Use{})
	return err
}

// Close closes the file.
func (w *Writer) Close() error { return w.file.Close() }

// Saved returns how many bytes of the journal are known to be on disk.
func (w *Writer) Saved() int64 { return w.saved.Load() }

// Syncs returns how many times the file was synced.
func (w *Writer) Syncs() int64 { return w.syncs.Load() }

// FlushAll returns when everything that was appended is on disk.
func (w *Writer) FlushAll() error {
	w.mu.Lock()
	end := w.end
	w.mu.Unlock()
	return w.Flush(end)
}

// Use describes how a line uses the reserved room.
type Use struct {
	Subject string // what the line is about
	Outcome bool   // the line may use all reserved room: it is the end of a run or the outcome of a subject that was announced
	Reserve bool   // another line about this subject must follow
}

// Append writes a line after the last one, into room already allocated, and
// returns the offset after it. If the disk is full, the reserved room is used
// for its purpose.
func (w *Writer) Append(line []byte, use Use) (end int64, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	size := int64(len(line))
	need := w.end + size
	total := need + endRoom - w.reserved[use.Subject]
	for _, bytes := range w.reserved {
		total += bytes
	}
	var reserve int64
	if use.Reserve {
		reserve = outcomeRoom(size)
		total += reserve
	}
	if total > MaxBytes && !use.Outcome {
		return 0, fmt.Errorf("lock: %s would exceed its limit of %d MiB; end this apply and start another", w.file.Name(), MaxBytes>>20)
	}
	if total > w.room {
		err := w.grow(total + 2*size + ahead)
		if err != nil && (need > w.room || !use.Outcome && total > w.room) {
			return 0, err
		}
	}
	if _, err := w.file.WriteAt(line, w.end); err != nil {
		return 0, fmt.Errorf("lock: %w", err)
	}
	w.end = need
	delete(w.reserved, use.Subject)
	if reserve > 0 {
		w.reserved[use.Subject] = reserve
	}
	return w.end, nil
}

// grow allocates room by writing zeros, which a reader of the journal ignores.
func (w *Writer) grow(to int64) error {
	zeros := make([]byte, to-w.room)
	n, err := w.file.WriteAt(zeros, w.room)
	w.room += int64(n)
	if err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	return nil
}

// Flush returns when the journal is on disk up to an offset. Callers that wait at
// the same time share one sync. After a failed sync the system may report lost
// data as written, so nothing more is recorded.
func (w *Writer) Flush(upTo int64) error {
	w.syncing.Lock()
	defer w.syncing.Unlock()
	if w.broken != nil || w.saved.Load() >= upTo {
		return w.broken
	}
	w.mu.Lock()
	upTo = w.end
	w.mu.Unlock()
	w.syncs.Add(1)
	if err := datasync(w.file); err != nil {
		w.broken = fmt.Errorf("lock: %w", err)
		return w.broken
	}
	w.saved.Store(upTo)
	return nil
}
