package aliyunkafka_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/inject"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
)

// moves moves partitions 0 and 1 of topics to an offset.
func moves(group providers.Target, offset int64, topics ...string) providers.Move {
	m := providers.Move{Target: group}
	for _, topic := range topics {
		for p := range 2 {
			m.To = append(m.To, providers.PartMove{Part: part(topic, p), Position: providers.AtOffset(offset)})
		}
	}
	return m
}

func wholeGroup(t *testing.T) providers.Target {
	return target(t, map[string]any{"group": kafkafake.SeedGroup})
}

func TestSeveralTopicsAreSeveralCalls(t *testing.T) {
	s := start(t)
	s.topic(t, "payments", 2)
	receipt, err := connect(t, s.url, keys()).Reset(t.Context(), moves(wholeGroup(t), 0, "orders", "payments"))
	if err != nil || len(receipt.Parts) != 4 || len(receipt.RequestID) < 2*len("00000000") {
		t.Fatalf("got %+v, %v", receipt, err)
	}
	if n := s.Requests()["UpdateConsumerOffset"]; n != 2 {
		t.Errorf("it was sent %d times", n)
	}
	for _, p := range receipt.Parts {
		if got := s.committed(t, kafkafake.SeedGroup)[p.Part]; p.Err != nil || got != providers.AtOffset(0) {
			t.Errorf("%s is at %s: %v", p.Part, got, p.Err)
		}
	}
}

func TestARefusedTopicIsReportedWithTheOneThatMoved(t *testing.T) {
	for name, topics := range map[string][]string{"last": {"orders", "gone"}, "first": {"gone", "orders"}} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			receipt, err := connect(t, s.url, keys()).Reset(t.Context(), moves(wholeGroup(t), 7, topics...))
			if err != nil || len(receipt.Parts) != 4 {
				t.Fatalf("got %+v, %v", receipt, err)
			}
			for _, p := range receipt.Parts {
				if errors.Is(p.Err, providers.ErrNotFound) != (p.Part.Topic == "gone") {
					t.Errorf("%s: got %v", p.Part, p.Err)
				}
			}
			if got := s.committed(t, kafkafake.SeedGroup)[part("orders", 1)]; got != providers.AtOffset(7) {
				t.Errorf("it is at %s", got)
			}
		})
	}
}

func TestAResetRefusedForEveryTopicIsAnError(t *testing.T) {
	s := start(t)
	_, err := connect(t, s.url, keys()).Reset(t.Context(), moves(wholeGroup(t), 7, "gone", "lost"))
	checkError(t, err, providers.ErrNotFound, "on gone")
}

func TestALostAnswerStopsTheReset(t *testing.T) {
	s := start(t)
	s.topic(t, "payments", 2)
	s.Arm(inject.Drop, inject.Writes, 1)
	_, err := connect(t, s.url, keys()).Reset(t.Context(), moves(wholeGroup(t), 0, "orders", "payments"))
	checkError(t, err, providers.ErrInDoubt, "on orders")
	if n := s.Requests()["UpdateConsumerOffset"]; n != 1 {
		t.Errorf("it was sent %d times", n)
	}
}

func TestAnAnswerWithoutSuccessOrCodeLeavesTheResetInDoubt(t *testing.T) {
	for _, text := range []string{`{}`, `{"RequestId": "R"}`, `{"Success": true, "Message": {}}`, `[]`, ``, `"ok"`} {
		s := answering(t, http.StatusOK, map[string]string{"UpdateConsumerOffset": text})
		_, err := connect(t, s.url, keys()).Reset(t.Context(), to(t, 7))
		checkError(t, err, providers.ErrInDoubt, "unexpected response")
	}
}

func TestManyPartitionsAreSentInSeveralCalls(t *testing.T) {
	s := start(t)
	s.topic(t, "wide", 120)
	m := providers.Move{Target: target(t, map[string]any{"group": kafkafake.SeedGroup, "topic": "wide"})}
	for p := range 120 {
		m.To = append(m.To, providers.PartMove{Part: part("wide", p), Position: providers.AtOffset(0)})
	}
	receipt, err := connect(t, s.url, keys()).Reset(t.Context(), m)
	if err != nil || len(receipt.Parts) != 120 || s.Requests()["UpdateConsumerOffset"] != 3 {
		t.Fatalf("of 120 parts %d are reported, after %d calls: %v", len(receipt.Parts), s.Requests()["UpdateConsumerOffset"], err)
	}
	at := s.committed(t, kafkafake.SeedGroup)
	for _, p := range m.To {
		if _, moved := at[p.Part]; !moved {
			t.Errorf("%s has not moved", p.Part)
		}
	}
}

