package providers

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Hidden is shown instead of a secret.
const Hidden = "(hidden)"

// Secrets are the credentials that this process has read or computed. A
// provider adds each value as soon as it knows it; texts of services are passed
// through Hide before anything else sees them, and everything that is printed
// passes Writer.
//
// A value is found as it is and in the forms that services repeat it in:
// URL-encoded once or twice, in base64 (of a longer text too), hexadecimal, and
// escaped for JSON, HTML or Go. A nil Secrets has no values.
type Secrets struct {
	mu     sync.RWMutex
	values map[string]bool
	long   *strings.Replacer // every form of long values
	short  []string          // values that are replaced only as a whole word
	forms  []string          // every form of long values, the longest first
	folded *regexp.Regexp    // long values in any case, and broken by white space
}

// Values below these lengths occur in ordinary words and numbers, so that
// they are replaced only as a whole word, or not at all.
const (
	longValue  = 6
	longNumber = 8
	shortValue = 2
	foldedFrom = 8 // shorter values are found only in their own case
)

func isNumber(v string) bool { return strings.Trim(v, "0123456789") == "" }

// Add notes values that must not be shown. Empty ones are ignored.
func (s *Secrets) Add(values ...string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	added := false
	for _, v := range values {
		lines := strings.FieldsFunc(v, func(r rune) bool { return r == '\r' || r == '\n' })
		for _, form := range append(lines, v, strings.TrimSpace(v)) {
			if len(form) >= shortValue && !s.values[form] {
				if s.values == nil {
					s.values = map[string]bool{}
				}
				s.values[form], added = true, true
			}
		}
	}
	if added {
		s.compile()
	}
}

// compile makes what Hide uses. The caller holds the lock.
func (s *Secrets) compile() {
	all := map[string]bool{}
	s.short = nil
	for v := range s.values {
		if len(v) < longValue || isNumber(v) && len(v) < longNumber {
			s.short = append(s.short, v)
			continue
		}
		for _, form := range formsOf(v) {
			all[form] = true
		}
	}
	byLength := func(a, b string) int { return len(b) - len(a) }
	s.forms = slices.SortedStableFunc(maps.Keys(all), byLength)
	slices.SortFunc(s.short, byLength)
	pairs := make([]string, 0, 2*len(s.forms))
	for _, form := range s.forms {
		pairs = append(pairs, form, Hidden)
	}
	s.long = strings.NewReplacer(pairs...)
	s.folded = foldedForms(s.values)
}

