package aliyunkafka

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// A meaning is what a code of the service says: a kind, and where that is "not
// found", what is not there.
type meaning struct {
	kind error
	what string
}

// kinds are the documented codes that a reading or a reset can meet. Codes
// of the gateway end in more words after a dot and are told by their begin.
var kinds = map[string]meaning{
	"BIZ_SUBSCRIPTION_NOT_FOUND": {providers.ErrNotFound, "group"},
	"Group.NotFound":             {providers.ErrNotFound, "group"},
	"BIZ_TOPIC_NOT_FOUND":        {providers.ErrNotFound, "topic"},
	"Topic.NotFound":             {providers.ErrNotFound, "topic"},
	"BIZ_INSTANCE_NOT_FOUND":     {providers.ErrNotFound, "instance"},
	"BIZ.INSTANCE.NOT.FOUND":     {providers.ErrNotFound, "instance"},
	"Instance.NotFound":          {providers.ErrNotFound, "instance"},
	"InstanceAgent.NotFound":     {providers.ErrNotFound, "instance"},
	"INSTANCE_NOT_FOUND":         {providers.ErrNotFound, "instance"},
	"BIZ_REGION_NOT_FOUND":       {providers.ErrNotFound, "region"},

	"Group.Active":                    {kind: providers.ErrPrecondition},
	"BIZ_CONSUMER_GROUP_ACTIVE_ERROR": {kind: providers.ErrPrecondition},
	"BIZ_SUBSCRIPTION_STATUS_ERROR":   {kind: providers.ErrPrecondition},
	"BIZ_TOPIC_STATUS_ERROR":          {kind: providers.ErrPrecondition},
	"BIZ_INSTANCE_STATUS_ERROR":       {kind: providers.ErrPrecondition},
	"BIZ.INSTANCE.STATUS.ERROR":       {kind: providers.ErrPrecondition},
	"BIZ_INSTANCE_CANNOT_OPERATE":     {kind: providers.ErrPrecondition},
	"Instance.StatusNotRunning":       {kind: providers.ErrPrecondition},
	"InstanceStatus":                  {kind: providers.ErrPrecondition},
	"Topic.StatusNotRunning":          {kind: providers.ErrPrecondition},
	"NotSupport.DataStatus":           {kind: providers.ErrPrecondition},

	"NotSupport":              {kind: providers.ErrUnsupported},
	"ONS_SERVICE_UNSUPPORTED": {kind: providers.ErrUnsupported},

	"Throttling":              {kind: providers.ErrThrottled},
	"FlowControl":             {kind: providers.ErrThrottled},
	"ONS_SYSTEM_FLOW_CONTROL": {kind: providers.ErrThrottled},

	"SignatureDoesNotMatch":                   {kind: providers.ErrDenied},
	"SignatureNonceUsed":                      {kind: providers.ErrDenied},
	"IncompleteSignature":                     {kind: providers.ErrDenied},
	"InvalidAccessKeyId":                      {kind: providers.ErrDenied},
	"InvalidAccessKeySecret":                  {kind: providers.ErrDenied},
	"InvalidSecurityToken":                    {kind: providers.ErrDenied},
	"InvalidTimeStamp":                        {kind: providers.ErrDenied},
	"Forbidden":                               {kind: providers.ErrDenied},
	"NoPermission":                            {kind: providers.ErrDenied},
	"RAM_USER_NOT_FOUND_BY_ACCESSKEY":         {kind: providers.ErrDenied},
	"RAM.USER.NOT.FOUND.BY.ACCESSKEY":         {kind: providers.ErrDenied},
	"AUTH_PERMISSION_CHECK_ERROR":             {kind: providers.ErrDenied},
	"AUTH_RESOURCE_OWNER_ERROR":               {kind: providers.ErrDenied},
	"AUTH_SIGNATURE_CHECK_ERROR":              {kind: providers.ErrDenied},
	"AUTH_REQUEST_NOT_ALLOWED":                {kind: providers.ErrDenied},
	"AUTH_SERVICE_CHECK_ERROR":                {kind: providers.ErrDenied},
	"BIZ_INSTANCE_OWNER_ERROR":                {kind: providers.ErrDenied},
	"BIZ_INSTANCE_PERMISSION_CHECK_ERROR":     {kind: providers.ErrDenied},
	"BIZ_SUBSCRIPTION_PERMISSION_CHECK_ERROR": {kind: providers.ErrDenied},

	"ServiceUnavailable":                 {kind: providers.ErrUnavailable},
	"InternalError":                      {kind: providers.ErrUnavailable},
	"INTERNAL.ERROR":                     {kind: providers.ErrUnavailable},
	"InternalUnknownCodeError":           {kind: providers.ErrUnavailable},
	"ONS.INTERNAL.ERROR":                 {kind: providers.ErrUnavailable},
	"ONS_INTERNAL_ERROR":                 {kind: providers.ErrUnavailable},
	"ONS_SYSTEM_ERROR":                   {kind: providers.ErrUnavailable},
	"ONS_INVOKE_ERROR":                   {kind: providers.ErrUnavailable},
	"RemoteCallError":                    {kind: providers.ErrUnavailable},
	"AgentError":                         {kind: providers.ErrUnavailable},
	"AgentBusinessError":                 {kind: providers.ErrUnavailable},
	"AUTH_USER_CHECK_ERROR":              {kind: providers.ErrUnavailable},
	"BIZ_FIND_CONSUMER_GROUP_INFO_ERROR": {kind: providers.ErrUnavailable},
	"BIZ_GET_CONSUME_STATUS_ERROR":       {kind: providers.ErrUnavailable},
	"BIZ_GET_TOPIC_STATUS_ERROR":         {kind: providers.ErrUnavailable},
	"BIZ_GET_TOPIC_OFFSET_ERROR":         {kind: providers.ErrUnavailable},
	"BIZ_RESET_OFFSET_ERROR":             {kind: providers.ErrUnavailable}, // it says nothing of whether some of it was done
	"GET.CONSUMER.PROGRESS.ERROR":        {kind: providers.ErrUnavailable},
}

