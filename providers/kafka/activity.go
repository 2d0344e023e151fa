package kafka

import (
	"fmt"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/providers"
)

// activity reports whether a group is active, by its listed state, without the
// members: describe adds them.
func (g listed) activity() providers.Activity {
	a := providers.Activity{State: providers.Active, Why: fmt.Sprintf("%s (%s protocol)", g.state, g.kind)}
	switch g.state {
	case "Empty", "Dead":
		a.State = providers.Idle
	case "":
		a.State, a.Why = providers.UnknownState, "the broker does not report the group's state"
	}
	return a
}

// refusal returns why offsets of a group cannot be reset by this provider, with the
// tool that does it; "" if they can. The commits of a group that is not reset itself
// are only read, which fails for share groups alone.
func (g listed) refusal(reset bool) string {
	switch {
	case g.kind == "share":
		return "it is a share group, which has no committed offsets: use kafka-share-groups.sh --reset-offsets, or exclude it"
	case reset && g.kind == "streams":
		return "it is a group of the streams protocol (KIP-1071), whose offsets belong together with the application's state: use " +
			"kafka-streams-groups.sh --reset-offsets, or exclude it"
	case reset && g.protocol == "connect":
		return "it is the group of Kafka Connect's workers, which has no committed offsets: stop the connector and use PATCH " +
			"/connectors/NAME/offsets of Connect's REST API, or name the group of a sink connector, which is connect-NAME by default"
	}
	return ""
}

// simple reports whether no consumer ever joined a group: it exists by commits alone.
func (g listed) simple() bool { return g.kind == "classic" && g.protocol == "" }

// connectTask begins the client id of each task of a Kafka Connect sink connector.
const connectTask = "connector-consumer-"

// connectors describes how to stop members that are tasks of Kafka Connect. A connector
// that is only paused keeps its consumers in the group.
func connectors(members []providers.Member) string {
	var names []string
	for _, m := range members {
		name, ok := strings.CutPrefix(m.Client, connectTask)
		if end := strings.LastIndexByte(name, '-'); ok && end > 0 {
			names = append(names, name[:end])
		}
	}
	slices.Sort(names)
	if names = slices.Compact(names); len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("Consumers of the group are tasks of the Kafka Connect connector %s. Stop the connector with PUT /connectors/%s/stop of "+
		"Connect's REST API (pausing it keeps them in the group), and start it afterwards with PUT /connectors/%s/resume.",
		strings.Join(names, ", "), names[0], names[0])
}

// streamsInternal reports whether a topic is one that the Kafka Streams application of
// a group creates for itself: its name begins with that of the group.
func streamsInternal(group, topic string) bool {
	return strings.HasPrefix(topic, group+"-") && (strings.HasSuffix(topic, "-repartition") || strings.HasSuffix(topic, "-changelog"))
}

// leftOut describes topics that are left out.
func leftOut(topics []string) string {
	const most = 5
	names := strings.Join(topics[:min(most, len(topics))], ", ")
	if more := len(topics) - most; more > 0 {
		names += fmt.Sprintf(" and %d more", more)
	}
	return "Left out are the internal topics of this Kafka Streams application: " + names + ". To reset them too, name them under topics, " +
		"together with the others."
}
