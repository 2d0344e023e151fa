package html

import (
	"strings"
	"unicode/utf8"
)

// shareStems writes the beginning that all ids have in common once, and that of the
// addresses.
func (d *data) shareStems() {
	d.IDStem, d.AddressStem = d.Steps[0].ID, d.Steps[0].Address
	for _, s := range d.Steps[1:] {
		d.IDStem, d.AddressStem = common(d.IDStem, s.ID), common(d.AddressStem, s.Address)
	}
	for i := range d.Steps {
		s := &d.Steps[i]
		s.ID, s.Address = strings.TrimPrefix(s.ID, d.IDStem), strings.TrimPrefix(s.Address, d.AddressStem)
	}
}

// common is the beginning that two texts have in common, in whole characters.
func common(a, b string) string {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	for n > 0 && n < len(a) && !utf8.RuneStart(a[n]) {
		n--
	}
	return a[:n]
}
