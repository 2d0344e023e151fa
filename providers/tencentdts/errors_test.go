package tencentdts_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/inject"
	"github.com/resetplan/resetplan/providers/tencentdts/tencentdtsfake"
)

// TestEachCodeHasAKind checks the kinds of the codes that the manual and the
// vendor's SDKs list, on a read and on a reset. Only failures inside the service
// leave a reset in doubt.
func TestEachCodeHasAKind(t *testing.T) {
	for kind, codes := range map[error]string{
		providers.ErrDenied: "AuthFailure AuthFailure.AuthFailureError AuthFailure.AuthorizedOperationDenyError AuthFailure.InvalidSecretId " +
			"AuthFailure.SecretIdNotFound AuthFailure.MFAFailure AuthFailure.UnauthorizedOperation " +
			"UnauthorizedOperation UnauthorizedOperation.NotEnoughPrivileges UnauthorizedOperation.PermissionDenied " +
			"UnauthorizedOperation.UnauthorizedOperationError FailedOperation.UserNotAuthed",
		providers.ErrNotFound: "ResourceNotFound ResourceNotFound.BizResourceNotFoundError ResourceNotFound.JobNotExist " +
			"ResourceNotFound.ResourceNotFoundError InvalidParameter.InstanceNotFound",
		providers.ErrPrecondition: "OperationDenied OperationDenied.BizOperationDeniedError OperationDenied.JobOperationDeniedError " +
			"OperationDenied.OperationDeniedError FailedOperation.NotAllowOperation " +
			"FailedOperation.StatusInConflict FailedOperation.StatusInConflictError ResourceInUse.ResourceInUseError LimitExceeded.LimitExceededError",
		providers.ErrThrottled:   "RequestLimitExceeded RequestLimitExceeded.RequestLimitExceededError RequestLimitExceeded.UinLimitExceeded",
		providers.ErrUnsupported: "UnsupportedOperation UnsupportedOperation.UnsupportedOperationError",
		providers.ErrInvalid: "UnsupportedRegion UnsupportedProtocol ActionOffline InvalidAction NoSuchProduct NoSuchVersion " +
			"InvalidParameter InvalidParameter.InvalidParameterError InvalidParameterValue.BizInvalidParameterValueError " +
			"InvalidParameterValue.DataConvertError MissingParameter " +
			"MissingParameter.MissingParameterError UnknownParameter.UnknownParameterError NobodyKnows.This",
		providers.ErrUnavailable: "InternalError InternalError.InternalErrorError InternalError.DatabaseError InternalError.LockError " +
			"InternalError.UnknownError FailedOperation FailedOperation.FailedOperationError ResourceUnavailable.ResourceUnavailableError",
	} {
		for code := range strings.FieldsSeq(codes) {
			said := raw + `{"Response": {"Error": {"Code": "` + code + `", "Message": "two\nlines"}, "RequestId": "r-7"}}`
			s := answering(t, map[string]string{"DescribeConsumerGroups": said, "ResetConsumerGroupOffset": said})
			_, atReset := reset(t, s.url, to(0, providers.At(providers.Earliest)))
			for where, err := range map[string]error{"reading": read(t, s.url).Err, "resetting": atReset} {
				var own *providers.Error
				if !errors.Is(err, kind) || !errors.As(err, &own) || own.Code != code || own.RequestID != "r-7" || !strings.Contains(err.Error(), "two lines") {
					t.Errorf("%s, %s: got %v", code, where, err)
				}
				if doubt := where == "resetting" && errors.Is(kind, providers.ErrUnavailable); errors.Is(err, providers.ErrInDoubt) != doubt {
					t.Errorf("%s, %s: the error is wrong about whether the reset is in doubt", code, where)
				}
			}
		}
	}
}

