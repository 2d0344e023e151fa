package huaweirocketmq

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	fake "github.com/resetplan/resetplan/providers/huaweirocketmq/huaweirocketmqfake"
	"github.com/resetplan/resetplan/providers/internal/inject"
	"github.com/resetplan/resetplan/providers/providertest"
	"github.com/resetplan/resetplan/providers/retry"
)

func TestEveryDocumentedCodeHasItsKind(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		kind   error
		code   string
	}{
		"the group is offline": {400, `{"error_code":"DMS.50050004","error_msg":"The consumer group is offline."}`,
			providers.ErrPrecondition, "DMS.50050004"},
		"the instance's state forbids it": {400, `{"error_code":"DMS.00400026","error_msg":"no"}`, providers.ErrPrecondition, "DMS.00400026"},
		"topics cannot be queried": {400, `{"error_code":"DMS.00400975","error_msg":"Failed to query topics."}`, providers.ErrUnavailable,
			"DMS.00400975"},
		"a parameter is wrong": {400, `{"error_code":"DMS.00400062","error_msg":"Invalid {0} parameter in the request."}`,
			providers.ErrInvalid, "DMS.00400062"},
		"the project id is malformed": {400, `{"error_code":"DMS.00400002","error_msg":"The project ID format is invalid."}`,
			providers.ErrInvalid, "DMS.00400002"},
		"the token is invalid":  {401, `{"error_code":"DMS.10240101","error_msg":"Invalid token."}`, providers.ErrDenied, "DMS.10240101"},
		"the token has expired": {401, `{"error_code":"DMS.10240102","error_msg":"Expired token."}`, providers.ErrDenied, "DMS.10240102"},
		"the tenant is frozen": {403, `{"error_code":"DMS.10240306","error_msg":"The tenant has been frozen."}`, providers.ErrDenied,
			"DMS.10240306"},
		"the instance does not exist": {404, `{"error_code":"DMS.00404022","error_msg":"This instance does not exist."}`,
			providers.ErrNotFound, "DMS.00404022"},
		"the signature is wrong": {401, `{"error_code":"APIGW.0301","error_msg":"verify aksk signature fail","request_id":"g-1"}`,
			providers.ErrDenied, "APIGW.0301"},
		"the same in the gateway's newer": {401, `{"error_code":"APIG.0301","error_msg":"verify aksk signature fail"}`, providers.ErrDenied, "APIG.0301"},
		"the API does not exist":          {404, `{"error_code":"APIGW.0101","error_msg":"The API does not exist"}`, providers.ErrInvalid, "APIGW.0101"},
		"too many requests":               {429, `{"error_code":"APIGW.0308","error_msg":"throttling"}`, providers.ErrThrottled, "APIGW.0308"},
		"throttled, only by the code":     {400, `{"error_code":"APIG.0308","error_msg":"throttling"}`, providers.ErrThrottled, "APIG.0308"},
		"the backend is away":             {502, `{"error_code":"APIGW.0202","error_msg":"Backend unavailable"}`, providers.ErrUnavailable, "APIGW.0202"},
		"the backend is too slow":         {504, `{"error_code":"APIGW.0203","error_msg":"Backend timeout"}`, providers.ErrUnavailable, "APIGW.0203"},
		"an internal error":               {500, `{"error_code":"APIGW.9999","error_msg":"System error"}`, providers.ErrUnavailable, "APIGW.9999"},
		"the form in camel case":          {400, `{"errorCode":"DMS.50050004","errorMsg":"offline"}`, providers.ErrPrecondition, "DMS.50050004"},
		"IAM's form, one level down":      {403, `{"error":{"code":"IAM.0003","message":"Policy doesn't allow"}}`, providers.ErrDenied, "IAM.0003"},
		"a code that is a number":         {400, `{"code":400,"message":"bad"}`, providers.ErrInvalid, "400"},
		"an undocumented code":            {418, `{"error_code":"DMS.99999999","error_msg":"new"}`, providers.ErrInvalid, "DMS.99999999"},
		"a proxy's page":                  {502, `<html>Bad Gateway</html>`, providers.ErrUnavailable, ""},
		"a list instead of an object":     {403, `[{"error_code":"x"}]`, providers.ErrDenied, ""},
		"nothing at all":                  {503, ``, providers.ErrUnavailable, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Request-Id", "r-1")
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			}))
			defer s.Close()
			conn := dial(t, s.URL)
			_, failed := reset(t, conn, providers.At(providers.Earliest))
			for act, err := range map[string]error{"read": read(t, conn).Err, "reset": failed} {
				e := own(t, err)
				if !errors.Is(err, c.kind) || e.Code != c.code || e.Message == "" || e.RequestID != "r-1" || strings.Contains(err.Error(), "\n") {
					t.Errorf("%s: got %v, code %q", act, err, e.Code)
				}
				if errors.Is(err, providers.ErrInDoubt) != (act == "reset" && errors.Is(c.kind, providers.ErrUnavailable)) {
					t.Errorf("%s: in doubt: %v", act, err)
				}
			}
		})
	}
}

