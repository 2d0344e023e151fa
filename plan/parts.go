package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// Remarks are sentences about single parts. Parts with the same remark share one
// sentence, and so do parts of which more than a few remarks differ only in numbers, so
// that a thousand partitions make one sentence.
type Remarks []remark

type remark struct {
	alike     text.Alike
	parts     []providers.Part // in the order of the step's parts
	sentences []sentence       // the different sentences; nil = more than text.Apart
}

type sentence struct {
	text  string
	parts []providers.Part
}

// Add adds a sentence about one part, which begins with a verb.
func (r *Remarks) Add(p providers.Part, format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	alike := text.AlikeOf(line)
	at := slices.IndexFunc(*r, func(one remark) bool { return one.alike.Kind() == alike.Kind() })
	if at < 0 {
		at, *r = len(*r), append(*r, remark{alike: alike, sentences: []sentence{}})
	}
	one := &(*r)[at]
	one.alike.Add(alike)
	one.parts = append(one.parts, p)
	if one.sentences == nil {
		return
	}
	same := slices.IndexFunc(one.sentences, func(s sentence) bool { return s.text == line })
	switch {
	case same >= 0:
		one.sentences[same].parts = append(one.sentences[same].parts, p)
	case len(one.sentences) < text.Apart:
		one.sentences = append(one.sentences, sentence{line, []providers.Part{p}})
	default:
		one.sentences = nil
	}
}

// MostListed is the maximum number of different sentences about parts.
const MostListed = 5

// Sentences returns the remarks, each with its parts.
func (r Remarks) Sentences() []string {
	var all []sentence
	for _, one := range r {
		if one.sentences == nil {
			one.sentences = []sentence{{one.alike.String(), one.parts}}
		}
		all = append(all, one.sentences...)
	}
	var out []string
	for i, one := range all {
		if i == MostListed {
			more := 0
			for _, rest := range all[i:] {
				more += len(rest.parts)
			}
			return append(out, fmt.Sprintf("The same applies to %s.", text.Plural(more, "more partition")))
		}
		line := one.text
		if len(one.parts) > 1 {
			line = plural(line)
		}
		out = append(out, PartRanges(one.parts)+" "+line)
	}
	return out
}

// plural makes the verb with which a sentence begins one of several subjects.
func plural(sentence string) string {
	for _, verb := range [][2]string{{"is ", "are "}, {"was ", "were "}, {"has ", "have "}, {"goes ", "go "}, {"belongs ", "belong "},
		{"no longer exists", "no longer exist"}} {
		if rest, ok := strings.CutPrefix(sentence, verb[0]); ok {
			return verb[1] + rest
		}
	}
	return sentence
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
