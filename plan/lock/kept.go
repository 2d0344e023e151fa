package lock

import (
	"maps"
	"slices"
)

// kept writes or reads the metadata of each part. A part without a key that others have
// has null.
func (l *layout) kept(all []Part) {
	if !l.has(", kept: {", anyPart(all, func(p *Part) bool { return len(p.Metadata) > 0 })) {
		return
	}
	values := make([]*string, len(all))
	value := func(i int) scalar { return orNull{&values[i]} }
	if !l.reading {
		separator := ""
		for _, key := range keysOf(all) {
			for i := range all {
				values[i] = nil
				if v, ok := all[i].Metadata[key]; ok {
					values[i] = &v
				}
			}
			l.value(separator, (*str)(&key))
			l.literal(": ")
			l.column(len(all), value)
			separator = ", "
		}
		l.literal("}")
		return
	}
	for more := true; more && !l.failed; more = l.has(", ", false) {
		var key string
		l.value("", (*str)(&key))
		l.require(key != "")
		l.literal(": ")
		l.column(len(all), value)
		keep(all, key, values)
	}
	l.literal("}")
}

// keysOf returns the keys of the metadata of parts, sorted.
func keysOf(all []Part) []string {
	keys := map[string]bool{}
	for i := range all {
		for key := range all[i].Metadata {
			keys[key] = true
		}
	}
	return slices.Sorted(maps.Keys(keys))
}

// keep adds a key to the metadata of the parts that have a value.
func keep(all []Part, key string, values []*string) {
	for i, v := range values {
		if v == nil {
			continue
		}
		if all[i].Metadata == nil {
			all[i].Metadata = map[string]string{}
		}
		all[i].Metadata[key] = *v
	}
}

// orNull is a text, or null if there is none.
type orNull struct{ to **string }

func (o orNull) empty() bool { return false }

func (o orNull) appendTo(out []byte) []byte {
	if *o.to == nil {
		return append(out, "null"...)
	}
	return (*str)(*o.to).appendTo(out)
}

func (o orNull) parse(token string) bool {
	if *o.to = nil; token == "null" {
		return true
	}
	var s string
	*o.to = &s
	return (*str)(&s).parse(token)
}