func TestTheGatewaysRequestIDIsReadFromItsBody(t *testing.T) {
	url := answering(t, map[string]string{"groups/group_01": `401{"error_code":"APIGW.0301","error_msg":"no","request_id":"g-1"}`})
	if e := own(t, read(t, dial(t, url)).Err); e.RequestID != "g-1" {
		t.Errorf("got %+v", e)
	}
}

func TestWrongCredentialsAreDenied(t *testing.T) {
	f, url := start(t, fake.Options{})
	access, secret, token := f.Issue(now.Add(time.Hour))
	_, lateSecret, lateToken := f.Issue(now.Add(time.Hour))
	with := func(access, secret, token string, skew time.Duration) providers.Process {
		env := environment(map[string]string{"HUAWEICLOUD_SDK_AK": access, "HUAWEICLOUD_SDK_SK": secret, "HUAWEICLOUD_SDK_SECURITY_TOKEN": token})
		env.Now = func() time.Time { return now.Add(skew) }
		return env
	}
	for name, c := range map[string]struct {
		env  providers.Process
		code string // "" = accepted
	}{
		"the right key":                   {with(fake.AccessKey, fake.Secret, "", 0), ""},
		"a temporary key and its token":   {with(access, secret, token, 0), ""},
		"a clock 14 minutes behind":       {with(fake.AccessKey, fake.Secret, "", -14*time.Minute), ""},
		"a clock 20 minutes behind":       {with(fake.AccessKey, fake.Secret, "", -20*time.Minute), "APIGW.0301"},
		"a clock 20 minutes ahead":        {with(fake.AccessKey, fake.Secret, "", 20*time.Minute), "APIGW.0301"},
		"a wrong secret":                  {with(fake.AccessKey, "wr0ng-secret", "", 0), "APIGW.0301"},
		"an unknown key":                  {with("unknown", fake.Secret, "", 0), "APIGW.0301"},
		"a temporary key without a token": {with(access, lateSecret, "", 0), "APIGW.0301"},
		"a temporary key, wrong token":    {with(access, lateSecret, lateToken+"x", 0), "APIGW.0301"},
	} {
		c1 := connect(t, url, c.env)
		_, failed := reset(t, c1, providers.At(providers.Earliest))
		for act, err := range map[string]error{"read": read(t, c1).Err, "reset": failed} {
			switch {
			case c.code == "" && err == nil:
			case c.code == "" || !errors.Is(err, providers.ErrDenied) || errors.Is(err, providers.ErrInDoubt) || own(t, err).Code != c.code ||
				strings.Contains(err.Error(), "wr0ng-secret"):
				t.Errorf("%s: %s: got %v", name, act, err)
			}
		}
	}
	f.Issue(now.Add(-time.Minute))
	if e := own(t, read(t, connect(t, url, with(access, secret, token, 0))).Err); !errors.Is(e, providers.ErrDenied) || e.Code != "DMS.10240102" {
		t.Errorf("an expired token: got %v", e)
	}
}

