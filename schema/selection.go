package schema

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	safe "github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/schema/diag"
)

// Selections returns the keys that name several targets in a target of a type,
// outermost first, without names.
func Selections(kind string) []Selection {
	var out []Selection
	for _, v := range list(targetRules(kind)["x-selects"]) {
		out = append(out, Selection{Key: scalar(object(v)["key"]), One: scalar(object(v)["one"]), Or: scalar(object(v)["or"])})
	}
	return out
}

// selections checks that a target has one name or several of everything that it can
// select, and moves the keys that make several steps of one from the target to the
// step.
func (b *builder) selections(s *Step, kind, at string) {
	last := ""
	for _, one := range Selections(kind) {
		b.oneOrMany(s, one, object(targetRules(kind)["properties"]), at)
		if names := texts(s.Target[one.Key]); names != nil {
			one.Names, last = names, one.Key
			s.Select = append(s.Select, one)
		}
	}
	if last != "" {
		b.excluded(s.Target, last, "exclude", at)
	} else if all := Selections(kind); len(all) > 0 && s.Target["exclude"] != nil {
		keys := make([]string, len(all))
		for i, one := range all {
			keys[i] = one.Key
		}
		b.report(at+".exclude", true, "exclude is only allowed with "+strings.Join(keys, " or "),
			"add "+keys[len(keys)-1]+", or remove exclude")
	}
	s.Exclude = texts(s.Target["exclude"])
	for _, one := range Selections(kind) {
		delete(s.Target, one.Key)
		delete(s.Target, "exclude")
	}
}

// oneOrMany checks that a target has exactly one of several keys, such as group and
// groups.
func (b *builder) oneOrMany(s *Step, of Selection, known map[string]any, at string) {
	many, writtenMany := s.Target[of.Key]
	noValue := writtenMany && many == nil // which has its own error
	var written []string
	for _, key := range []string{of.One, of.Or} {
		if _, ok := s.Target[key]; ok {
			written = append(written, key)
		}
	}
	switch {
	case len(written) == 0 && noValue || b.index.Merged[at]:
	case len(written) == 0 && many == nil && misnamed(s.Target, of.One, at, known):
	case len(written) == 0 && many == nil:
		b.report(at, true, "the target has no "+of.One, of.remedy())
	case len(written) == 2:
		b.report(at+"."+of.Or, true, of.One+" and "+of.Or+" are mutually exclusive", "keep one of them")
	case len(written) == 1 && s.Target[written[0]] != nil && many != nil:
		b.report(at+"."+of.Key, true, written[0]+" and "+of.Key+" are mutually exclusive", "keep one of them")
	}
}

// remedy returns what to write in a target that has none of the keys.
func (of Selection) remedy() string {
	single := fmt.Sprintf("write %s: NAME, or ", of.One)
	if of.Or != "" {
		single = fmt.Sprintf("write %s: ID, %s: NAME, or ", of.One, of.Or)
	}
	return single + fmt.Sprintf("%s: [NAMES or globs]", of.Key)
}

// unselected reports positions for topics, partitions or shards that a step does not
// select.
func (b *builder) unselected(s *Step, kind, at string) {
	if kind == "" || s.Target == nil {
		return
	}
	topics := texts(s.Target["topics"])
	if topic := scalar(s.Target["topic"]); topic != "" {
		topics = []string{topic}
	}
	literal := s.Target["topic"] != nil
	b.topicWithPartitions(s, kind, at)
	b.flat(s, kind, topics, literal, at)
	chosen := map[string]bool{}
	for _, n := range list(s.Target["partitions"]) {
		chosen[scalar(n)] = true
	}
	for _, topic := range sortedKeys(s.To.Offsets) {
		path := at + ".to.offsets"
		if topic != "" {
			path += "." + topic
			if len(topics) > 0 && !slices.ContainsFunc(topics,
				func(t string) bool { return t == topic || !literal && safe.IsGlob(t) && safe.Match(t, topic) }) {
				b.report(path, true, fmt.Sprintf("topic %q is not in the step's target", diag.Shorten(topic)),
					b.didYouMean(topic, topics, "the target's topics are "))
				continue
			}
			if slices.ContainsFunc(texts(s.Target["excludeTopics"]),
				func(out string) bool { return out == topic || safe.IsGlob(out) && safe.Match(out, topic) }) {
				b.report(path, true, fmt.Sprintf("topic %q is excluded from the step's target", diag.Shorten(topic)),
					"remove it here, or from excludeTopics")
				continue
			}
		}
		for _, n := range sortedInts(s.To.Offsets[topic]) {
			if len(chosen) > 0 && !chosen[strconv.Itoa(n)] {
				b.report(path+"."+strconv.Itoa(n), true, fmt.Sprintf("partition %d is not in the step's partitions", n),
					"add it to partitions, or remove it here")
			}
		}
	}
	b.outsideShards(s, at)
}

