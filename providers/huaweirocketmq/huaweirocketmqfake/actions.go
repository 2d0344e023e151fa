package huaweirocketmqfake

import (
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"strings"
)

// object is a JSON object of an answer.
type object = map[string]any

func (f *Fake) group(r *http.Request) (*group, *refusal) {
	if g := f.groups[r.PathValue("group")]; g != nil {
		return g, nil
	}
	return nil, &refusal{http.StatusNotFound, codeNoGroup, "Group " + r.PathValue("group") + " does not exist."}
}

func (f *Fake) topic(name string) (*topic, *refusal) {
	if t := f.topics[name]; t != nil {
		return t, nil
	}
	return nil, &refusal{http.StatusNotFound, codeNoTopic, "No topic route info in name server for the topic: " + name}
}

func invalid(parameter string) *refusal {
	return &refusal{http.StatusBadRequest, codeParameter, "Invalid " + parameter + " parameter in the request."}
}

// page returns the part of a list that limit and offset select, and the fields around
// it.
func page[T any](r *http.Request, all []T) ([]T, object, *refusal) {
	limit, offset := 10, 0
	for name, into := range map[string]*int{"limit": &limit, "offset": &offset} {
		if !r.URL.Query().Has(name) {
			continue
		}
		n, err := strconv.Atoi(r.URL.Query().Get(name))
		if err != nil || n < 0 || name == "limit" && (n < 1 || n > 50) {
			return nil, nil, invalid(name)
		}
		*into = n
	}
	if offset >= len(all) {
		return nil, nil, &refusal{http.StatusBadRequest, codePastEnd, "Offset parameter is invalid."}
	}
	from, to := offset, min(offset+limit, len(all))
	around := object{"total": len(all), "next_offset": -1, "previous_offset": -1}
	if to < len(all) {
		around["next_offset"] = to
	}
	if from > 0 {
		around["previous_offset"] = max(0, from-limit)
	}
	return append([]T{}, all[from:to]...), around, nil
}

func (f *Fake) showInstance(*http.Request) (any, *refusal) {
	return object{"name": "rocketmq-sandbox", "engine": "reliability", "engine_version": "4.8.0", "status": "RUNNING", "instance_id": Instance}, nil
}

func (f *Fake) listTopics(r *http.Request) (any, *refusal) {
	found, around, no := page(r, names(f.topics))
	if no != nil {
		return nil, no
	}
	topics := []object{}
	for _, name := range found {
		topics = append(topics, f.describe(name))
	}
	maps.Copy(around, object{"topics": topics, "max": 4000, "remaining": 4000 - len(f.topics)})
	return around, nil
}

func (f *Fake) showTopic(r *http.Request) (any, *refusal) {
	if _, no := f.topic(r.PathValue("topic")); no != nil {
		return nil, no
	}
	return f.describe(r.PathValue("topic")), nil
}

func (f *Fake) describe(name string) object {
	t, brokers := f.topics[name], []object{}
	for _, b := range t.brokers {
		brokers = append(brokers, object{"broker_name": b, "read_queue_num": t.perEach, "write_queue_num": t.perEach})
	}
	total := len(t.brokers) * t.perEach
	return object{"name": name, "total_read_queue_num": total, "total_write_queue_num": total, "permission": "all", "brokers": brokers,
		"message_type": "NORMAL"}
}

func (f *Fake) showTopicStatus(r *http.Request) (any, *refusal) {
	t, no := f.topic(r.PathValue("topic"))
	if no != nil {
		return nil, no
	}
	brokers := t.byBroker(func(Queue) object {
		return object{"min_offset": t.low, "max_offset": t.high(), "last_message_time": t.stored(t.high())}
	})
	all := int64(len(t.queues()))
	answer := object{"min_offset": t.low * all, "max_offset": t.high() * all, "brokers": brokers}
	if f.options.BrokerObject && len(brokers) == 1 {
		answer["brokers"] = brokers[0]
	}
	return answer, nil
}

// byBroker groups a topic's queues by broker, as answers do.
func (t *topic) byBroker(describe func(Queue) object) []object {
	out := []object{}
	for _, b := range t.brokers {
		queues := []object{}
		for n := range t.perEach {
			q := describe(Queue{b, n})
			q["id"] = n
			queues = append(queues, q)
		}
		out = append(out, object{"broker_name": b, "queues": queues})
	}
	return out
}

func (f *Fake) listGroupsOfTopic(r *http.Request) (any, *refusal) {
	name := r.PathValue("topic")
	if _, no := f.topic(name); no != nil {
		return nil, no
	}
	var reading []string
	for _, g := range names(f.groups) {
		if f.groups[g].places[name] != nil {
			reading = append(reading, g)
		}
	}
	found, around, no := page(r, reading)
	if no != nil {
		return nil, no
	}
	return object{"groups": found, "total": around["total"]}, nil
}

