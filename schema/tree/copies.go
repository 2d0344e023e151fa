package tree

// Copy gives keys and values a second path: to returns the new path of one, or "".
// Errors at either path are then reported at the same place.
func (x *Index) Copy(to func(path string) string) {
	copied(x.Values, to)
	copied(x.Keys, to)
	copied(x.Filled, to)
	copied(x.Placeholders, to)
}

func copied[V any](in map[string]V, to func(string) string) {
	out := map[string]V{}
	for path, v := range in {
		if second := to(path); second != "" {
			out[second] = v
		}
	}
	for path, v := range out {
		if _, taken := in[path]; !taken {
			in[path] = v
		}
	}
}

// Hides reports whether the value at a path is on a line that may hold a secret.
func (x *Index) Hides(path string) bool {
	n := x.Values[path]
	return n != nil && x.source.Hides(n.Line)
}
