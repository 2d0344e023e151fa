package text

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Bytes formats a size for people: "1.2 GiB".
func Bytes(n int64) string {
	if n < 1<<10 {
		return Plural(int(n), "byte")
	}
	size, unit := float64(n)/(1<<10), "KiB"
	for _, next := range []string{"MiB", "GiB", "TiB", "PiB"} {
		if size < 1023.95 {
			break
		}
		size, unit = size/(1<<10), next
	}
	return fmt.Sprintf("%.1f %s", size, unit)
}

// Rate formats a number of records per second: "2,000", "0.4".
func Rate(r float64) string {
	if r < 10 && r != math.Trunc(r) {
		return fmt.Sprintf("%.1f", max(r, 0.1))
	}
	return Grouped(int64(math.Round(r)))
}

// Grouped formats a number with commas: "1,204,133".
func Grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	var out strings.Builder
	for i, c := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 && digits[i-1] != '-' {
			out.WriteByte(',')
		}
		out.WriteRune(c)
	}
	return out.String()
}
