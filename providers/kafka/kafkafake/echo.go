package kafkafake

import (
	"encoding/base64"
	"strings"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// An Echo is how a broker repeats the credentials that a client has sent.
type Echo uint8

const (
	// EchoRefusal refuses the login and repeats them in its error message.
	EchoRefusal Echo = iota + 1
	// EchoScram refuses a SCRAM login and repeats the user in its challenge.
	EchoScram
	// EchoGroups accepts the login and repeats them in the state, the members
	// and the error message of every group.
	EchoGroups
	// EchoCluster accepts the login and repeats them in the cluster's id.
	EchoCluster
)

// Repeat makes the broker repeat credentials from now on. A broker that refuses
// offers every mechanism; one that accepts the login checks it as usual. The
// values of also are repeated too, as a proxy that knows them would.
func (f *Fake) Repeat(how Echo, also ...string) {
	var given string
	f.Control(func(req kmsg.Request) (kmsg.Response, error, bool) {
		f.KeepControl()
		refuses := how == EchoRefusal || how == EchoScram
		switch r := req.(type) {
		case *kmsg.SASLHandshakeRequest:
			if !refuses {
				return nil, nil, false
			}
			resp := r.ResponseKind().(*kmsg.SASLHandshakeResponse)
			resp.SupportedMechanisms = []string{r.Mechanism}
			return resp, nil, true
		case *kmsg.SASLAuthenticateRequest:
			sent := string(r.SASLAuthBytes)
			given = strings.ReplaceAll(sent, "\x00", " ") + " " + base64.StdEncoding.EncodeToString([]byte(sent)) + " " + strings.Join(also, " ")
			if !refuses {
				return nil, nil, false
			}
			return refused(r, how, given), nil, true
		}
		if resp := echoed(req, how, given); resp != nil {
			return resp, nil, true
		}
		return nil, nil, false
	})
}

func refused(r *kmsg.SASLAuthenticateRequest, how Echo, given string) kmsg.Response {
	resp := r.ResponseKind().(*kmsg.SASLAuthenticateResponse)
	said := given + " is not let in"
	switch how {
	case EchoRefusal:
		resp.ErrorCode, resp.ErrorMessage = 58, &said
	case EchoScram:
		resp.SASLAuthBytes = []byte(strings.ReplaceAll(said, ",", " ") + ",s=x,i=y")
	}
	return resp
}

// echoed returns an answer that repeats what was given, or nil.
func echoed(req kmsg.Request, how Echo, given string) kmsg.Response {
	switch r := req.(type) {
	case *kmsg.MetadataRequest:
		if how != EchoCluster || len(r.Topics) != 0 || r.Topics == nil {
			return nil
		}
		resp := r.ResponseKind().(*kmsg.MetadataResponse)
		resp.ClusterID = &given
		return resp
	case *kmsg.ListGroupsRequest:
		if how != EchoGroups {
			return nil
		}
		resp := r.ResponseKind().(*kmsg.ListGroupsResponse)
		group := kmsg.NewListGroupsResponseGroup()
		group.Group, group.ProtocolType, group.GroupState, group.GroupType = SeedGroup, given, given, "classic"
		resp.Groups = append(resp.Groups, group)
		return resp
	case *kmsg.DescribeGroupsRequest:
		if how != EchoGroups {
			return nil
		}
		resp := r.ResponseKind().(*kmsg.DescribeGroupsResponse)
		for _, name := range r.Groups {
			group := kmsg.NewDescribeGroupsResponseGroup()
			group.Group, group.State, group.ProtocolType, group.Protocol, group.ErrorMessage = name, given, "consumer", given, &given
			member := kmsg.NewDescribeGroupsResponseGroupMember()
			member.MemberID, member.ClientID, member.ClientHost = given, given, given
			group.Members = append(group.Members, member)
			resp.Groups = append(resp.Groups, group)
		}
		return resp
	}
	return nil
}
