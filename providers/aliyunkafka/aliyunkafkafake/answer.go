package aliyunkafkafake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// A refusal is the gateway's: an HTTP status, a code and a message.
type refusal struct {
	status  int
	code    string
	message string
}

var (
	throttled = &refusal{400, "Throttling.User", "Request was denied due to user flow control."}
	failed    = &refusal{500, "InternalError", "A system exception occurred. Please submit a ticket."}
)

func missing(parameter string) *refusal {
	return &refusal{400, "Missing" + parameter, parameter + " is mandatory for this action."}
}

func unknown(code, what, name string) *refusal {
	return &refusal{400, code, fmt.Sprintf("The %s %s does not exist. Please check and try again later.", what, name)}
}

// An object is written as JSON.
type object map[string]any

// refuse answers as the gateway does.
func (f *Fake) refuse(w http.ResponseWriter, r *refusal) {
	body := object{"HostId": "alikafka." + Region + ".aliyuncs.com", "Code": r.code, "Message": r.message,
		"Recommend": "https://api.aliyun.com/troubleshoot?q=" + r.code + "&product=alikafka"}
	if f.is(integerCode) {
		body["Code"] = r.status
	}
	f.write(w, r.status, body)
}

// succeed answers with what was asked for.
func (f *Fake) succeed(w http.ResponseWriter, body object) {
	body["Success"], body["Code"], body["Message"] = true, http.StatusOK, "operation success."
	f.write(w, http.StatusOK, body)
}

// decline is the business's own refusal: HTTP says that all is well.
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

// quoted turns all numbers of a JSON text into strings.
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