// Hide returns a text of a service with every secret replaced. A value of a few
// characters is replaced only as a whole word.
func (s *Secrets) Hide(text string) string {
	text = s.hide(text, func(string) bool { return true })
	if s == nil || text == "" {
		return text
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.folded != nil {
		text = s.folded.ReplaceAllLiteralString(text, Hidden)
	}
	return text
}

func (s *Secrets) hide(text string, which func(short string) bool) string {
	if s == nil || text == "" {
		return text
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.long != nil {
		text = s.long.Replace(text)
	}
	for _, v := range s.short {
		if which(v) && strings.Contains(text, v) {
			text = replaceWord(text, v)
		}
	}
	return text
}

// replaceWord replaces a value that has no letter or digit on either side.
func replaceWord(text, v string) string {
	var out strings.Builder
	for rest, before := text, utf8.RuneError; ; {
		i := strings.Index(rest, v)
		if i < 0 {
			out.WriteString(rest)
			return out.String()
		}
		if i > 0 {
			before, _ = utf8.DecodeLastRuneInString(rest[:i])
		}
		after, _ := utf8.DecodeRuneInString(rest[i+len(v):])
		out.WriteString(rest[:i])
		if inWord(before) || inWord(after) {
			out.WriteString(v)
		} else {
			out.WriteString(Hidden)
		}
		rest = rest[i+len(v):]
		before, _ = utf8.DecodeLastRuneInString(v)
	}
}

func inWord(r rune) bool {
	return r != utf8.RuneError && (r == '_' || r == '-' || unicode.IsLetter(r) || unicode.IsDigit(r))
}

// HideError returns an error whose text has every secret replaced, and which
// is in all else the error it was given.
func (s *Secrets) HideError(err error) error {
	if s == nil || err == nil {
		return err
	}
	if text := err.Error(); s.Hide(text) != text {
		return &hiddenError{s.Hide(text), err}
	}
	return err
}

type hiddenError struct {
	text string
	err  error
}

func (e *hiddenError) Error() string { return e.text }
func (e *hiddenError) Unwrap() error { return e.err }

// HideSnapshot replaces every secret in the sentences and names of a Snapshot
// that only people read. Topics keep their names: they are what is reset. A
// cursor that contains a secret is not a position: it becomes unknown.
func (s *Secrets) HideSnapshot(snap *Snapshot) {
	if s == nil {
		return
	}
	snap.Err = s.HideError(snap.Err)
	snap.Activity.Why = s.Hide(snap.Activity.Why)
	snap.Notes = s.hideAll(snap.Notes)
	snap.Activity.Members = slices.Clone(snap.Activity.Members)
	for i, m := range snap.Activity.Members {
		snap.Activity.Members[i] = Member{ID: s.Hide(m.ID), Client: s.Hide(m.Client), Host: s.Hide(m.Host), InstanceID: s.Hide(m.InstanceID)}
	}
	snap.Parts, snap.Orphans = s.hideParts(snap.Parts), s.hideParts(snap.Orphans)
	if load := snap.Load; load != nil {
		snap.Load = func(to []PartReading) []PartReading { return s.hideParts(load(to)) }
	}
	snap.Missing = slices.Clone(snap.Missing)
	for i, m := range snap.Missing {
		snap.Missing[i].Name, snap.Missing[i].Known, snap.Missing[i].Fresh = s.Hide(m.Name), s.hideAll(m.Known), s.hideAll(m.Fresh)
	}
}

// hideParts returns the parts without secrets: the same slice if they have none, as
// almost always, because large targets have very many parts.
func (s *Secrets) hideParts(parts []PartReading) []PartReading {
	out := parts
	for i := range parts {
		if !parts[i].hasText() {
			continue
		}
		safe, changed := s.hidePart(parts[i])
		if !changed {
			continue
		}
		if &out[0] == &parts[0] {
			out = slices.Clone(parts)
		}
		out[i] = safe
	}
	return out
}

// hasText reports whether a part has texts of the service in which a secret may be.
func (r *PartReading) hasText() bool {
	isText := func(at Position) bool { return at.what != labels[Offset] && at.Kind() == Cursor }
	return r.Part.Broker != "" || isText(r.Low) || isText(r.High) || isText(r.Committed) ||
		slices.ContainsFunc(r.Resolved, func(one Resolution) bool { return isText(one.Found) || isText(one.UpTo) })
}

// hidePart returns a part without its secrets, and whether it had any.
func (s *Secrets) hidePart(p PartReading) (_ PartReading, changed bool) {
	never := func(string) bool { return false } // a short value may be the name of a broker
	if broker := s.hide(p.Part.Broker, never); broker != p.Part.Broker {
		p.Part.Broker, changed = broker, true
	}
	shows := func(at Position) bool {
		text, is := at.Cursor()
		return is && s.hide(text, never) != text
	}
	for _, at := range []*Position{&p.Low, &p.High, &p.Committed} {
		if shows(*at) {
			*at, changed = Position{}, true
		}
	}
	for k := range p.Resolved {
		found, upTo := shows(p.Resolved[k].Found), shows(p.Resolved[k].UpTo)
		if !found && !upTo {
			continue
		}
		p.Resolved, changed = slices.Clone(p.Resolved), true
		if found {
			p.Resolved[k].Found = Position{}
		}
		if upTo {
			p.Resolved[k].UpTo = Position{}
		}
	}
	return p, changed
}

func (s *Secrets) hideAll(texts []string) []string {
	out := slices.Clone(texts)
	for i, text := range out {
		out[i] = s.Hide(text)
	}
	return out
}

// HideReceipt replaces every secret in a Receipt.
func (s *Secrets) HideReceipt(r *Receipt) {
	if s == nil {
		return
	}
	r.RequestID = s.Hide(r.RequestID)
	for i := range r.Parts {
		r.Parts[i].Err = s.HideError(r.Parts[i].Err)
	}
}