func TestRefusedCredentials(t *testing.T) {
	for name, c := range map[string]struct {
		env    []string
		off    time.Duration
		code   string
		remedy string
	}{
		"a wrong secret": {env: []string{"TENCENTCLOUD_SECRET_KEY", "s3cret"}, code: "AuthFailure.SignatureFailure"},
		"an unknown key": {env: []string{"TENCENTCLOUD_SECRET_ID", "unknown"}, code: "AuthFailure.SecretIdNotFound"},
		"an expired token": {env: []string{"TENCENTCLOUD_SECRET_ID", tencentdtsfake.TemporaryKey, "TENCENTCLOUD_SECRET_KEY",
			tencentdtsfake.TemporarySecret, "TENCENTCLOUD_TOKEN", "t0ken"}, code: "AuthFailure.TokenFailure"},
		"a clock that is 20 minutes late": {off: 20 * time.Minute, code: "AuthFailure.SignatureExpire", remedy: "set this machine's clock"},
		"a clock that is ahead":           {off: -20 * time.Minute, code: "AuthFailure.SignatureExpire", remedy: "set this machine's clock"},
	} {
		s := startOff(t, c.off)
		conn := connect(t, s.url, environment(c.env...))
		_, atReset := conn.Reset(t.Context(), providers.Move{Target: goal(t, audit), To: []providers.PartMove{to(0, providers.At(providers.Earliest))}})
		for _, err := range []error{conn.Read(t.Context(), []providers.ReadRequest{{Target: goal(t, audit)}})[0].Err, atReset} {
			var own *providers.Error
			if !errors.Is(err, providers.ErrDenied) || errors.Is(err, providers.ErrInDoubt) || !errors.As(err, &own) || own.Code != c.code ||
				strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), c.remedy) {
				t.Errorf("%s: got %v", name, err)
			} else if strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "t0ken") {
				t.Errorf("%s: the error contains a secret: %v", name, err)
			}
		}
		if got := s.committed(t, audit)[part(0)]; got != providers.AtOffset(400) {
			t.Errorf("%s: committed at %s", name, got)
		}
	}
}

// TestATemporaryKeyWithItsToken is accepted.
func TestATemporaryKeyWithItsToken(t *testing.T) {
	s := start(t)
	e := environment("TENCENTCLOUD_SECRET_ID", tencentdtsfake.TemporaryKey, "TENCENTCLOUD_SECRET_KEY", tencentdtsfake.TemporarySecret,
		"TENCENTCLOUD_TOKEN", tencentdtsfake.Token)
	if err := connect(t, s.url, e).Read(t.Context(), []providers.ReadRequest{{Target: goal(t, audit)}})[0].Err; err != nil {
		t.Error(err)
	}
}

func TestAnUnknownSubscription(t *testing.T) {
	s := start(t)
	for _, keys := range []map[string]any{{"region": tencentdtsfake.Region, "subscribeId": "subs-other"},
		{"region": "ap-shanghai", "subscribeId": tencentdtsfake.SeedSubscription}} {
		err := readAs(t, s.url, keys)
		var own *providers.Error
		if !errors.Is(err, providers.ErrNotFound) || !errors.As(err, &own) || own.Code != "ResourceNotFound.ResourceNotFoundError" || own.RequestID == "" {
			t.Errorf("%v: got %v", keys, err)
		}
	}
}

// TestUnusableAnswers are neither a success nor a refusal: a reset is then in
// doubt, and a read has failed.
func TestUnusableAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		kind inject.Kind
		want error
	}{
		"a proxy's page":          {inject.Foreign, providers.ErrUnavailable},
		"a page under status 200": {inject.Garbled, providers.ErrInvalid},
		"100 MB":                  {inject.Huge, providers.ErrInvalid},
		"a truncated body":        {inject.Truncate, providers.ErrUnavailable},
		"a connection that ends":  {inject.Drop, providers.ErrUnavailable},
		"an internal error":       {inject.Error, providers.ErrUnavailable},
	} {
		s := start(t)
		s.Arm(c.kind, inject.Reads, 3)
		if err := read(t, s.url).Err; !errors.Is(err, c.want) || len(err.Error()) > 400 || strings.ContainsAny(err.Error(), "\n\r") {
			t.Errorf("%s, reading: got %.500v", name, err)
		}
		s.Arm(c.kind, inject.Writes, 1)
		writes := s.Writes()
		_, err := reset(t, s.url, to(0, providers.At(providers.Earliest)))
		if !errors.Is(err, c.want) || !errors.Is(err, providers.ErrInDoubt) || s.Writes() != writes+1 {
			t.Errorf("%s, resetting: got %v after %d requests", name, err, s.Writes()-writes)
		}
	}
}