// byNumber are the codes beside "Success": false where HTTP says that all is
// well. 200 is success; the others are read as HTTP's.
var byNumber = map[string]error{
	"401": providers.ErrDenied, "403": providers.ErrDenied, "404": providers.ErrNotFound, "429": providers.ErrThrottled,
	"500": providers.ErrUnavailable, "502": providers.ErrUnavailable, "503": providers.ErrUnavailable, "504": providers.ErrUnavailable,
}

// mean returns what a code means; one that is not known has no kind.
func mean(code string) meaning {
	if m, ok := kinds[code]; ok {
		return m
	}
	family, _, _ := strings.Cut(code, ".")
	if m, ok := kinds[family]; ok {
		return m
	}
	return meaning{kind: byNumber[code]}
}

// isUnknown reports whether an error is the service's word that it does not
// have a group or a topic.
func isUnknown(err error, what string) bool {
	var e *providers.Error
	return errors.As(err, &e) && mean(e.Code).what == what
}

// verdict returns the error that an answer tells, or nil. A refusal may come
// with a status of HTTP's or under 200 with "Success": false.
func verdict(call *httpcall.Call, op string) error {
	var said struct {
		Success, Code, Message word
	}
	refusal := func() error {
		return call.Failure(op, httpcall.Answer{Kind: mean(string(said.Code)).kind, Code: string(said.Code), Message: string(said.Message)}, nil)
	}
	if call.Status < 200 || call.Status > 299 {
		_ = json.Unmarshal(call.Body, &said) // what is not understood, its status tells
		return refusal()
	}
	if err := call.Decode(op, &said); err != nil {
		return err
	}
	switch {
	case said.Success == "false" || said.Code != "" && said.Code != "200":
		return refusal()
	case said.Success == "" && said.Code == "":
		return call.Unclear(op, "it says neither Success nor Code")
	}
	return nil
}
