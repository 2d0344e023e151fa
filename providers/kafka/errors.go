package kafka

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/neterr"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// kinds maps the protocol's errors to the contract's kinds, with an explanation or
// a remedy if there is one.
var kinds = map[*kerr.Error]struct {
	kind   error
	remedy string
}{
	kerr.UnknownTopicOrPartition:    {providers.ErrNotFound, ""},
	kerr.UnknownTopicID:             {providers.ErrNotFound, "the topic was deleted, or deleted and re-created"},
	kerr.InconsistentTopicID:        {providers.ErrNotFound, "the topic was deleted and re-created"},
	kerr.GroupIDNotFound:            {providers.ErrNotFound, "the group does not exist"},
	kerr.InvalidGroupID:             {providers.ErrInvalid, ""},
	kerr.OffsetMetadataTooLarge:     {providers.ErrInvalid, "the broker's offset.metadata.max.bytes is smaller than the metadata to restore"},
	kerr.InvalidCommitOffsetSize:    {providers.ErrInvalid, ""},
	kerr.UnknownMemberID:            {providers.ErrPrecondition, "the group has live members, active since the plan; nothing was written"},
	kerr.IllegalGeneration:          {providers.ErrPrecondition, "the group has live members; nothing was written"},
	kerr.StaleMemberEpoch:           {providers.ErrPrecondition, "the group has live members; nothing was written"},
	kerr.NonEmptyGroup:              {providers.ErrPrecondition, "the group has live members; nothing was written"},
	kerr.RebalanceInProgress:        {providers.ErrPrecondition, "the group is rebalancing; nothing was written"},
	kerr.GroupSubscribedToTopic:     {providers.ErrPrecondition, "the group's live members are subscribed to the topic; nothing was removed"},
	kerr.UnstableOffsetCommit:       {providers.ErrPrecondition, "an open transaction of the group holds a pending commit"},
	kerr.GroupAuthorizationFailed:   {providers.ErrDenied, "the ACL must allow DESCRIBE and READ on the group, and DELETE to unset"},
	kerr.TopicAuthorizationFailed:   {providers.ErrDenied, "the ACL must allow DESCRIBE and READ on the topic"},
	kerr.ClusterAuthorizationFailed: {providers.ErrDenied, "the ACL must allow DESCRIBE on the cluster"},
	kerr.SaslAuthenticationFailed:   {providers.ErrDenied, "check the user name and the password"},
	kerr.UnsupportedSaslMechanism:   {providers.ErrDenied, "the broker does not offer this SASL mechanism"},
	kerr.IllegalSaslState:           {providers.ErrDenied, "the listener requires no SASL, or another mechanism"},
	kerr.UnsupportedVersion:         {providers.ErrUnsupported, "the broker is too old for this"},
	kerr.ThrottlingQuotaExceeded:    {providers.ErrThrottled, ""},
	kerr.NotCoordinator:             {providers.ErrUnavailable, "the group coordinator is not available: it is moving to another broker"},
	kerr.CoordinatorNotAvailable:    {providers.ErrUnavailable, "the group coordinator is not available"},
	kerr.CoordinatorLoadInProgress:  {providers.ErrUnavailable, "the group coordinator is not available yet: it is loading its groups"},
	kerr.LeaderNotAvailable:         {providers.ErrUnavailable, "the partition has no leader at present"},
	kerr.NotLeaderForPartition:      {providers.ErrUnavailable, ""},
	kerr.BrokerNotAvailable:         {providers.ErrUnavailable, ""},
	kerr.KafkaStorageError:          {providers.ErrUnavailable, ""},
	kerr.OffsetNotAvailable:         {providers.ErrUnavailable, ""},
}

// failed turns an error of the client into one of the contract; nil remains nil.
func failed(op string, err error) error {
	if err == nil {
		return nil
	}
	e := &providers.Error{Provider: Type, Op: op, Kind: providers.ErrInvalid, Err: err}
	var code *kerr.Error
	var network net.Error
	var first *kgo.ErrFirstReadEOF
	var own *providers.Error // of what obtains a credential
	switch {
	case errors.As(err, &own):
		e.Kind, e.Code, e.Address, e.Message, e.Err = own.Kind, own.Code, own.Address, own.Message, own.Err
	case errors.Is(err, providers.ErrForbidden):
		e.Kind = providers.ErrForbidden
	case errors.As(err, &code):
		e.Kind, e.Code, e.Message = kinds[code].kind, code.Message, kinds[code].remedy
		if e.Message == "" {
			e.Message = code.Description
		}
		if e.Kind == nil {
			e.Kind = providers.ErrInvalid
			if code.Retriable {
				e.Kind = providers.ErrUnavailable
			}
		}
	case errors.Is(err, context.Canceled):
		e.Kind = context.Canceled
	case errors.As(err, &first): // not an unavailable broker, but one that speaks another protocol
	case errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, context.DeadlineExceeded),
		errors.Is(err, kgo.ErrClientClosed), kgo.IsRetryableBrokerErr(err):
		e.Kind = providers.ErrUnavailable
	}
	var dialed *neterr.Error
	if errors.As(err, &dialed) {
		e.Address, e.Message = dialed.Address, neterr.Explain(dialed.Err)
	} else if errors.Is(e.Kind, providers.ErrUnavailable) && e.Message == "" && errors.Is(err, context.DeadlineExceeded) {
		e.Message = neterr.Explain(err)
	}
	return e
}

// coded is failed for the error code of a response.
func coded(op string, code int16) error {
	if code == 0 {
		return nil
	}
	return failed(op, kerr.ErrorForCode(code))
}

// doubtful marks an error after which the write may have happened.
func doubtful(op string, err error) error {
	return &providers.Error{Provider: Type, Op: op, Kind: providers.ErrInDoubt,
		Message: "sent, but no response was received; the outcome is unknown: " + err.Error(), Err: err}
}

// recreated is the error of a move that was planned for a topic which has since been
// deleted, or deleted and re-created.
func recreated(op string) error { return failed(op, kerr.UnknownTopicID) }