func TestAnUnknownInstanceOrProjectIsNotAMissingGroup(t *testing.T) {
	_, url := start(t, fake.Options{})
	for key, c := range map[string]struct {
		kind error
		code string
	}{"instanceId": {providers.ErrNotFound, "DMS.00404022"}, "projectId": {providers.ErrDenied, "DMS.10240104"}} {
		keys := settings()
		keys[key] = "other"
		conn, err := New().Connect(providers.Config{Decode: providertest.Keys(keys), Endpoint: url, Timeout: time.Second, RateLimit: 1000},
			environment(sandboxKey()))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		s := read(t, conn)
		if !errors.Is(s.Err, c.kind) || own(t, s.Err).Code != c.code || s.Missing != nil {
			t.Errorf("%s: got %+v", key, s)
		}
	}
}

// soon is a policy that does not wait.
func soon() retry.Policy {
	return retry.Policy{Tries: 3, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
}

func TestThrottlingIsRetried(t *testing.T) {
	f, url := start(t, fake.Options{TakeUp: fake.AtOnce})
	f.Arm(inject.Throttle, inject.Writes, 3)
	f.Arm(inject.Throttle, inject.Reads, 3)
	c := dial(t, url)
	m := providers.Move{Target: goal(t, fake.Group, fake.Topic), To: []providers.PartMove{{Position: providers.At(providers.Earliest)}}}
	if _, err := soon().Reset(t.Context(), c, m); err != nil || f.Writes() != 4 {
		t.Errorf("reset: %v after %d requests", err, f.Writes())
	}
	if s := soon().Read(t.Context(), c, []providers.ReadRequest{{Target: m.Target}}); s[0].Err != nil {
		t.Error(s[0].Err)
	}
}

func TestThrottlingEndsWithTheContext(t *testing.T) {
	f, url := start(t, fake.Options{TakeUp: fake.AtOnce})
	f.Arm(inject.Throttle, inject.Writes, -1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	policy := soon()
	policy.Sleep = func(ctx context.Context, _ time.Duration) error {
		if f.Writes() == 10 {
			cancel()
		}
		return ctx.Err()
	}
	m := providers.Move{Target: goal(t, fake.Group, fake.Topic), To: []providers.PartMove{{Position: providers.At(providers.Earliest)}}}
	_, err := policy.Reset(ctx, dial(t, url), m)
	if !errors.Is(err, providers.ErrThrottled) || errors.Is(err, providers.ErrInDoubt) || f.Writes() != 10 || own(t, err).Code != "APIGW.0308" {
		t.Errorf("got %v after %d requests", err, f.Writes())
	}
	if got := f.Committed(fake.Group, fake.Topic)[fake.Queue{Broker: "broker-0"}]; got != 500 {
		t.Errorf("it is at %d", got)
	}
}

func TestAFailureInTransitHasTheRightKind(t *testing.T) {
	for kind, c := range map[inject.Kind]struct {
		want error
		done bool // by the service, whatever it answered
	}{
		inject.Error:    {providers.ErrUnavailable, false},
		inject.Foreign:  {providers.ErrUnavailable, false},
		inject.Drop:     {providers.ErrUnavailable, true},
		inject.Truncate: {providers.ErrUnavailable, true},
		inject.Garbled:  {providers.ErrInvalid, true},
		inject.Huge:     {providers.ErrInvalid, true},
	} {
		t.Run(string(kind), func(t *testing.T) {
			f, url := start(t, fake.Options{TakeUp: fake.AtOnce})
			c1 := dial(t, url)
			f.Arm(kind, inject.Reads, 1)
			if s := read(t, c1); !errors.Is(s.Err, c.want) || errors.Is(s.Err, providers.ErrInDoubt) || len(s.Parts)+len(s.Missing) > 0 {
				t.Errorf("read: got %+v", s)
			}
			f.Arm(kind, inject.Writes, 1)
			_, err := reset(t, c1, providers.At(providers.Earliest))
			if !errors.Is(err, c.want) || !errors.Is(err, providers.ErrInDoubt) || f.Writes() != 1 || strings.Contains(err.Error(), "\n") {
				t.Errorf("reset: got %v after %d requests", err, f.Writes())
			}
			if moved := f.Committed(fake.Group, fake.Topic)[fake.Queue{Broker: "broker-0"}] == 0; moved != c.done {
				t.Errorf("it was applied: %t", moved)
			}
		})
	}
}
