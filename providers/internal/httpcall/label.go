package httpcall

import "strings"

// IsLabel reports whether a name has only the characters of a host's label, so that
// it can become a part of a host's name without changing which host that is.
func IsLabel(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