func TestATimeMovesATopicOrEveryTopicOfTheGroup(t *testing.T) {
	at := providers.AtTime(now.Add(-24 * time.Hour))
	for name, c := range map[string]struct {
		keys  map[string]any
		moved map[string]bool
	}{
		"a topic":     {map[string]any{"group": kafkafake.SeedGroup, "topic": "orders"}, map[string]bool{"orders": true}},
		"every topic": {map[string]any{"group": kafkafake.SeedGroup}, map[string]bool{"orders": true, "payments": true}},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			s.topic(t, "payments", 1)
			s.commit(t, kafkafake.SeedGroup, "payments", 1, 17) // past the end: any move shows
			_, err := connect(t, s.url, keys()).Reset(t.Context(), providers.Move{Target: target(t, c.keys), To: []providers.PartMove{{Position: at}}})
			if err != nil {
				t.Fatal(err)
			}
			for p, committed := range s.committed(t, kafkafake.SeedGroup) {
				moved := committed != providers.AtOffset(map[string]int64{"orders": 300, "payments": 17}[p.Topic])
				if moved != c.moved[p.Topic] {
					t.Errorf("%s is at %s", p, committed)
				}
			}
		})
	}
}

func TestAnImpossibleMoveIsRefusedBeforeAnythingIsSent(t *testing.T) {
	some := target(t, map[string]any{"group": kafkafake.SeedGroup, "topic": "orders", "partitions": []int{1}})
	for name, m := range map[string]providers.Move{
		"a time for some partitions": {Target: some, To: []providers.PartMove{{Position: providers.AtTime(now)}}},
		"a time before 1970":         {Target: seeded(t), To: []providers.PartMove{{Position: providers.AtTime(time.UnixMilli(-1))}}},
		"a removed commit next to an offset": {Target: seeded(t), To: []providers.PartMove{
			{Part: part("orders", 0), Position: providers.AtOffset(1)}, {Part: part("orders", 1), Position: providers.At(providers.Unset)}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			_, err := connect(t, s.url, keys()).Reset(t.Context(), m)
			checkError(t, err, providers.ErrUnsupported)
			if s.Writes() != 0 {
				t.Error("it was sent")
			}
		})
	}
}

func TestAnActiveConsumersCommitOverTheResetIsRead(t *testing.T) {
	s := start(t)
	check(t, s.Inject("live"))
	check(t, s.Inject("stateless"))
	conn := connect(t, s.url, keys())
	if got := read(t, conn, seeded(t)).Activity; got.State != providers.UnknownState {
		t.Fatalf("got %+v", got)
	}
	if _, err := conn.Reset(t.Context(), to(t, 7)); err != nil {
		t.Fatal(err)
	}
	back := conn.Read(t.Context(), []providers.ReadRequest{{Target: seeded(t), Only: []providers.Part{part("orders", 0)}}})[0]
	if back.Err != nil || len(back.Parts) != 1 || back.Parts[0].Committed != providers.AtOffset(301) {
		t.Errorf("got %+v", back)
	}
}

// TestRequests checks the parameters of a reset.
func TestRequests(t *testing.T) {
	answer := map[string]string{"UpdateConsumerOffset": `{"Success": true, "RequestId": "R", "Code": 200}`}
	for name, c := range map[string]struct {
		move providers.Move
		want map[string]string
	}{
		"offsets": {moves(seeded(t), 9007199254740993, "orders"), map[string]string{"Topic": "orders", "ResetType": "offset",
			"Offsets": `[{"Offset":9007199254740993,"Partition":0},{"Offset":9007199254740993,"Partition":1}]`}},
		"a time for all topics": {providers.Move{Target: wholeGroup(t),
			To: []providers.PartMove{{Position: providers.AtTime(time.UnixMilli(1679587200000))}}},
			map[string]string{"Topic": "", "ResetType": "timestamp", "Time": "1679587200000"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := answering(t, http.StatusOK, answer)
			receipt, err := connect(t, s.url, with(keys(), "ALIBABA_CLOUD_SECURITY_TOKEN", "short-lived")).Reset(t.Context(), c.move)
			if err != nil || receipt.RequestID != "R" || len(s.requests) != 1 {
				t.Fatalf("got %+v, %v after %d requests", receipt, err, len(s.requests))
			}
			c.want["ConsumerId"], c.want["SecurityToken"] = kafkafake.SeedGroup, "short-lived"
			for key, value := range config() {
				c.want[map[string]string{"region": "RegionId", "instanceId": "InstanceId"}[key]] = fmt.Sprint(value)
			}
			for key, value := range c.want {
				if got, sent := s.requests[0][key]; !sent || got[0] != value {
					t.Errorf("%s is %q, want %q", key, got, value)
				}
			}
			if s.requests[0].Has("Offsets") != (c.want["Offsets"] != "") || s.requests[0].Has("Time") != (c.want["Time"] != "") {
				t.Errorf("it sends parameters of another kind of reset: %v", s.requests[0])
			}
		})
	}
}
