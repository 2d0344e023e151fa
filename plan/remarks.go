package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	safe "github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// remarks are sentences about single parts. Parts with the same remark share one
// sentence, so that a thousand partitions make one sentence.
type remarks []remark

type remark struct {
	text  string
	parts []providers.Part // in the order of the step's parts
}

// add adds a sentence about one part.
func (r *remarks) add(p providers.Part, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	for i := range *r {
		if (*r)[i].text == text {
			(*r)[i].parts = append((*r)[i].parts, p)
			return
		}
	}
	*r = append(*r, remark{text, []providers.Part{p}})
}

// mostRemarks is the maximum number of different sentences about parts.
const mostRemarks = 5

// sentences returns the remarks, each with its parts.
func (r remarks) sentences() []string {
	var out []string
	for i, one := range r {
		if i == mostRemarks {
			return append(out, fmt.Sprintf("The same applies to %s more.", Plural(len(r)-i, "partition")))
		}
		out = append(out, named(one.parts)+" "+one.text)
	}
	return out
}

// named lists parts as ranges: "orders/0-2, orders/7".
func named(parts []providers.Part) string {
	var out []string
	for i := 0; i < len(parts); {
		first := parts[i]
		var numbers []int
		for ; i < len(parts) && parts[i].Topic == first.Topic && parts[i].Broker == first.Broker; i++ {
			numbers = append(numbers, parts[i].Number)
		}
		if first == (providers.Part{}) {
			out = append(out, partName(first))
			continue
		}
		stem := strings.TrimSuffix(first.String(), strconv.Itoa(first.Number))
		for _, run := range safe.Runs(numbers) {
			out = append(out, stem+run)
		}
	}
	if len(out) > mostRemarks {
		out = append(out[:mostRemarks], fmt.Sprintf("and %d more", len(out)-mostRemarks))
	}
	return strings.Join(out, ", ")
}

// listed returns, for a name that does not exist, the existing names if the service
// lists them.
func listed(m providers.Missing) string {
	if len(m.Known) == 0 {
		return ""
	}
	return ": the service lists " + some(m.Known)
}

// some quotes the first of several names, sorted, and counts the others.
func some(all []string) string {
	var names []string
	for i, name := range slices.Sorted(slices.Values(all)) {
		if i == mostRemarks {
			names = append(names, "and "+Grouped(int64(len(all)-i))+" more")
			break
		}
		names = append(names, quote(name))
	}
	return strings.Join(names, ", ")
}
