package tencentdts

import (
	"encoding/json"
	"net/http"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// group is a consumer group as the service describes it. Its fields that
// stand for the last partition alone are left out.
type group struct {
	ConsumerGroupName   string
	ConsumerGroupState  string
	StateOfPartition    []partitionState
	PartitionAssignment []struct{ ClientID string }
}

type partitionState struct {
	PartitionNo         httpcall.StrictNumber
	ConsumerGroupOffset httpcall.StrictNumber
	ConsumerGroupLag    httpcall.StrictNumber
}

// subscription is what concerns a reset of the subscription's description. Of
// the kind kafkaPro it tells no number of partitions.
type subscription struct {
	SubscribeID string
	Topic       string // "" where it does not tell
	Status      string
	SubsStatus  string
}

// state returns what is told of one partition, or nothing.
func (g group) state(n int) partitionState {
	for _, p := range g.StateOfPartition {
		if int(p.PartitionNo.N) == n {
			return p
		}
	}
	return partitionState{}
}

// committed is where the group stands. A negative offset stands for none.
func (s partitionState) committed() providers.Position {
	switch {
	case !s.ConsumerGroupOffset.Known:
		return providers.Position{}
	case s.ConsumerGroupOffset.N < 0:
		return providers.At(providers.Unset)
	}
	return providers.AtOffset(s.ConsumerGroupOffset.N)
}

// requestID finds the service's id of a request, which it gives in the body.
func requestID(_ http.Header, body []byte) string {
	var answer struct{ Response struct{ RequestID string } }
	if json.Unmarshal(body, &answer) != nil {
		return ""
	}
	return answer.Response.RequestID
}
