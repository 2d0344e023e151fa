package text

import (
	"strconv"
	"strings"
)

// Ranges formats sorted numbers as ranges: "0-3,7".
func Ranges(numbers []int) string { return strings.Join(Runs(numbers), ",") }

// Runs formats each run of consecutive numbers: "0-3" and "7". The numbers must be
// sorted and distinct.
func Runs(numbers []int) []string {
	var out []string
	for i := 0; i < len(numbers); {
		j := i
		for j+1 < len(numbers) && numbers[j+1] == numbers[j]+1 {
			j++
		}
		run := strconv.Itoa(numbers[i])
		if j > i {
			run += "-" + strconv.Itoa(numbers[j])
		}
		out = append(out, run)
		i = j + 1
	}
	return out
}
