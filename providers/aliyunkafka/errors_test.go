package aliyunkafka_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunkafka/aliyunkafkafake"
	"github.com/resetplan/resetplan/providers/internal/inject"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/resetplan/resetplan/providers/providertest"
	"github.com/resetplan/resetplan/providers/retry"
)

// checkError fails the test if an error is not of a kind, lacks one of the texts, has
// several lines or contains a secret.
func checkError(t *testing.T, err, kind error, words ...string) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Fatalf("got %v, want it to be %v", err, kind)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q is not in %q", w, err)
		}
	}
	if strings.ContainsAny(err.Error(), "\r\n") || strings.Contains(err.Error(), aliyunkafkafake.Secret) {
		t.Errorf("it has several lines or contains a secret: %q", err)
	}
}

func with(set map[string]string, name, value string) map[string]string {
	set[name] = value
	return set
}

func TestARefusedReadKeepsCodeMessageAndRequestID(t *testing.T) {
	for name, c := range map[string]struct {
		keys   map[string]string
		ahead  time.Duration // of the service's clock
		change func(*service)
		config map[string]any
		kind   error
		words  []string
	}{
		"wrong secret": {keys: with(keys(), "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "wrong"), kind: providers.ErrDenied,
			words: []string{"SignatureDoesNotMatch", "not matched"}},
		"unknown key": {keys: with(keys(), "ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAI0"), kind: providers.ErrDenied,
			words: []string{"InvalidAccessKeyId.NotFound"}},
		"expired token": {keys: with(keys(), "ALIBABA_CLOUD_SECURITY_TOKEN", "old"), kind: providers.ErrDenied,
			words: []string{"InvalidSecurityToken.Expired"}},
		"clock off":               {keys: keys(), ahead: 20 * time.Minute, kind: providers.ErrDenied, words: []string{"InvalidTimeStamp.Expired"}},
		"clock off the other way": {keys: keys(), ahead: -20 * time.Minute, kind: providers.ErrDenied, words: []string{"InvalidTimeStamp.Expired"}},
		"unknown instance": {keys: keys(), config: map[string]any{"region": "cn-hangzhou", "instanceId": "alikafka_post-cn-other"},
			kind: providers.ErrNotFound, words: []string{"BIZ_INSTANCE_NOT_FOUND", "alikafka_post-cn-other"}},
		"another region": {keys: keys(), config: map[string]any{"region": "cn-beijing", "instanceId": aliyunkafkafake.Instance},
			kind: providers.ErrNotFound, words: []string{"BIZ_INSTANCE_NOT_FOUND"}},
		"not permitted": {keys: keys(), change: func(s *service) { s.Deny() }, kind: providers.ErrDenied,
			words: []string{"Forbidden.RAM"}},
		"throttled": {keys: keys(), change: func(s *service) { s.Arm(inject.Throttle, inject.Reads, -1) },
			kind: providers.ErrThrottled, words: []string{"Throttling.User"}},
		"an internal error": {keys: keys(), change: func(s *service) { s.Arm(inject.Error, inject.Reads, -1) },
			kind: providers.ErrUnavailable, words: []string{"InternalError"}},
		"an integer code": {keys: with(keys(), "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "wrong"), change: func(s *service) {
			check(t,
				s.Inject("integer-code"))
		}, kind: providers.ErrInvalid, words: []string{"400", "not matched"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := startAt(t, func() time.Time { return time.Now().Add(c.ahead) })
			if c.change != nil {
				c.change(s)
			}
			if c.config == nil {
				c.config = config()
			}
			conn := connect(t, s.url, c.keys, func(p *providers.Config) { p.Decode = providertest.Keys(c.config) })
			checkError(t, read(t, conn, seeded(t)).Err, c.kind, append(c.words, "aliyun-kafka: ", "request id 0")...)
		})
	}
}

func TestAnAnswerThatCannotBeReadIsAnError(t *testing.T) {
	for name, c := range map[string]struct {
		kind inject.Kind
		want error
		word string
	}{
		"a proxy's page":              {inject.Foreign, providers.ErrUnavailable, "502"},
		"a page of HTML with success": {inject.Garbled, providers.ErrInvalid, "text/html"},
		"100 MB":                      {inject.Huge, providers.ErrInvalid, "longer than 32 MiB"},
		"a truncated answer":          {inject.Truncate, providers.ErrUnavailable, ""},
		"a lost connection":           {inject.Drop, providers.ErrUnavailable, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			s.Arm(c.kind, inject.Reads, -1)
			checkError(t, read(t, connect(t, s.url, keys()), seeded(t)).Err, c.want, c.word)
		})
	}
}

