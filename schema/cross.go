package schema

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/literal"
)

// ids checks the names by which steps refer to each other.
func (b *builder) ids(steps []Step) {
	first := map[string]int{} // the first step that has an id
	var known []string
	for i, s := range steps {
		at := fmt.Sprintf("steps[%d].id", i)
		if s.ID == "" || b.wrong[at] {
			continue
		}
		if j, twice := first[s.ID]; twice {
			line := b.index.Place(fmt.Sprintf("steps[%d].id", j), false).Line
			b.report(at, false, fmt.Sprintf("duplicate id %q (first used on line %d)", s.ID, line), "give each step its own id")
			continue
		}
		first[s.ID] = i
		known = append(known, s.ID)
	}
	for i, s := range steps {
		for j, n := range s.Needs {
			at := b.index.Item(fmt.Sprintf("steps[%d].needs", i), j)
			switch {
			case n == "" || b.wrong[at]:
			case n == s.ID:
				b.report(at, false, fmt.Sprintf("step %s needs itself", n), "remove it from needs")
			case known == nil || first[n] == 0 && n != known[0]:
				b.report(at, false, fmt.Sprintf("unknown step %q", diag.Shorten(n)), b.otherStep(n, s.ID, known))
			}
		}
	}
}

func (b *builder) otherStep(written, id string, known []string) string {
	if b.tooManyToSuggest() {
		return ""
	}
	others := slices.DeleteFunc(slices.Clone(known), func(k string) bool { return k == id })
	return didYouMean(written, others, "the other steps are ")
}

// didYouMean suggests the nearest of the known names, or lists them. It does
// neither for errors that will not be shown, because that takes long.
func (b *builder) didYouMean(written string, known []string, otherwise string) string {
	if b.tooManyToSuggest() {
		return ""
	}
	return didYouMean(written, known, otherwise)
}

func (b *builder) tooManyToSuggest() bool { return len(b.errors) > 2*diag.MostShown }

func didYouMean(written string, known []string, otherwise string) string {
	if near := diag.Nearest(written, known); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	const most = 10
	switch {
	case len(known) == 0:
		return "remove it"
	case len(known) > most:
		return otherwise + strings.Join(known[:most], ", ") + fmt.Sprintf(" and %d more", len(known)-most)
	}
	return otherwise + strings.Join(known, ", ")
}

// endpoint refuses an invalid URL that the schema's pattern accepts, and an
// unencrypted connection.
func (b *builder) endpoint(p Provider, at string) {
	at += ".endpoint"
	if p.Endpoint == "" || b.wrong[at] {
		return
	}
	if reason, remedy := literal.InvalidEndpoint(p.Endpoint); reason != "" {
		b.report(at, false, reason, remedy)
		return
	}
	b.encrypted(p, p.Endpoint, at, "http:// sends credentials and data unencrypted to ")
}

// tokens refuses a token endpoint of OAUTHBEARER that is not encrypted.
func (b *builder) tokens(p Provider, at string) {
	at += ".sasl.oauth.tokenEndpoint"
	if written := scalar(object(object(p.Config["sasl"])["oauth"])["tokenEndpoint"]); written != "" && !b.wrong[at] {
		b.encrypted(p, written, at, "http:// sends the client's secret unencrypted to ")
	}
}

// encrypted refuses a URL with http:// that is neither on loopback nor permitted.
func (b *builder) encrypted(p Provider, written, at, reason string) {
	u, err := url.Parse(written)
	switch {
	case err != nil:
		b.report(at, false, "not a URL", "write https://host")
	case u.Scheme == "http" && !p.Insecure && !text.Loopback(u.Hostname()):
		b.report(at, false, reason+diag.Shorten(u.Hostname()), "write https://, or add insecure: true")
	}
}

// brokers checks the ports and hosts that fit the schema's pattern.
func (b *builder) brokers(v any, at string) {
	first := map[string]bool{}
	for i, broker := range items(v) {
		text, path := scalar(broker), b.index.Item(at, i)
		if b.wrong[path] || text == "" {
			continue
		}
		reason, remedy := literal.InvalidBroker(text)
		if reason == "" && first[strings.ToLower(text)] {
			reason, remedy = fmt.Sprintf("duplicate broker %s", diag.Shorten(text)), "remove it"
		}
		first[strings.ToLower(text)] = true
		if reason != "" {
			b.report(path, false, reason, remedy)
		}
	}
}

// onlyType returns the index of a provider if all of them have one type, or -1.
func onlyType(providers []Provider) int {
	if len(providers) == 0 || slices.ContainsFunc(providers, func(p Provider) bool { return p.Type != providers[0].Type }) {
		return -1
	}
	return 0
}