func (f *Fake) listGroups(r *http.Request) (any, *refusal) {
	var wanted []string
	for _, name := range names(f.groups) {
		if strings.Contains(name, r.URL.Query().Get("group")) {
			wanted = append(wanted, name)
		}
	}
	found, around, no := page(r, wanted)
	if no != nil {
		return nil, no
	}
	groups := []object{}
	for _, name := range found {
		g := f.describeGroup(name)
		g["topic_subscription_count"] = len(f.groups[name].places)
		groups = append(groups, g)
	}
	maps.Copy(around, object{"groups": groups, "max": 4000, "remaining": 4000 - len(f.groups)})
	return around, nil
}

func (f *Fake) showGroup(r *http.Request) (any, *refusal) {
	if _, no := f.group(r); no != nil {
		return nil, no
	}
	return f.describeGroup(r.PathValue("group")), nil
}

func (f *Fake) describeGroup(name string) object {
	g := f.groups[name]
	return object{"enabled": true, "broadcast": g.broadcast, "brokers": []string{"broker-0", "broker-1"}, "name": name, "group_desc": "",
		"created_at":     g.created.UnixMilli(),
		"retry_max_time": 16, "permissions": []string{}, "consume_orderly": false, "group_online": len(g.clients) > 0}
}

// showProgress lists a group's topics, or its offsets on one. Like the engine, it
// reports 0 for queues without a commit.
func (f *Fake) showProgress(r *http.Request) (any, *refusal) {
	g, no := f.group(r)
	if no != nil {
		return nil, no
	}
	name := r.URL.Query().Get("topic")
	if name == "" {
		found, around, no := page(r, names(g.places))
		if no != nil {
			return nil, no
		}
		return object{"topics": found, "total": around["total"]}, nil
	}
	t, no := f.topic(name)
	if no != nil {
		return nil, no
	}
	var lag, high, committed int64
	brokers := t.byBroker(func(q Queue) object {
		at, _ := f.position(g, name, q)
		lag, high, committed = lag+t.high()-at, high+t.high(), committed+at
		return object{"lag": t.high() - at, "broker_offset": t.high(), "consumer_offset": at, "last_message_time": t.stored(at)}
	})
	return object{"lag": lag, "max_offset": high, "consumer_offset": committed, "brokers": brokers}, nil
}

func (f *Fake) showClients(r *http.Request) (any, *refusal) {
	g, no := f.group(r)
	if no != nil {
		return nil, no
	}
	found, answer, no := page(r, g.clients)
	if no != nil {
		return nil, no
	}
	subscriptions := []object{}
	for _, topic := range names(g.places) {
		subscriptions = append(subscriptions, object{"topic": topic, "type": "TAG", "expression": "*"})
	}
	clients := []object{}
	for _, id := range found {
		host, _, _ := strings.Cut(id, "@")
		c := object{"language": "JAVA", "version": "V4_9_0", "client_id": id, "client_addr": host + ":40712", "consume_type": "CONSUME_PASSIVELY"}
		if r.URL.Query().Get("is_detail") == "true" {
			c["subscriptions"] = subscriptions
		}
		clients = append(clients, c)
	}
	maps.Copy(answer, object{"group_name": r.PathValue("group"), "online": len(g.clients) > 0, "subscription_consistency": true, "clients": clients})
	return answer, nil
}

// resetOffset accepts a time as a string, as in the manual's table, and as a number,
// as in its example and from one of the vendor's SDKs.
func (f *Fake) resetOffset(r *http.Request) (any, *refusal) {
	g, no := f.group(r)
	if no != nil {
		return nil, no
	}
	var body struct {
		Topic     string          `json:"topic"`
		Timestamp json.RawMessage `json:"timestamp"`
	}
	if json.NewDecoder(r.Body).Decode(&body) != nil {
		return nil, &refusal{http.StatusBadRequest, codeNotJSON, "The message body is not in JSON format or contains invalid characters."}
	}
	at, err := strconv.ParseInt(strings.Trim(string(body.Timestamp), `"`), 10, 64)
	switch {
	case err != nil:
		return nil, invalid("timestamp")
	case body.Topic == "":
		return nil, invalid("topic")
	}
	if _, no := f.topic(body.Topic); no != nil {
		return nil, no
	}
	switch {
	case g.broadcast:
		return nil, &refusal{http.StatusBadRequest, codeBroadcast, "The offset of a broadcast consumer group cannot be reset."}
	case len(g.clients) == 0 && !f.serverSide:
		return nil, &refusal{http.StatusBadRequest, codeOffline, "The consumer group is offline."}
	case g.places[body.Topic] == nil && !f.serverSide:
		return nil, &refusal{http.StatusBadRequest, codeNeverCommitted, "The consumer group " + r.PathValue("group") + " not exist"}
	}
	queues := []object{}
	for _, m := range f.reset(g, body.Topic, at) {
		queues = append(queues, object{"broker_name": m.queue.Broker, "queue_id": m.queue.ID, "timestamp_offset": m.offset})
	}
	return object{"queues": queues}, nil
}
