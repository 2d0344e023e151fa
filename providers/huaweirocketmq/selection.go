package huaweirocketmq

import (
	"fmt"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/huaweirocketmq/internal/api"
)

// topics returns the topics that a target selects, sorted, and the globs that select
// none as missing.
func (t *target) topics(subscribed []string) (selected []string, none []providers.Missing) {
	for _, topic := range subscribed {
		if t.selects(topic) {
			selected = append(selected, topic)
		}
	}
	for _, glob := range t.globs {
		if !slices.ContainsFunc(selected, func(topic string) bool { return text.Match(glob, topic) }) {
			none = append(none, providers.Missing{What: providers.TopicName, Name: glob,
				Known: slices.DeleteFunc(slices.Clone(subscribed), isInternal)})
		}
	}
	return once(append(selected, t.names...)), none
}

// leftOut returns sentences about what a reset of the group leaves as it is: its retry
// and dead letter topics, with the number of messages that wait in each. Topics without
// such messages are left out if the target names its topics in full.
func (r *reading) leftOut(t *target, subscribed []string) (notes []string) {
	for _, topic := range slices.DeleteFunc(slices.Clone(subscribed), func(topic string) bool { return !isInternal(topic) }) {
		commits, err := r.commits(groupTopic{t.group, topic})
		waiting, known := waiting(commits)
		if known = known && err == nil; known && waiting == 0 && !t.listed() {
			continue
		}
		count := "an unknown number of messages"
		if known {
			count = text.Plural(int(waiting), "message")
		}
		fate := "are delivered again in any case"
		if strings.HasPrefix(topic, "%DLQ%") {
			fate = "are not delivered any more"
		}
		notes = append(notes, fmt.Sprintf("Not moved: %s. Its messages %s; it has %s now.", topic, fate, count))
	}
	return notes
}

// waiting returns how many records a group has not read, if every queue reports it.
func waiting(commits map[api.Queue]api.Status) (n int64, known bool) {
	for _, s := range commits {
		if s.End == nil || s.Committed == nil {
			return 0, false
		}
		n += max(0, *s.End-max(0, *s.Committed))
	}
	return n, len(commits) > 0
}
