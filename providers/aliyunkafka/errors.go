package aliyunkafka

import (
	"errors"
	"strings"

	"github.com/resetplan/resetplan/providers"
)

// A meaning is what an error code of the service means: a kind and, if the kind
// is "not found", what was not found.
type meaning struct {
	kind error
	what string
}

// kinds are the documented codes that a read or a reset can get. The gateway
// appends details to its codes after a dot; the part before the dot decides.
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

	"BIZ_REGION_NOT_FOUND": {kind: providers.ErrInvalid}, // the endpoint is another region's
	"InvalidAction":        {kind: providers.ErrInvalid}, // the endpoint is another service's
	"InvalidApi":           {kind: providers.ErrInvalid},
	"InvalidVersion":       {kind: providers.ErrInvalid},
	"InvalidProduct":       {kind: providers.ErrInvalid},
	"InvalidRegion":        {kind: providers.ErrInvalid},
	"InvalidRegionId":      {kind: providers.ErrInvalid},
	"UnsupportedRegion":    {kind: providers.ErrInvalid},

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
	"BIZ_RESET_OFFSET_ERROR":             {kind: providers.ErrUnavailable}, // part of it may have been done
	"GET.CONSUMER.PROGRESS.ERROR":        {kind: providers.ErrUnavailable},
}

// byNumber are the numeric codes that come with "Success": false and HTTP status
// 200. They mean what they mean in HTTP.
var byNumber = map[string]error{
	"401": providers.ErrDenied, "403": providers.ErrDenied, "404": providers.ErrNotFound, "429": providers.ErrThrottled,
	"500": providers.ErrUnavailable, "502": providers.ErrUnavailable, "503": providers.ErrUnavailable, "504": providers.ErrUnavailable,
}

// meaningOf returns what a code means. An unknown code has no kind.
func meaningOf(code string) meaning {
	if m, ok := kinds[code]; ok {
		return m
	}
	family, _, _ := strings.Cut(code, ".")
	if m, ok := kinds[family]; ok {
		return m
	}
	return meaning{kind: byNumber[code]}
}

// classify returns the kind of an error code, or nil if it is unknown.
func classify(code string) error { return meaningOf(code).kind }

// isUnknown reports whether the service refused a request because what it names,
// "group" or "topic", does not exist.
func isUnknown(err error, what string) bool {
	var e *providers.Error
	return errors.As(err, &e) && meaningOf(e.Code).what == what
}
