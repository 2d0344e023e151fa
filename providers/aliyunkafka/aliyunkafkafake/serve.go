package aliyunkafkafake

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// action returns a request's action and whether it writes.
func action(r *http.Request) (string, bool) {
	c, err := read(r)
	if err != nil {
		return "", false
	}
	name := c.common("Action", "x-acs-action")
	for _, reads := range []string{"Get", "List", "Describe", "Query"} {
		if strings.HasPrefix(name, reads) {
			return name, false
		}
	}
	return name, true
}

// serve answers one request without an injected fault.
func (f *Fake) serve(w http.ResponseWriter, r *http.Request) {
	c, err := read(r)
	if err != nil {
		f.refuse(w, &refusal{status: 400, code: "InvalidParameter.Format", message: "The request format is invalid."})
		return
	}
	actions := map[string]func(context.Context, http.ResponseWriter, *call) error{
		"GetConsumerProgress": f.consumerProgress, "GetConsumerList": f.consumerList,
		"GetTopicStatus": f.topicStatus, "GetTopicList": f.topicList,
		"UpdateConsumerOffset": f.updateConsumerOffset,
	}
	name := c.common("Action", "x-acs-action")
	act, refused, lacking := actions[name], f.verify(c), f.lacks(name)
	switch {
	case refused != nil:
	case act == nil, c.common("Version", "x-acs-version") != "2019-09-16":
		refused = &refusal{status: 404, code: "InvalidAction.NotFound", message: "Specified api is not found, please check your url and method."}
	case lacking != "":
		refused = &refusal{403, "Forbidden.RAM", "User not authorized to operate on the specified resource, or this API doesn't support RAM.", lacking}
	case c.params.Get("InstanceId") == "":
		refused = missing("InstanceId")
	case c.params.Get("InstanceId") != Instance, c.params.Has("RegionId") && c.params.Get("RegionId") != Region:
		refused = unknown("BIZ_INSTANCE_NOT_FOUND", "instance", c.params.Get("InstanceId"))
	}
	if refused != nil {
		f.refuse(w, refused)
		return
	}
	if act(r.Context(), w, c) != nil {
		f.refuse(w, failed)
	}
}

// A refusal is the gateway's: an HTTP status, a code and a message.
type refusal struct {
	status     int
	code       string
	message    string
	permission string // the one that is missing
}

var (
	throttled = &refusal{status: 400, code: "Throttling.User", message: "Request was denied due to user flow control."}
	failed    = &refusal{status: 500, code: "InternalError", message: "A system exception occurred. Please submit a ticket."}
)

func missing(parameter string) *refusal {
	return &refusal{status: 400, code: "Missing" + parameter, message: parameter + " is mandatory for this action."}
}

func unknown(code, what, name string) *refusal {
	return &refusal{status: 400, code: code, message: fmt.Sprintf("The %s %s does not exist. Please check and try again later.", what, name)}
}

// An object is a JSON object.
type object map[string]any

// refuse answers as the gateway does.
func (f *Fake) refuse(w http.ResponseWriter, r *refusal) {
	body := object{"HostId": "alikafka." + Region + ".aliyuncs.com", "Code": r.code, "Message": r.message,
		"Recommend": "https://api.aliyun.com/troubleshoot?q=" + r.code + "&product=alikafka"}
	if r.permission != "" {
		body["AccessDeniedDetail"] = object{"AuthAction": r.permission, "AuthPrincipalType": "SubUser", "AuthPrincipalDisplayName": "200000000000000001",
			"AuthPrincipalOwnerId": "100000000000000001", "NoPermissionType": "ImplicitDeny", "PolicyType": "AccountLevelIdentityBasedPolicy",
			"EncodedDiagnosticMessage": "AQEAAAAA"}
	}
	if f.is(integerCode) {
		body["Code"] = r.status
	}
	f.write(w, r.status, body)
}

// succeed answers with success and a body.
func (f *Fake) succeed(w http.ResponseWriter, body object) {
	body["Success"], body["Code"], body["Message"] = true, http.StatusOK, "operation success."
	f.write(w, http.StatusOK, body)
}

// decline answers a refusal of the service behind the gateway, with HTTP status 200.
func (f *Fake) decline(w http.ResponseWriter, code int, format string, args ...any) {
	f.write(w, http.StatusOK, object{"Success": false, "Code": code, "Message": fmt.Sprintf(format, args...) + ". Please check and try again later."})
}

func (f *Fake) write(w http.ResponseWriter, status int, body object) {
	f.mu.Lock()
	f.requests++
	id := fmt.Sprintf("%08X-0000-4000-8000-%012X", f.requests, f.requests)
	f.mu.Unlock()
	body["RequestId"] = id
	text, err := json.Marshal(body)
	if err == nil && f.is(quotedAll) {
		text, err = quoted(text)
	}
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(err.Error())
	}
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.Header().Set("x-acs-request-id", id)
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

// quoted returns a JSON text with all its numbers as strings.
func quoted(text []byte) ([]byte, error) {
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return json.Marshal(stringify(v))
}

func stringify(v any) any {
	switch v := v.(type) {
	case json.Number:
		return v.String()
	case map[string]any:
		for k := range v {
			v[k] = stringify(v[k])
		}
	case []any:
		for i := range v {
			v[i] = stringify(v[i])
		}
	}
	return v
}