// TestIncompleteAnswers all have status 200.
func TestIncompleteAnswers(t *testing.T) {
	for name, c := range map[string]struct{ action, answer string }{
		"nothing":                       {"DescribeConsumerGroups", raw + ``},
		"an empty object":               {"DescribeConsumerGroups", raw + `{}`},
		"a list":                        {"DescribeSubscribeDetail", raw + `[]`},
		"groups without a total":        {"DescribeConsumerGroups", `"Items": []`},
		"a group without a name":        {"DescribeConsumerGroups", `"TotalCount": 1, "Items": [{"ConsumerGroupState": "Empty"}]`},
		"a partition without a number":  {"DescribeConsumerGroups", `"TotalCount": 1, "Items": [` + auditAt(`{"ConsumerGroupOffset": 5}`) + `]`},
		"a total that is never reached": {"DescribeConsumerGroups", `"TotalCount": 3, "Items": []`},
		"an offset that is a word": {"DescribeConsumerGroups",
			`"TotalCount": 1, "Items": [` + auditAt(`{"PartitionNo": 0, "ConsumerGroupOffset": "x"}`) + `]`},
		"an offset that is a fraction": {"DescribeOffsetByTime", `"Items": [{"PartitionNo": 0, "Offset": 1.5}]`},
		"a place without an offset":    {"DescribeOffsetByTime", `"Items": [{"PartitionNo": 0}]`},
		"an empty text for a total":    {"DescribeConsumerGroups", `"TotalCount": "", "Items": []`},
		"an empty text for a partition": {"DescribeConsumerGroups",
			`"TotalCount": 1, "Items": [` + auditAt(`{"PartitionNo": "", "ConsumerGroupOffset": 5}`) + `]`},
		"an empty text for an offset": {"DescribeConsumerGroups",
			`"TotalCount": 1, "Items": [` + auditAt(`{"PartitionNo": 0, "ConsumerGroupOffset": ""}`) + `]`},
		"an empty text for a lag": {"DescribeConsumerGroups",
			`"TotalCount": 1, "Items": [` + auditAt(`{"PartitionNo": 0, "ConsumerGroupOffset": 5, "ConsumerGroupLag": ""}`) + `]`},
		"an empty text for a place":    {"DescribeOffsetByTime", `"Items": [{"PartitionNo": 0, "Offset": ""}]`},
		"no places":                    {"DescribeOffsetByTime", `"Items": null`},
		"a subscription without an id": {"DescribeSubscribeDetail", `"Topic": "x"`},
		"an error with a number":       {"DescribeSubscribeDetail", raw + `{"Response": {"Error": {"Code": 4000, "Message": "no"}, "RequestId": "r-1"}}`},
	} {
		s := answering(t, map[string]string{c.action: c.answer})
		if err := read(t, s.url).Err; !errors.Is(err, providers.ErrInvalid) || strings.ContainsAny(err.Error(), "\n\r") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for name, answer := range map[string]string{
		"a reset without a request id":     raw + `{"Response": {}}`,
		"a reset without a response":       raw + `{"ok": true}`,
		"an error without a code":          `"Error": {"Message": "no"}`,
		"a reset with a number for a code": `"Error": {"Code": 4000, "Message": "no"}`,
	} {
		s := answering(t, map[string]string{"ResetConsumerGroupOffset": answer})
		if _, err := reset(t, s.url, to(0, providers.At(providers.Earliest))); !errors.Is(err, providers.ErrInvalid) ||
			!errors.Is(err, providers.ErrInDoubt) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestAnOlderFormOfRefusal is recognised by the SDK.
func TestAnOlderFormOfRefusal(t *testing.T) {
	s := answering(t, map[string]string{"DescribeConsumerGroups": raw + `{"code": 4104, "codeDesc": "AuthFailure.SecretIdNotFound", "message": "no"}`})
	if err := read(t, s.url).Err; !errors.Is(err, providers.ErrDenied) {
		t.Errorf("got %v", err)
	}
}

// TestARefusalUnderAnotherStatus keeps the service's code and message.
func TestARefusalUnderAnotherStatus(t *testing.T) {
	said := raw + `{"Response": {"Error": {"Code": "InvalidParameter", "Message": "no"}, "RequestId": "r-7"}}`
	s := answering(t, map[string]string{"ResetConsumerGroupOffset": said})
	s.status = http.StatusBadRequest
	_, err := reset(t, s.url, to(0, providers.At(providers.Earliest)))
	if !errors.Is(err, providers.ErrInvalid) || errors.Is(err, providers.ErrInDoubt) || !strings.Contains(err.Error(), "r-7") {
		t.Errorf("got %v", err)
	}
}
