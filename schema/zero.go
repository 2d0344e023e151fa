package schema

import "strings"

// A zeroSpan is the error of a duration that must not be zero.
type zeroSpan struct{ reason, remedy string }

// zeroOf returns the error of a zero under a key that must not be one; nil if it may. It
// precedes the error of a missing unit: with a unit, the value would be refused again.
func zeroOf(path string) *zeroSpan {
	switch key := path[strings.LastIndexByte(path, '.')+1:]; {
	case strings.HasPrefix(path, "workloads."):
		return &zeroSpan{"the time is zero", "write for example 2m"}
	case key == "timeout" && strings.HasPrefix(path, "notify"):
		return &zeroSpan{"the timeout is zero", "write for example 5s"}
	case key == "timeout":
		return &zeroSpan{"the timeout is zero", "write for example 30s"}
	case key == "within":
		return &zeroSpan{"the limit is zero", "write for example 6h, or remove it to watch without a limit"}
	}
	return nil
}

// isZero reports whether a text is the number zero, such as 0 or 0.0.
func isZero(text string) bool { return strings.HasPrefix(text, "0") && strings.Trim(text, "0.") == "" }

// notZero reports a duration of zero.
func (b *builder) notZero(at string) {
	if z := zeroOf(at); z != nil && !b.wrong[at] {
		b.report(at, false, z.reason, z.remedy)
	}
}
