package huaweirocketmqfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/resetplan/resetplan/providers/internal/inject"
)

// The manual's codes.
const (
	codeNoAPI        = "APIGW.0101"
	codeSignature    = "APIGW.0301"
	codeThrottled    = "APIGW.0308"
	codeInternal     = "APIGW.9999"
	codeParameter    = "DMS.00400062"
	codeNoInstance   = "DMS.00404022"
	codeNotJSON      = "DMS.10240009"
	codeInvalidToken = "DMS.10240101"
	codeExpiredToken = "DMS.10240102"
	codeOtherProject = "DMS.10240104"
	codeOffline      = "DMS.50050004"
	codePastEnd      = "DMS.40050010" // of a list, even if it is empty
)

// The manual has no codes for these: the numbers are this package's own, the messages
// the engine's.
const (
	codeNoGroup        = "DMS.00404901"
	codeNoTopic        = "DMS.00404902"
	codeBroadcast      = "DMS.00400901"
	codeNeverCommitted = "DMS.00400902"
)

// A refusal is an error in the service's format.
type refusal struct {
	status        int
	code, message string
}

// A handler returns the answer of one action, which is written as JSON. The caller
// holds the service's lock.
type handler func(*http.Request) (any, *refusal)

type route struct {
	pattern, action string
	writes          bool
	handle          handler
}

// routes returns the actions. {one}/{other} matches two path families:
// engine/project, and project/rocketmq.
func (f *Fake) routes() []route {
	const instance, either = " /v2/{project}/instances/{instance}", " /v2/{one}/{other}/instances/{instance}"
	return []route{
		{"GET" + instance, "ShowInstance", false, f.showInstance},
		{"GET" + instance + "/topics", "ListRocketInstanceTopics", false, f.listTopics},
		{"GET" + instance + "/topics/{topic}", "ShowOneTopic", false, f.showTopic},
		{"GET" + instance + "/topics/{topic}/status", "ShowTopicStatus", false, f.showTopicStatus},
		{"GET" + instance + "/topics/{topic}/groups", "ListConsumerGroupOfTopic", false, f.listGroupsOfTopic},
		{"GET" + instance + "/groups", "ListInstanceConsumerGroups", false, f.listGroups},
		{"GET" + instance + "/groups/{group}", "ShowGroup", false, f.showGroup},
		{"GET" + instance + "/groups/{group}/topics", "ShowConsumerListOrDetails", false, f.showProgress},
		{"GET" + either + "/groups/{group}/clients", "ShowConsumerConnections", false, f.showClients},
		{"POST" + either + "/groups/{group}/reset-message-offset", "ResetConsumeOffset", true, f.resetOffset},
	}
}

// gateway returns the service, and its description for the front.
func (f *Fake) gateway() (http.Handler, inject.Vendor) {
	mux, byPattern := http.NewServeMux(), map[string]route{}
	for _, r := range f.routes() {
		byPattern[r.pattern] = r
		mux.HandleFunc(r.pattern, func(w http.ResponseWriter, q *http.Request) { f.serve(w, q, r.handle) })
	}
	find := func(r *http.Request) (route, bool) {
		_, pattern := mux.Handler(r)
		found, ok := byPattern[pattern]
		return found, ok
	}
	service := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := find(r); !ok {
			f.write(w, nil, &refusal{http.StatusNotFound, codeNoAPI, "The API does not exist or has not been published in the environment"})
			return
		}
		mux.ServeHTTP(w, r)
	})
	refuse := func(no refusal) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { f.write(w, nil, &no) }
	}
	return service, inject.Vendor{
		Action: func(r *http.Request) (string, bool) {
			found, _ := find(r)
			return found.action, found.writes
		},
		Throttled: refuse(refusal{http.StatusTooManyRequests, codeThrottled, "The throttling threshold has been reached: policy ip over " +
			"ratelimit,limit:10,time:1 second"}),
		Failed: refuse(refusal{http.StatusInternalServerError, codeInternal, "An internal error occurred"}),
	}
}

func (f *Fake) serve(w http.ResponseWriter, r *http.Request, handle handler) {
	if no := f.authenticate(r); no != nil {
		f.write(w, nil, no)
		return
	}
	if no := locate(r); no != nil {
		f.write(w, nil, no)
		return
	}
	f.mu.Lock()
	answer, no := handle(r)
	f.mu.Unlock()
	f.write(w, answer, no)
}

// locate checks the project and the instance of a request's path.
func locate(r *http.Request) *refusal {
	project := r.PathValue("project")
	if one, other := r.PathValue("one"), r.PathValue("other"); one != "" {
		engine := one
		project = other
		if other == "rocketmq" {
			engine, project = other, one
		}
		if !slices.Contains([]string{"reliability", "rocketmq"}, engine) {
			return &refusal{http.StatusNotFound, codeNoAPI, "The API does not exist or has not been published in the environment"}
		}
	}
	switch {
	case project != Project, r.Header.Get("X-Project-Id") != "" && r.Header.Get("X-Project-Id") != project:
		return &refusal{http.StatusUnauthorized, codeOtherProject, "The project ID and token do not match."}
	case r.PathValue("instance") != Instance:
		return &refusal{http.StatusNotFound, codeNoInstance, "This instance does not exist."}
	}
	return nil
}

func (f *Fake) write(w http.ResponseWriter, answer any, no *refusal) {
	f.mu.Lock()
	f.answers++
	id := fmt.Sprintf("%032x", f.answers)
	f.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Request-Id", id)
	if no != nil {
		answer = map[string]any{"error_code": no.code, "error_msg": no.message, "request_id": id}
		w.WriteHeader(no.status)
	}
	_ = json.NewEncoder(w).Encode(answer) // the client may have disconnected
}
