package lock

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unsafe"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/schema"
	"github.com/resetplan/resetplan/schema/diag"
)

// maxByHand limits the size of a lock that is not in this program's own layout,
// because the YAML library needs a hundred times its size.
const maxByHand = 8 << 20

// A ChecksumError means that a lock is valid, but was changed since it was written.
type ChecksumError struct{ Path string }

func (e *ChecksumError) Error() string {
	return fmt.Sprintf("%s does not match its checksum: it was truncated, edited or merged; "+
		"restore it from version control, or review it with `resetplan lock accept %s`", e.Path, text.ShellWord(e.Path))
}

// parse reads a lock's text, with the parts of the selected steps, and reports whether
// its checksum matches. A lock of an older version has none. An error never quotes a
// file that is not a valid lock: it may be any file of the machine.
func parse(path string, raw []byte, selected selection) (f *File, intact bool, err error) {
	if raw == nil {
		return &File{Version: Version, Runs: map[string]*Run{}}, true, nil
	}
	f = readIntact(raw)
	edited := f == nil
	if intact = !edited; edited {
		selected = everything
		if f, intact, err = parseAny(path, raw, true); err != nil {
			return nil, false, err
		}
	}
	if err := f.checkParts(path, selected); err != nil {
		return nil, false, err
	}
	if !f.load(selected, edited) { // the lines of parts were edited
		if f, intact, err = parseAny(path, raw, false); err != nil {
			return nil, false, err
		}
		if err := f.checkParts(path, everything); err != nil {
			return nil, false, err
		}
		f.load(everything, false)
	}
	f.number()
	return f, intact, nil
}

// readIntact reads a lock that is what this program wrote; nil = it is not. The parts
// stay packed.
func readIntact(raw []byte) *File {
	f := &File{Version: Version}
	body, ok := bytes.CutPrefix(raw, []byte(preamble(f, "")+"checksum: "))
	sum, body, below := bytes.Cut(body, []byte("\n"))
	if !ok || !below || checksumOf(body) != string(sum) {
		return nil
	}
	if f, ok = readOwn(asText(body), true); !ok {
		return nil
	}
	return f
}

// asText returns bytes as text without a copy: a lock may have many megabytes, and what a
// store has read does not change.
func asText(raw []byte) string { return unsafe.String(unsafe.SliceData(raw), len(raw)) } //nolint:gosec // see above

// parseAny reads a lock that may have been edited: in the layout of this program if it
// may have that (own), or with the YAML library. The parts stay packed.
func parseAny(path string, raw []byte, own bool) (f *File, intact bool, err error) {
	t := split(raw)
	if errs := t.refused(path); errs != nil {
		return nil, false, errs
	}
	if own {
		f, own = readOwn(t.body, false)
	}
	if !own || t.head != preamble(f, t.checksum) {
		if f, err = t.withLibrary(path); err != nil {
			return nil, false, err
		}
	}
	switch {
	case t.checksum != "":
		intact = t.checksum == checksumOf([]byte(t.body))
	default:
		intact = !f.sequenced() && !t.misplaced
	}
	return f, intact, nil
}

