package diag

import (
	"bytes"
	"unicode/utf8"
)

// Encoding returns why a file is not UTF-8 text, if it is in another encoding of
// Unicode, or "". Windows PowerShell writes UTF-16 with > and Out-File.
func Encoding(source []byte) (reason, remedy string) {
	const save = "save it as UTF-8 (Windows PowerShell: Out-File -Encoding utf8)"
	switch {
	case bytes.HasPrefix(source, []byte{0xff, 0xfe, 0, 0}), bytes.HasPrefix(source, []byte{0, 0, 0xfe, 0xff}):
		return "this file is UTF-32", save
	case bytes.HasPrefix(source, []byte{0xff, 0xfe}), bytes.HasPrefix(source, []byte{0xfe, 0xff}), alternates(source):
		return "this file is UTF-16", save
	}
	return "", ""
}

// alternates reports whether every other byte at the start of a text is zero, as in
// UTF-16 without a byte order mark.
func alternates(source []byte) bool {
	const look = 16
	if len(source) < 4 {
		return false
	}
	head := source[:min(len(source), look)&^1]
	zeros := [2]int{}
	for i, c := range head {
		if c == 0 {
			zeros[i%2]++
		}
	}
	half := len(head) / 2
	return (zeros[0] == half && zeros[1] == 0 || zeros[1] == half && zeros[0] == 0) && utf8.Valid(bytes.ReplaceAll(head, []byte{0}, nil))
}
