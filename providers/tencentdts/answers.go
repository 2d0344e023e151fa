package tencentdts

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/providers"
)

// number is an integer, which an answer may also write as a text.
type number int64

func (n *number) UnmarshalJSON(b []byte) error {
	i, err := strconv.ParseInt(strings.Trim(string(b), `"`), 10, 64)
	*n = number(i)
	return err
}

// group is a consumer group as the service describes it. Its fields that
// stand for the last partition alone are left out.
type group struct {
	ConsumerGroupName   string
	ConsumerGroupState  string
	StateOfPartition    []partitionState
	PartitionAssignment []struct{ ClientID string }
}

type partitionState struct {
	PartitionNo         *number
	ConsumerGroupOffset *number
	ConsumerGroupLag    *number
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
		if int(*p.PartitionNo) == n {
			return p
		}
	}
	return partitionState{}
}

// committed is where the group stands. A negative offset stands for none.
func (s partitionState) committed() providers.Position {
	switch {
	case s.ConsumerGroupOffset == nil:
		return providers.Position{}
	case *s.ConsumerGroupOffset < 0:
		return providers.At(providers.Unset)
	}
	return providers.AtOffset(int64(*s.ConsumerGroupOffset))
}

// requestID finds the service's id of a request, which it gives in the body.
func requestID(_ http.Header, body []byte) string {
	var answer struct{ Response struct{ RequestID string } }
	if json.Unmarshal(body, &answer) != nil {
		return ""
	}
	return answer.Response.RequestID
}
