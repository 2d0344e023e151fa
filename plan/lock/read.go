package lock

import (
	"context"
	"maps"
	"slices"

	"github.com/resetplan/resetplan/plan/lock/internal/file"
	"github.com/resetplan/resetplan/plan/lock/internal/objects"
	"github.com/resetplan/resetplan/plan/lock/internal/store"
)

// maxBytes is the limit on the size of a lock's text.
const maxBytes = file.MaxBytes

// storeAt returns the store of the lock at a location: a path, or the URL of an object store.
func storeAt(location string) (store.Store, error) {
	if IsURL(location) {
		return objects.At(location)
	}
	return file.At(location)
}

// IsURL reports whether a location is the URL of a lock in an object store.
func IsURL(location string) bool { return objects.IsURL(location) }

// CheckURL returns the error of a URL that cannot be the location of a lock: diag.Errors
// that never repeat a credential in it.
func CheckURL(location string) error { return objects.Check(location) }

// Address returns the host and port of the store at a URL, by which an operator permits
// it; "" if the lock is in a folder.
func Address(location string) string { return objects.Address(location) }

// For returns the lock of a plan, orders.yaml -> orders.lock.yaml, by whatever name the
// plan is reached: the lock next to the file behind a symbolic link, and one lock for
// all names of a file with hard links. The error is diag.Errors if several names could
// each have a lock, so that only the caller can choose.
func For(plan string) (string, error) { return file.For(plan) }

// JournalPath returns the journal of a lock in a file: orders.lock.yaml ->
// orders.lock.journal.
func JournalPath(lock string) string { return file.JournalPath(lock) }

// Holder returns the apply that holds a lock, or nil. It changes nothing.
func Holder(ctx context.Context, location string) (*HeldError, error) {
	s, err := storeAt(location)
	if err != nil {
		return nil, err
	}
	return s.Holder(ctx)
}

// Read returns what a lock and the journal of an apply record, without
// holding them. A lock that does not exist is empty. The error is diag.Errors if
// the content is not a valid lock, and a *ChecksumError if a lock was truncated,
// edited or merged.
func Read(ctx context.Context, location string) (*File, error) {
	return readChecked(ctx, location, everything, false)
}

// ReadRun reads a lock like Read, but loads the parts of one run only, and of steps that
// are undecided or failed. Its cost does not grow with the parts of the other runs. An
// Open that is given the result does not read the same lock twice.
func ReadRun(ctx context.Context, location, run string) (*File, error) {
	return readChecked(ctx, location, only(run), true)
}

func readChecked(ctx context.Context, location string, selected selection, keep bool) (*File, error) {
	f, intact, err := readFrom(ctx, location, selected, keep)
	if err == nil && !intact {
		return nil, &ChecksumError{Path: location}
	}
	return f, err
}

// ReadUnchecked reads a lock like Read, but reports whether its checksum matches
// instead of refusing it.
func ReadUnchecked(ctx context.Context, location string) (f *File, intact bool, err error) {
	return readFrom(ctx, location, everything, false)
}

// readFrom reads a lock, and keeps its text for a later Open if that is wanted.
func readFrom(ctx context.Context, location string, selected selection, keep bool) (f *File, intact bool, err error) {
	s, err := storeAt(location)
	if err != nil {
		return nil, false, err
	}
	c, err := s.Read(ctx)
	if err != nil {
		return nil, false, err
	}
	f, intact, err = read(s.Name(), c, selected)
	switch {
	case err != nil:
	case keep && intact && c.Journal == nil && f.texts != nil:
		f.text = asText(c.Text)
	default:
		f.texts = nil // it is not written
	}
	return f, intact, err
}

// again returns a copy of a lock that was read before, if a store still keeps the same
// text and no journal; nil = it has to be read.
func (f *File) again(c store.Content) *File {
	if f == nil || f.text == "" || c.Journal != nil || f.text != asText(c.Text) {
		return nil
	}
	out := &File{Version: f.Version, Plan: f.Plan, Runs: make(map[string]*Run, len(f.Runs)), texts: maps.Clone(f.texts)}
	for key, r := range f.Runs {
		run := *r
		run.Approvals, run.Steps = slices.Clone(r.Approvals), make([]*Step, len(r.Steps))
		for i, s := range r.Steps {
			step := *s
			for _, u := range step.attempts() {
				if *u != nil {
					attempt := **u
					*u = &attempt
				}
			}
			run.Steps[i] = &step
		}
		out.Runs[key] = &run
	}
	return out
}

// read reads what a store keeps, with the parts of the selected steps, and reports
// whether the checksum matches.
func read(name string, c store.Content, selected selection) (f *File, intact bool, err error) {
	if f, intact, err = parse(name, c.Text, selected); err != nil || c.Journal == nil {
		return f, intact, err
	}
	records, err := decode(c.Journal.Records)
	if err != nil {
		return nil, false, err
	}
	if c.Journal.Plan != "" {
		f.Plan = c.Journal.Plan // the lock gets its new name at the end of an apply
	}
	f.fold(records)
	f.load(selected, false)
	return f, intact, nil
}