func (b *builder) outsideShards(s *Step, at string) {
	for _, one := range s.Select {
		if one.One == "logstore" && s.To.Checkpoints != nil && (len(one.Names) > 1 || safe.IsGlob(one.Names[0])) {
			b.report(at+".to.checkpoints", true, "checkpoints belong to one logstore, and the step may have several",
				"write a step for each logstore, or use a timestamp")
		}
	}
	chosen := map[string]bool{}
	for _, n := range list(s.Target["shards"]) {
		chosen[scalar(n)] = true
	}
	for _, n := range sortedInts(s.To.Checkpoints) {
		if len(chosen) > 0 && !chosen[strconv.Itoa(n)] {
			b.report(at+".to.checkpoints."+strconv.Itoa(n), true, fmt.Sprintf("shard %d is not in the step's shards", n),
				"add it to shards, or remove it here")
		}
	}
}

var withPartitions = pattern.New(`^([A-Za-z0-9._-]+):([0-9]+(?:,[0-9]+)*)$`)

// topicWithPartitions refuses a topic as kafka-consumer-groups writes it with its
// partitions: no name of a topic contains a colon.
func (b *builder) topicWithPartitions(s *Step, kind, at string) {
	if object(targetRules(kind)["properties"])["partitions"] == nil {
		return
	}
	if m := withPartitions.FindStringSubmatch(scalar(s.Target["topic"])); m != nil {
		b.report(at+".target.topic", false, strconv.Quote(diag.Shorten(m[0]))+" is a topic with partitions",
			fmt.Sprintf("write topic: %s, partitions: [%s]", m[1], strings.ReplaceAll(m[2], ",", ", ")))
	}
}

// flat refuses offsets without a topic in a step that may have several topics.
func (b *builder) flat(s *Step, kind string, topics []string, literal bool, at string) {
	if s.To.Offsets[""] == nil || len(topics) == 1 && (literal || !safe.IsGlob(topics[0])) || !manyTopics(kind) {
		return
	}
	why := "the step selects every topic of the group"
	switch {
	case len(topics) > 1:
		why = "the step has several topics"
	case len(topics) == 1:
		why = fmt.Sprintf("%s may match several topics", topics[0])
	}
	b.report(at+".to.offsets", true, "offsets without a topic, and "+why, "write {offsets: {TOPIC: {0: 100}}}, or select one topic")
}

// distinct refuses a list in which a value is written twice.
func (b *builder) distinct(v any, at string) {
	first := map[string]bool{}
	for i, item := range items(v) {
		text, path := scalar(item), b.index.Item(at, i)
		if text == "" || b.wrong[path] {
			continue
		}
		if first[text] {
			b.report(path, false, fmt.Sprintf("%q is listed twice", diag.Shorten(text)), "remove one of them")
		}
		first[text] = true
	}
}

// excluded refuses a step whose exclusions remove everything that it lists.
func (b *builder) excluded(target map[string]any, key, except, at string) {
	listed, out := texts(target[key]), texts(target[except])
	if len(listed) == 0 || len(out) == 0 {
		return
	}
	if slices.Contains(out, "*") || !slices.ContainsFunc(listed, func(name string) bool { return !slices.Contains(out, name) }) {
		b.report(at+"."+except, true, fmt.Sprintf("no names are left: %s excludes all of %s", except, key), "remove from "+except+" the names to reset")
	}
}

// ownGroup refuses a copy of a group's positions to itself.
func (b *builder) ownGroup(s *Step, at string) {
	own := []string{scalar(s.Target["group"]), scalar(s.Target["consumerGroup"])}
	for _, one := range s.Select {
		if one.One == "group" || one.One == "consumerGroup" {
			own = append(own, one.Names...)
		}
	}
	if s.To.Form == ToGroup && s.To.Group != "" && slices.Contains(own, s.To.Group) {
		b.report(at+".to.group", false, fmt.Sprintf("group %s is the step's own group", diag.Shorten(s.To.Group)),
			"name another group, or write to: current")
	}
}
