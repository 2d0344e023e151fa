package aliyunkafkafake

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
)

func (f *Fake) updateConsumerOffset(ctx context.Context, w http.ResponseWriter, c *call) error {
	name, topic := c.params.Get("ConsumerId"), c.params.Get("Topic")
	switch {
	case name == "":
		f.refuse(w, missing("ConsumerId"))
		return nil
	case !c.params.Has("Topic") && !f.is(anyTopic): // whether this means all topics is not documented
		f.refuse(w, missing("Topic"))
		return nil
	}
	g, err := f.group(ctx, name)
	if err != nil {
		return err
	}
	known, err := f.hasTopic(ctx, topic)
	switch {
	case err != nil:
		return err
	case g == nil:
		f.refuse(w, unknown("BIZ_SUBSCRIPTION_NOT_FOUND", "consumer group", name))
		return nil
	case topic != "" && !known:
		f.refuse(w, unknown("BIZ_TOPIC_NOT_FOUND", "topic", topic))
		return nil
	}
	to, why, err := f.destination(ctx, c, g)
	switch {
	case err != nil:
		return err
	case why != "":
		f.decline(w, 400, "%s", why)
		return nil
	}
	err = f.commit(ctx, g, to)
	switch {
	case active(err):
		f.refuse(w, &refusal{status: 400, code: "Group.Active", message: "Group is active and cannot perform this operation."})
		return nil
	case err != nil:
		return err
	}
	f.succeed(w, object{})
	return nil
}

// destination returns the offsets that a reset requests, or why it is declined.
func (f *Fake) destination(ctx context.Context, c *call, g *group) (to kadm.Offsets, why string, err error) {
	topic := c.params.Get("Topic")
	switch kind := c.params.Get("ResetType"); kind {
	case "", "timestamp":
		milli, err := strconv.ParseInt(c.params.Get("Time"), 10, 64)
		if err != nil {
			return nil, "the Time parameter is invalid", nil //nolint:nilerr // the client gets it
		}
		topics := g.topics()
		if topic != "" {
			topics = []string{topic}
		}
		to, err = f.at(ctx, milli, topics...)
		return to, "", err
	case "offset":
		if topic == "" {
			return nil, "offsets are reset of one topic at a time", nil
		}
		requested, why := offsets(c.params.Get("Offsets"))
		if why != "" {
			return nil, why, nil
		}
		_, high, err := f.bounds(ctx, topic)
		for partition, offset := range requested {
			if _, exists := high.Lookup(topic, partition); !exists {
				return nil, fmt.Sprintf("partition %d of topic %s does not exist", partition, topic), err
			}
			to.AddOffset(topic, partition, offset, -1)
		}
		return to, "", err
	default:
		return nil, fmt.Sprintf("the ResetType %q is invalid", kind), nil
	}
}

// offsets reads the Offsets parameter, with keys in any case and values as numbers or
// strings: the vendor's own examples and SDKs differ.
func offsets(text string) (map[int32]int64, string) {
	var list []map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &list) != nil || len(list) == 0 {
		return nil, "the Offsets parameter is invalid"
	}
	out := map[int32]int64{}
	for _, entry := range list {
		n := map[string]int64{}
		for key, value := range entry {
			v, err := strconv.ParseInt(strings.Trim(string(value), `"`), 10, 64)
			if err != nil || v < 0 {
				return nil, "the Offsets parameter is invalid"
			}
			n[strings.ToLower(key)] = v
		}
		partition, ok1 := n["partition"]
		offset, ok2 := n["offset"]
		if !ok1 || !ok2 || partition != int64(int32(partition)) {
			return nil, "the Offsets parameter is invalid"
		}
		out[int32(partition)] = offset
	}
	return out, ""
}