func TestAResetThatFails(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*service)
		move    func(*testing.T) providers.Move
		kind    error
		inDoubt bool
		words   []string
	}{
		"throttled": {change: func(s *service) { s.Arm(inject.Throttle, inject.Writes, 1) }, kind: providers.ErrThrottled,
			words: []string{"Throttling.User"}},
		"an internal error": {change: func(s *service) { s.Arm(inject.Error, inject.Writes, 1) }, kind: providers.ErrUnavailable,
			inDoubt: true, words: []string{"InternalError"}},
		"a lost answer": {change: func(s *service) { s.Arm(inject.Drop, inject.Writes, 1) }, kind: providers.ErrUnavailable, inDoubt: true},
		"a late answer": {change: func(s *service) { s.Arm(inject.Late, inject.Writes, 1) }, kind: providers.ErrUnavailable,
			inDoubt: true, words: []string{"no answer within"}},
		"a truncated answer": {change: func(s *service) { s.Arm(inject.Truncate, inject.Writes, 1) }, kind: providers.ErrUnavailable,
			inDoubt: true},
		"a proxy's page": {change: func(s *service) { s.Arm(inject.Foreign, inject.Writes, 1) }, kind: providers.ErrUnavailable,
			inDoubt: true},
		"a page of HTML with success": {change: func(s *service) { s.Arm(inject.Garbled, inject.Writes, 1) }, kind: providers.ErrInvalid, inDoubt: true},
		"100 MB":                      {change: func(s *service) { s.Arm(inject.Huge, inject.Writes, 1) }, kind: providers.ErrInvalid, inDoubt: true},
		"live consumers": {change: func(s *service) { check(t, s.broker.Join(kafkafake.SeedGroup, kafkafake.SeedTopic)) },
			kind: providers.ErrPrecondition, words: []string{"Group.Active"}},
		"an unknown group": {move: elsewhere("orders-biling", kafkafake.SeedTopic), kind: providers.ErrNotFound,
			words: []string{"BIZ_SUBSCRIPTION_NOT_FOUND"}},
		"an unknown topic": {move: elsewhere(kafkafake.SeedGroup, "ordrs"), kind: providers.ErrNotFound, words: []string{"BIZ_TOPIC_NOT_FOUND"}},
		"success false under 200": {move: func(t *testing.T) providers.Move {
			m := to(t, 1)
			m.To[0].Part.Number = 77
			return m
		}, kind: providers.ErrInvalid, words: []string{"partition 77", ": 400: "}},
		"an integer code": {change: func(s *service) {
			check(t, s.Inject("integer-code"))
			s.Arm(inject.Error, inject.Writes, 1)
		}, kind: providers.ErrUnavailable, inDoubt: true, words: []string{": 500: "}},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			if c.change != nil {
				c.change(s)
			}
			if c.move == nil {
				c.move = func(t *testing.T) providers.Move { return to(t, 7) }
			}
			conn := connect(t, s.url, keys(), func(p *providers.Config) { p.Timeout = time.Second })
			_, err := conn.Reset(t.Context(), c.move(t))
			checkError(t, err, c.kind, c.words...)
			if errors.Is(err, providers.ErrInDoubt) != c.inDoubt {
				t.Errorf("in doubt should be %v: %v", c.inDoubt, err)
			}
			if n := s.Requests()["UpdateConsumerOffset"]; n != 1 {
				t.Errorf("it was sent %d times", n)
			}
		})
	}
}

func elsewhere(group, topic string) func(*testing.T) providers.Move {
	return func(t *testing.T) providers.Move {
		return providers.Move{Target: target(t, map[string]any{"group": group, "topic": topic}), To: []providers.PartMove{{Part: part(topic, 0),
			Position: providers.AtOffset(1)}}}
	}
}

// hurried is a policy that does not wait and gives up after some retries.
func hurried(times int) retry.Policy {
	p := retry.Default()
	p.Sleep = func(ctx context.Context, _ time.Duration) error {
		if times--; times < 0 {
			return context.DeadlineExceeded
		}
		return ctx.Err()
	}
	return p
}

func TestAResetThatIsThrottledForAWhileIsAppliedOnce(t *testing.T) {
	s := start(t)
	check(t, s.Inject("throttle"))
	if _, err := hurried(10).Reset(t.Context(), connect(t, s.url, keys()), to(t, 7)); err != nil {
		t.Fatal(err)
	}
	if got := s.committed(t, kafkafake.SeedGroup)[part(kafkafake.SeedTopic, 0)]; got != providers.AtOffset(7) {
		t.Errorf("it is at %s", got)
	}
}

