package kafkafake

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

// visitor are the versions of a client for visit: newer ones need more requests.
func visitor() *kversion.Versions {
	v := kversion.Stable()
	v.SetMaxKeyVersion(kmsg.JoinGroup.Int16(), 3)
	v.SetMaxKeyVersion(kmsg.LeaveGroup.Int16(), 2)
	return v
}

// visit joins a group as a consumer of a topic and leaves it again, so that it is the
// group of an application and not only of the tools that commit for it.
func visit(ctx context.Context, client *kgo.Client, group, topic string) error {
	join := kmsg.NewPtrJoinGroupRequest()
	join.Group, join.ProtocolType, join.SessionTimeoutMillis, join.RebalanceTimeoutMillis = group, "consumer", 10_000, 10_000
	member := kmsg.NewConsumerMemberMetadata()
	member.Topics = []string{topic}
	protocol := kmsg.NewJoinGroupRequestProtocol()
	protocol.Name, protocol.Metadata = "range", member.AppendTo(nil)
	join.Protocols = append(join.Protocols, protocol)
	joined, err := join.RequestWith(ctx, client)
	if err == nil {
		err = kerr.ErrorForCode(joined.ErrorCode)
	}
	if err != nil {
		return fmt.Errorf("kafka sandbox: join group %s: %w", group, err)
	}
	leave := kmsg.NewPtrLeaveGroupRequest()
	leave.Group, leave.MemberID = group, joined.MemberID
	left, err := leave.RequestWith(ctx, client)
	if err == nil {
		err = kerr.ErrorForCode(left.ErrorCode)
	}
	if err != nil {
		return fmt.Errorf("kafka sandbox: leave group %s: %w", group, err)
	}
	return nil
}
