package plan

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// Remarks are sentences about single parts. Parts with the same remark share one
// sentence, so that a thousand partitions make one sentence.
type Remarks []remark

type remark struct {
	text  string
	parts []providers.Part // in the order of the step's parts
}

// Add adds a sentence about one part.
func (r *Remarks) Add(p providers.Part, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	for i := range *r {
		if (*r)[i].text == text {
			(*r)[i].parts = append((*r)[i].parts, p)
			return
		}
	}
	*r = append(*r, remark{text, []providers.Part{p}})
}

// MostListed is the maximum number of different sentences about parts.
const MostListed = 5

// Sentences returns the remarks, each with its parts.
func (r Remarks) Sentences() []string {
	var out []string
	for i, one := range r {
		if i == MostListed {
			return append(out, fmt.Sprintf("The same applies to %s more.", text.Plural(len(r)-i, "partition")))
		}
		out = append(out, PartRanges(one.parts)+" "+one.text)
	}
	return out
}

// PartRanges lists parts as ranges: "orders/0-2, orders/7".
func PartRanges(parts []providers.Part) string {
	var out []string
	for i := 0; i < len(parts); {
		first := parts[i]
		var numbers []int
		for ; i < len(parts) && parts[i].Topic == first.Topic && parts[i].Broker == first.Broker; i++ {
			numbers = append(numbers, parts[i].Number)
		}
		if first == (providers.Part{}) {
			out = append(out, PartName(first))
			continue
		}
		stem := strings.TrimSuffix(first.String(), strconv.Itoa(first.Number))
		for _, run := range text.Runs(numbers) {
			out = append(out, stem+run)
		}
	}
	if len(out) > MostListed {
		out = append(out[:MostListed], fmt.Sprintf("and %d more", len(out)-MostListed))
	}
	return strings.Join(out, ", ")
}

// PartName returns the name of a part: "orders/0", or "the target" if the service
// has no parts.
func PartName(p providers.Part) string {
	if s := p.String(); s != "" {
		return s
	}
	return "the target"
}