// target checks a step's target against the schema of its provider's type, and
// returns the type.
func (b *builder) target(s *Step, at string, providers []Provider) (kind string) {
	i := slices.IndexFunc(providers, func(p Provider) bool { return p.Name == s.Provider })
	if i < 0 {
		var known []string
		for _, p := range providers {
			known = append(known, p.Name)
		}
		if s.Provider != "" && len(known) > 0 {
			b.report(at+".provider", false, fmt.Sprintf("unknown provider %q", diag.Shorten(s.Provider)),
				lookalikeOr(b.index, at+".provider", s.Provider, b.didYouMean(s.Provider, known,
					"the providers of this plan"+when(len(b.connections) > 0, " and the connections", "")+" are ")))
		}
		if i = onlyType(providers); i < 0 {
			return ""
		}
	}
	kind = providers[i].Type
	definition := branches()["target-"+kind]
	if definition == nil || s.Target == nil {
		return kind
	}
	b.validate(definition(), any(s.Target), at+".target")
	keys := []string{"exclude", "topics", "excludeTopics"}
	for _, one := range Selections(kind) {
		keys = append(keys, one.Key)
	}
	for _, key := range keys {
		if s.Target[key] != nil {
			s.Target[key] = any(items(s.Target[key]))
		}
	}
	for _, key := range keys {
		b.distinct(s.Target[key], at+".target."+key)
	}
	b.excluded(s.Target, "topics", "excludeTopics", at+".target")
	b.selections(s, kind, at+".target")
	if s.Target["topic"] != nil && s.Target["topics"] != nil && !b.index.Unknown[at+".target.topics"] {
		b.report(at+".target.topics", true, "topic and topics are mutually exclusive", "keep one of them")
	}
	topics := texts(s.Target["topics"])
	one := s.Target["topic"] != nil || !manyTopics(kind) || len(topics) == 1 && !text.IsGlob(topics[0])
	if s.Target["partitions"] != nil && !one && !b.index.Unknown[at+".target.partitions"] {
		b.report(at+".target.partitions", true, "partitions requires exactly one topic, without globs", "add topic: NAME")
	}
	b.numbers(s, "partitions", at+".target")
	b.numbers(s, "shards", at+".target")
	return kind
}

// mostPartitions is the maximum number of partitions that a range can expand to.
const mostPartitions = 100_000

// numbers expands the ranges under a key into a sorted list of numbers, each
// of which is written once.
func (b *builder) numbers(s *Step, key, at string) {
	written := items(s.Target[key])
	if written == nil {
		return
	}
	at += "." + key
	chosen := map[int]bool{}
	for i, p := range written {
		path := b.index.Item(at, i)
		from, to, ok := bounds(scalar(p))
		switch {
		case b.wrong[path] || scalar(p) == "":
			continue
		case !ok:
			b.report(path, false, fmt.Sprintf("%s is too large", diag.Shorten(scalar(p))), "the maximum is 2147483647")
			continue
		case to < from:
			b.report(path, false, fmt.Sprintf("the range %s runs backwards", scalar(p)), fmt.Sprintf("write %d-%d", to, from))
			continue
		case to-from+len(chosen) >= mostPartitions || b.chosen > 3*mostPartitions:
			b.report(path, false, fmt.Sprintf("more than %d %s are selected", mostPartitions, key), fmt.Sprintf("leave %s out to select all", key))
			delete(s.Target, key)
			return
		}
		twice := -1
		for n := from; n <= to; n++ {
			if chosen[n] && twice < 0 {
				twice = n
			}
			chosen[n] = true
		}
		if twice >= 0 {
			b.report(path, false, fmt.Sprintf("%s %d is selected twice", strings.TrimSuffix(key, "s"), twice), "remove it, or narrow the range")
		}
	}
	if b.chosen += len(chosen); b.chosen > 3*mostPartitions {
		b.report(at, true, fmt.Sprintf("the steps of the plan select more than %d %s", 3*mostPartitions, key),
			fmt.Sprintf("leave %s out to select all", key))
		delete(s.Target, key)
		return
	}
	numbers := make([]any, 0, len(chosen))
	for _, n := range sortedInts(chosen) {
		numbers = append(numbers, json.Number(strconv.Itoa(n)))
	}
	s.Target[key] = numbers
}

// bounds reads a number or a range.
func bounds(text string) (from, to int, ok bool) {
	low, high, isRange := strings.Cut(text, "-")
	from, ok = plainNumber(low)
	if !isRange {
		return from, from, ok
	}
	to, other := plainNumber(high)
	return from, to, ok && other
}

func sortedInts[V any](m map[int]V) []int {
	var out []int
	for n := range m {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}
