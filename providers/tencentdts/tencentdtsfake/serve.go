package tencentdtsfake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"

	"github.com/resetplan/resetplan/plan/text/pattern"
)

// A refusal is the service's error answer.
type refusal struct{ Code, Message string }

func (r *refusal) Error() string { return r.Code + ": " + r.Message }

// mostBody is the longest request, in bytes.
const mostBody = 10 << 20

// action returns the action of a request. Every action that does not describe
// counts as a write.
func action(r *http.Request) (name string, writes bool) {
	name = r.Header.Get("X-TC-Action")
	return name, !strings.HasPrefix(name, "Describe")
}

// region matches the names of regions.
var region = pattern.New(`^(ap|na|sa|eu)-[a-z]+(-fsi|-open)?$`)

// serve answers one request. Refusals have status 200, too.
func (f *Fake) serve(w http.ResponseWriter, r *http.Request) {
	answer, err := f.handle(r)
	if err == nil {
		respond(w, answer)
		return
	}
	var no *refusal
	if !errors.As(err, &no) {
		no = &refusal{"InternalError.InternalErrorError", err.Error()}
	}
	respond(w, map[string]any{"Error": no})
}

func refusing(code, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		respond(w, map[string]any{"Error": refusal{code, message}})
	}
}

// respond writes the content type without a charset: the vendor's Python SDK
// looks for errors under exactly this one.
func respond(w http.ResponseWriter, answer map[string]any) {
	answer["RequestId"] = fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", rand.Uint32(), rand.N(1<<16), rand.N(1<<12), rand.N(1<<12), rand.N[int64](1<<48))
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"Response": answer}) // the client may be gone
}

func (f *Fake) handle(r *http.Request) (map[string]any, error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, mostBody))
	if err != nil {
		return nil, &refusal{"RequestSizeLimitExceeded", "The request is longer than 10 MB."}
	}
	if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
		return nil, &refusal{"UnsupportedProtocol", "Only POST with `application/json` is taken here."}
	}
	if no := f.verify(r, body, "dts"); no != nil {
		return nil, no
	}
	name, _ := action(r)
	run, known := map[string]func(*Fake, context.Context, []byte) (map[string]any, error){
		"DescribeConsumerGroups":   do((*Fake).describeConsumerGroups),
		"DescribeOffsetByTime":     do((*Fake).describeOffsetByTime),
		"DescribeSubscribeDetail":  do((*Fake).describeSubscribeDetail),
		"ResetConsumerGroupOffset": do((*Fake).resetConsumerGroupOffset),
	}[name]
	switch {
	case r.Header.Get("X-TC-Version") != "2021-12-06":
		return nil, &refusal{"NoSuchVersion", "The version `" + r.Header.Get("X-TC-Version") + "` does not exist."}
	case !known:
		return nil, &refusal{"InvalidAction", "The request action=`" + name + "` is invalid or not found."}
	case r.Header.Get("X-TC-Region") == "":
		return nil, &refusal{"MissingParameter", "The request is missing a required parameter `Region`."}
	case !region.MatchString(r.Header.Get("X-TC-Region")):
		return nil, &refusal{"InvalidParameterValue", "A value specified in `Region` is not valid, is unsupported, or cannot be used."}
	case f.isRevoked():
		return nil, &refusal{"UnauthorizedOperation.PermissionDenied", "You are not authorized to perform the operation (dts:" + name + ")."}
	case r.Header.Get("X-TC-Region") != Region:
		return nil, noSubscription()
	}
	return run(f, r.Context(), body)
}

func (f *Fake) isRevoked() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.revoked
}

func noSubscription() *refusal {
	return &refusal{"ResourceNotFound.ResourceNotFoundError", "The subscription is not found."}
}

// do returns the handler of an action whose parameters are decoded into a struct.
func do[P interface{ subscription() string }](run func(*Fake, context.Context, P) (map[string]any, error)) func(*Fake, context.Context,
	[]byte) (map[string]any, error) {
	return func(f *Fake, ctx context.Context, body []byte) (map[string]any, error) {
		var p P
		d := json.NewDecoder(bytes.NewReader(body))
		d.DisallowUnknownFields()
		if err := d.Decode(&p); err != nil {
			if strings.Contains(err.Error(), "unknown field") {
				return nil, &refusal{"UnknownParameter", err.Error()}
			}
			return nil, &refusal{"InvalidParameter", err.Error()}
		}
		switch p.subscription() {
		case "":
			return nil, missing("SubscribeId")
		case SeedSubscription:
			return run(f, ctx, p)
		}
		return nil, noSubscription()
	}
}

func missing(name string) *refusal {
	return &refusal{"MissingParameter", "The request is missing a required parameter `" + name + "`."}
}

func invalid(format string, args ...any) *refusal {
	return &refusal{"InvalidParameterValue.InvalidParameterValueError", fmt.Sprintf(format, args...)}
}
