package enospipelinefake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// answer writes the envelope that the streaming APIs share.
func (f *Fake) answer(w http.ResponseWriter, status, code int, msg string, data any) {
	f.requests++
	out := map[string]any{"code": code, "msg": msg, "requestId": fmt.Sprintf("6cb7a013-7f83-4620-97c8-%012d", f.requests), "data": data}
	if code == 0 {
		out["msg"] = "OK"
		if data == nil {
			out["data"] = ""
		}
	}
	if code == 0 && data == nil && f.options.AsInSamples {
		f.head(w, status)
		fmt.Fprintf(w, "{\n  \"code\": 0,\n  \"msg\": \"OK\",\n}")
		return
	}
	f.write(w, status, out)
}

func (f *Fake) write(w http.ResponseWriter, status int, v any) {
	f.head(w, status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		return // the client has gone
	}
}

func (f *Fake) head(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.Header().Set("Date", f.options.Now().UTC().Format(http.TimeFormat))
	w.WriteHeader(status)
}

// figure writes a number in one of the two ways.
func (f *Fake) figure(n int64) any {
	if f.options.NumbersAsText {
		return strconv.FormatInt(n, 10)
	}
	return n
}
