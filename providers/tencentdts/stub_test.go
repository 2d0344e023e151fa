package tencentdts_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/resetplan/resetplan/providers/tencentdts/tencentdtsfake"
)

// A stub answers each action with a fixed text, for answers that no correct service
// gives, and records what was sent.
type stub struct {
	url     string
	answers map[string]string // the fields of Response by action; see raw
	status  int
	refuses string // requests that hold this text are refused; "" = none

	mu   sync.Mutex
	sent map[string][]string
}

// raw marks an answer that is sent verbatim.
const raw = "raw:"

func answering(t *testing.T, answers map[string]string) *stub {
	t.Helper()
	s := &stub{status: http.StatusOK, sent: map[string][]string{}, answers: map[string]string{
		"DescribeConsumerGroups":   `"TotalCount": 1, "Items": [` + auditAt(`{"PartitionNo": 0, "ConsumerGroupOffset": 5, "ConsumerGroupLag": 5}`) + `]`,
		"DescribeSubscribeDetail":  `"SubscribeId": "` + tencentdtsfake.SeedSubscription + `", "Topic": "` + topic + `", "Status": "normal", "SubsStatus": "running"`,
		"DescribeOffsetByTime":     `"Items": [{"PartitionNo": 0, "Offset": 3}]`,
		"ResetConsumerGroupOffset": `"Unknown": {"field": [1]}`,
	}}
	for action, answer := range answers {
		s.answers[action] = answer
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// auditAt is the group, empty, with these states of partitions.
func auditAt(states string) string {
	return `{"ConsumerGroupName": "` + tencentdtsfake.FullName(audit) + `", "ConsumerGroupState": "Empty", "StateOfPartition": [` + states + `]}`
}

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	action := r.Header.Get("X-TC-Action")
	s.mu.Lock()
	s.sent[action] = append(s.sent[action], string(body))
	s.mu.Unlock()
	if s.refuses != "" && strings.Contains(string(body), s.refuses) {
		_, _ = io.WriteString(w, `{"Response": {"Error": {"Code": "InternalError", "Message": "no"}, "RequestId": "r-1"}}`)
		return
	}
	answer, isRaw := strings.CutPrefix(s.answers[action], raw)
	if !isRaw {
		answer = `{"Response": {` + strings.TrimPrefix(answer+`, "RequestId": "r-1"`, ", ") + `}}`
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(s.status)
	_, _ = io.WriteString(w, answer)
}
