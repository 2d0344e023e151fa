package api

import (
	"encoding/json"
	"net/http"

	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

type groupsAnswer struct {
	TotalCount httpcall.StrictNumber
	Items      []struct {
		ConsumerGroupName  string
		ConsumerGroupState string
		StateOfPartition   []struct {
			PartitionNo         httpcall.StrictNumber
			ConsumerGroupOffset httpcall.StrictNumber
			ConsumerGroupLag    httpcall.StrictNumber
		}
		PartitionAssignment []struct{ ClientID string }
	}
}

// plain returns the page, or what it lacks.
func (a *groupsAnswer) plain() (out Groups, missing string) {
	if !a.TotalCount.Known {
		return Groups{}, "it has no TotalCount"
	}
	out.Total = int(a.TotalCount.N)
	for _, item := range a.Items {
		if item.ConsumerGroupName == "" {
			return Groups{}, "a group has no name"
		}
		g := Group{Name: item.ConsumerGroupName, State: item.ConsumerGroupState}
		for _, p := range item.StateOfPartition {
			if !p.PartitionNo.Known {
				return Groups{}, "a partition has no number"
			}
			g.Partitions = append(g.Partitions, Partition{int(p.PartitionNo.N), p.ConsumerGroupOffset.Pointer(), p.ConsumerGroupLag.Pointer()})
		}
		for _, m := range item.PartitionAssignment {
			g.Clients = append(g.Clients, m.ClientID)
		}
		out.Items = append(out.Items, g)
	}
	return out, ""
}

type subscriptionAnswer struct {
	SubscribeID string
	Topic       string
	Status      string
	SubsStatus  string
}

type offsetsAnswer struct {
	Items []struct{ PartitionNo, Offset httpcall.StrictNumber }
}

// plain returns the offsets by partition, or what the answer lacks.
func (a *offsetsAnswer) plain() (out map[int]int64, missing string) {
	if len(a.Items) == 0 {
		return nil, "it lists no partitions"
	}
	out = map[int]int64{}
	for _, i := range a.Items {
		if !i.PartitionNo.Known || !i.Offset.Known {
			return nil, "an item has no PartitionNo or no Offset"
		}
		out[int(i.PartitionNo.N)] = i.Offset.N
	}
	return out, ""
}

type resetAnswer struct {
	RequestID string
	Error     *struct{} // one with a code is recognised by the SDK
}

// requestID returns the service's id of a request, which is in the answer's body.
func requestID(_ http.Header, body []byte) string {
	var answer struct{ Response struct{ RequestID string } }
	if json.Unmarshal(body, &answer) != nil {
		return ""
	}
	return answer.Response.RequestID
}