// checksumOf returns the checksum of a lock's content.
func checksumOf(body []byte) string {
	sum := sha256.Sum256(body)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// A document is a lock's text, without regard to line endings, a byte order mark
// and empty lines at the end.
type document struct {
	all, head, body string
	versionLine     int
	version         string
	checksum        string
	misplaced       bool // there is a checksum, but not above the content
}

var (
	versionKey  = pattern.New(`^version: *([0-9]{1,9}) *(?:#.*)?$`)
	checksumKey = pattern.New(`^checksum: *["']?([^"' #]*)["']? *(?:#.*)?$`)
)

// split separates the lines down to the checksum from the content below.
func split(raw []byte) *document {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if bytes.Contains(raw, []byte("\r\n")) {
		raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	}
	t := &document{all: string(bytes.TrimRight(raw, "\n")) + "\n"}
	rest := t.all
	for n := 1; rest != ""; n++ {
		line, below, _ := strings.Cut(rest, "\n")
		version, checksum := versionKey.FindStringSubmatch(line), checksumKey.FindStringSubmatch(line)
		switch {
		case line == "" || line == "---" || line[0] == '#':
		case t.version == "" && version != nil:
			t.version, t.versionLine = version[1], n
		case t.version != "" && checksum != nil:
			t.checksum = checksum[1]
			t.misplaced = t.checksum == ""
			rest = below
			fallthrough
		default:
			t.head, t.body = t.all[:len(t.all)-len(rest)], rest
			return t
		}
		rest = below
	}
	t.head = t.all
	return t
}

// refused returns the reasons for which a file cannot be a lock, found without
// parsing it.
func (t *document) refused(path string) diag.Errors {
	invalid := func(line, column int, reason, remedy string) diag.Errors {
		return diag.Errors{{File: path, Line: line, Column: column, Reason: reason, Remedy: remedy}}
	}
	if strings.Trim(t.all, " \t\r\n\x00") == "" {
		return invalid(0, 0, "this lock is empty: what was applied is lost",
			"restore it from version control; remove it only if nothing of the plan was ever applied")
	}
	if line := conflict(t.all); line > 0 {
		return invalid(line, 1, "this lock has conflict markers from a merge",
			"resolve the conflict, then review the result with `resetplan lock accept "+text.ShellWord(path)+"`")
	}
	if t.version != "" && t.version != fmt.Sprint(Version) {
		f := invalid(t.versionLine, len("version: ")+1,
			fmt.Sprintf("this file has version %s, but this resetplan reads version %d", t.version, Version),
			"use the resetplan that wrote it, or a newer one")
		f[0].Path = "version"
		return f
	}
	return nil
}

// conflict returns the first line with a merge conflict marker, or 0.
func conflict(all string) int {
	for _, marker := range []string{"<<<<<<<", "|||||||", "=======", ">>>>>>>"} {
		at := strings.Index(all, "\n"+marker)
		if strings.HasPrefix(all, marker) {
			return 1
		}
		if at >= 0 {
			return 2 + strings.Count(all[:at], "\n")
		}
	}
	return 0
}

// withLibrary reads a lock that was edited by hand, with the YAML library and the
// schema. It is slow.
func (t *document) withLibrary(path string) (*File, error) {
	if len(t.all) > maxByHand {
		return nil, diag.Errors{{File: path, Remedy: "restore it from version control",
			Reason: fmt.Sprintf("this lock is not in resetplan's own layout, and a lock edited by hand may have at most %d MiB", maxByHand>>20)}}
	}
	if line := references(t.all); line > 0 {
		return nil, diag.Errors{{File: path, Line: line, Column: 1,
			Reason: "a lock has no YAML anchors, aliases or merge keys", Remedy: "restore it from version control"}}
	}
	var into editedFile
	invalid := func(errs diag.Errors) error {
		line := 0
		if i := slices.IndexFunc(errs, func(f diag.Error) bool { return f.Line > 0 }); i >= 0 {
			line = errs[i].Line
		}
		return diag.Errors{{File: path, Line: line, Column: min(line, 1),
			Reason: "not a valid lock file: it was truncated or changed, or is another kind of file", Remedy: "restore it from version control"}}
	}
	if errs := schema.Decode(schema.Lock, path, []byte(t.all), &into); len(errs) > 0 {
		return nil, invalid(errs)
	}
	t.misplaced = t.misplaced || t.checksum == "" && into.Checksum != nil
	f, err := into.file()
	switch {
	case errors.Is(err, errTooManyParts):
		return nil, tooManyParts(path)
	case err != nil:
		return nil, invalid(nil)
	}
	return f, nil
}

// references returns the first line with a YAML anchor or alias, or 0. The library
// would expand a few hundred bytes of them to gigabytes, so the text is searched
// before the library parses it.
func references(all string) int {
	n := 0
	for line := range strings.Lines(all) {
		n++
		if referring(strings.TrimSuffix(line, "\n")) {
			return n
		}
	}
	return 0
}

// referring reports whether a value or key that starts in this line is an anchor
// or an alias.
func referring(line string) bool {
	starts := true // a value or key may start here
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == ' ' || c == '\t':
			starts = starts || i > 0 && strings.IndexByte(":-?,[{", line[i-1]) >= 0 || i > 0 && tagged(line[:i])
		case strings.IndexByte("[{,", c) >= 0:
			starts = true
		case c == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t'):
			return false
		case starts && (c == '&' || c == '*' || strings.HasPrefix(line[i:], "<<:")):
			return true
		case starts && (c == '"' || c == '\''):
			i += closing(line[i:])
			starts = false
		default:
			starts = false
		}
	}
	return false
}

// tagged reports whether a text ends with a YAML tag.
func tagged(s string) bool {
	return strings.HasPrefix(s[strings.LastIndexAny(s, " \t,[{")+1:], "!")
}

// closing returns the index of the closing quote, or the length of the text if the
// closing quote is on another line.
func closing(s string) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[0] == '"' && s[i] == '\\':
			i++
		case s[i] == s[0]:
			return i
		}
	}
	return len(s)
}
