package huaweirocketmq

import (
	"reflect"
	"testing"

	"github.com/resetplan/resetplan/providers"
)

func TestActivityNamesTheFieldThatReportsIt(t *testing.T) {
	member := []providers.Member{{ID: "c-1", Client: "c-1", Host: "10.0.0.7:40712"}}
	for name, c := range map[string]struct {
		group, clients string
		want           providers.Activity
	}{
		"an online group": {`{"name":"group_01","group_online":true}`, "", providers.Activity{State: providers.Active,
			Why: "group_online is true", Members: member}},
		"an offline group": {`{"name":"group_01","group_online":false}`, "500{}",
			providers.Activity{State: providers.Idle, Why: "group_online is false"}},
		"only its clients report it": {`{"name":"group_01"}`, "", providers.Activity{State: providers.Active,
			Why: "online is true", Members: member}},
		"only its clients report that there are none": {`{"name":"group_01"}`, `{"online":false,"clients":[]}`,
			providers.Activity{State: providers.Idle, Why: "online is false"}},
		"their list is refused because it is offline": {`{"name":"group_01"}`, `400{"error_code":"DMS.50050004","error_msg":"offline"}`,
			providers.Activity{State: providers.Idle, Why: "online is false"}},
		"neither reports it": {`{"name":"group_01"}`, `{"clients":[]}`, providers.Activity{Why: "the service reports " +
			"neither group_online nor online"}},
		"online without a list of clients": {`{"name":"group_01","group_online":true}`, `{"clients":null}`,
			providers.Activity{State: providers.Active, Why: "group_online is true"}},
	} {
		t.Run(name, func(t *testing.T) {
			answers := map[string]string{"groups/group_01": c.group}
			if c.clients != "" {
				answers["groups/group_01/clients"] = c.clients
			}
			s := read(t, dial(t, answering(t, answers)))
			if s.Err != nil || !reflect.DeepEqual(s.Activity, c.want) {
				t.Errorf("got %+v, %v", s.Activity, s.Err)
			}
		})
	}
}
