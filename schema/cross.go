package schema

import (
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// ids checks the names by which steps refer to each other.
func (b *builder) ids(steps []Step) {
	first := map[string]int{}
	var known []string
	for i, s := range steps {
		at := fmt.Sprintf("steps[%d].id", i)
		if j, twice := first[s.ID]; twice && s.ID != "" {
			line := b.index.place(fmt.Sprintf("steps[%d].id", j), false).Line
			b.fault(at, false, fmt.Sprintf("the id %q stands here a second time; the first is in line %d", s.ID, line), "give each step its own id")
			continue
		}
		first[s.ID] = i
		known = append(known, s.ID)
	}
	for i, s := range steps {
		for j, n := range s.Needs {
			if !slices.Contains(known, n) {
				b.fault(fmt.Sprintf("steps[%d].needs[%d]", i, j), false, fmt.Sprintf("there is no step %q", shorten(n)), didYouMean(n, known, "the steps are "))
			}
		}
	}
}

func didYouMean(written string, known []string, otherwise string) string {
	if near := Nearest(written, known); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return otherwise + strings.Join(known, ", ")
}

// endpoint refuses a connection that anybody on the way could read.
func (b *builder) endpoint(p Provider, at string) {
	if !strings.HasPrefix(p.Endpoint, "http://") || p.Insecure {
		return
	}
	u, err := url.Parse(p.Endpoint)
	if err != nil {
		b.fault(at+".endpoint", false, fmt.Sprintf("%q is not a URL", shorten(p.Endpoint)), "write https://host:port")
		return
	}
	if ip := net.ParseIP(u.Hostname()); u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		b.fault(at+".endpoint", false, "http:// sends credentials and data in the clear to "+u.Hostname(), "write https://, or insecure: true beside it")
	}
}

// target holds a step's target against the schema of its provider's type and
// lifts out of it what makes one step several.
func (b *builder) target(s *Step, at string, providers []Provider) {
	i := slices.IndexFunc(providers, func(p Provider) bool { return p.Name == s.Provider })
	if i < 0 {
		var known []string
		for _, p := range providers {
			known = append(known, p.Name)
		}
		if s.Provider != "" {
			b.fault(at+".provider", false, fmt.Sprintf("there is no provider %q in this plan", shorten(s.Provider)), didYouMean(s.Provider, known, "the providers are "))
		}
		return
	}
	definition := branches()["target-"+providers[i].Type]
	if definition == nil || s.Target == nil {
		return
	}
	faults := b.index.validate(definition(), any(s.Target), at+".target")
	b.faults = append(b.faults, faults...)
	if len(faults) > 0 {
		return
	}
	if providers[i].Type == "kafka" {
		b.groups(s, at+".target")
	}
	if s.Target["topic"] != nil && s.Target["topics"] != nil {
		b.fault(at+".target.topics", true, "topic and topics stand side by side", "write one of them")
	}
	b.partitions(s, at+".target")
}

func (b *builder) groups(s *Step, at string) {
	group, groups := s.Target["group"], s.Target["groups"]
	switch {
	case group == nil && groups == nil:
		b.fault(at, true, "the target names no group", "write group: NAME, or groups: [NAMES or globs]")
	case group != nil && groups != nil:
		b.fault(at+".groups", true, "group and groups stand side by side", "write one of them")
	case groups == nil && s.Target["exclude"] != nil:
		b.fault(at+".exclude", true, "exclude takes names out of groups, and there is no groups", "write groups, or remove exclude")
	}
	s.Groups, s.Exclude = texts(groups), texts(s.Target["exclude"])
	delete(s.Target, "groups")
	delete(s.Target, "exclude")
}

// mostPartitions bounds what a range can expand to.
const mostPartitions = 100_000

// partitions expands ranges into a sorted list of numbers.
func (b *builder) partitions(s *Step, at string) {
	written := list(s.Target["partitions"])
	if written == nil {
		return
	}
	if topics := list(s.Target["topics"]); len(topics) > 0 || s.Target["topic"] == nil {
		b.fault(at+".partitions", true, "partitions can be chosen only of one topic", "write topic: NAME beside it")
		return
	}
	chosen := map[int]bool{}
	for i, p := range written {
		low, high, isRange := strings.Cut(scalar(p), "-")
		from, _ := strconv.Atoi(low)
		to := from
		if isRange {
			to, _ = strconv.Atoi(high)
		}
		switch {
		case to < from:
			b.fault(fmt.Sprintf("%s.partitions[%d]", at, i), false, fmt.Sprintf("the range %s runs backwards", scalar(p)), fmt.Sprintf("write %d-%d", to, from))
			return
		case to-from+len(chosen) > mostPartitions:
			b.fault(fmt.Sprintf("%s.partitions[%d]", at, i), false, fmt.Sprintf("more than %d partitions are named", mostPartitions), "leave partitions out to mean all")
			return
		}
		for n := from; n <= to; n++ {
			chosen[n] = true
		}
	}
	numbers := make([]any, 0, len(chosen))
	for _, n := range sortedInts(chosen) {
		numbers = append(numbers, json.Number(strconv.Itoa(n)))
	}
	s.Target["partitions"] = numbers
}

func sortedInts[V any](m map[int]V) []int {
	var out []int
	for n := range m {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}