func TestAResetThatStaysThrottledChangesNothing(t *testing.T) {
	s := start(t)
	s.Arm(inject.Throttle, inject.Writes, -1)
	_, err := hurried(10).Reset(t.Context(), connect(t, s.url, keys()), to(t, 7))
	checkError(t, err, providers.ErrThrottled)
	if got := s.committed(t, kafkafake.SeedGroup)[part(kafkafake.SeedTopic, 0)]; got != providers.AtOffset(300) || errors.Is(err, providers.ErrInDoubt) {
		t.Errorf("it is at %s: %v", got, err)
	}
}

func TestAResetCancelledInFlightIsInDoubtAndReturns(t *testing.T) {
	s := start(t)
	conn := connect(t, s.url, keys())
	release := s.Block()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := conn.Reset(ctx, to(t, 7))
		done <- err
	}()
	s.Hangs()
	cancel()
	err := <-done // while the service still holds the request
	release()
	checkError(t, err, providers.ErrInDoubt)
	checkError(t, err, context.Canceled)
}

func TestEveryDocumentedCodeHasAKind(t *testing.T) {
	for kind, codes := range map[error][]string{
		providers.ErrNotFound: {"BIZ_INSTANCE_NOT_FOUND", "BIZ.INSTANCE.NOT.FOUND", "Instance.NotFound", "InstanceAgent.NotFound"},
		providers.ErrPrecondition: {"Group.Active", "BIZ_CONSUMER_GROUP_ACTIVE_ERROR", "BIZ.INSTANCE.STATUS.ERROR", "Instance.StatusNotRunning",
			"InstanceStatus.Stopped", "InstanceStatus.Released", "Topic.StatusNotRunning", "BIZ_INSTANCE_CANNOT_OPERATE"},
		providers.ErrThrottled: {"Throttling", "Throttling.User", "Throttling.Api", "FlowControl", "ONS_SYSTEM_FLOW_CONTROL"},
		providers.ErrDenied: {"SignatureDoesNotMatch", "InvalidAccessKeyId.Inactive", "InvalidSecurityToken.Malformed", "Forbidden",
			"Forbidden.RAM", "NoPermission", "AUTH_RESOURCE_OWNER_ERROR", "AUTH_PERMISSION_CHECK_ERROR"},
		providers.ErrUnavailable: {"ServiceUnavailable", "InternalError", "INTERNAL.ERROR", "ONS_SYSTEM_ERROR", "RemoteCallError",
			"BIZ_GET_CONSUME_STATUS_ERROR", "GET.CONSUMER.PROGRESS.ERROR"},
		providers.ErrInvalid: {"BIZ_FIELD_CHECK_INVALID", "MissingInstanceId", "InvalidParameter.Range", "SomethingNew",
			"BIZ_REGION_NOT_FOUND", "InvalidAction.NotFound", "InvalidVersion", "InvalidRegionId"},
		providers.ErrUnsupported: {"ONS_SERVICE_UNSUPPORTED", "NotSupport"},
	} {
		for _, code := range codes {
			t.Run(code, func(t *testing.T) {
				text := fmt.Sprintf(`{"RequestId": "56729737-C428", "HostId": "h", "Code": %q, "Message": "No. \n Please check."}`, code)
				s := answering(t, http.StatusBadRequest, map[string]string{"GetConsumerProgress": text})
				checkError(t, read(t, connect(t, s.url, keys()), seeded(t)).Err, kind, code+": No. Please check", "(request id 56729737-C428)")
			})
		}
	}
}

func TestCodesUnderStatus200HaveAKind(t *testing.T) {
	for code, kind := range map[string]error{`400`: providers.ErrInvalid, `"403"`: providers.ErrDenied, `404`: providers.ErrNotFound,
		`429`: providers.ErrThrottled, `500`: providers.ErrUnavailable, `"Group.Active"`: providers.ErrPrecondition, `12`: providers.ErrInvalid} {
		for _, success := range []string{`"Success": false, `, `"Success": true, `, ``} { // either of the two is a refusal
			t.Run(success+code, func(t *testing.T) {
				s := answering(t, http.StatusOK, map[string]string{"GetConsumerProgress": `{` + success + `"Code": ` + code + `, "Message": "no"}`})
				checkError(t, read(t, connect(t, s.url, keys()), seeded(t)).Err, kind, strings.Trim(code, `"`)+": no")
			})
		}
	}
}
