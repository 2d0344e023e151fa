// Package all lists the built-in providers. It is the only list, and it is written
// by hand.
//
// Every package has the same files, as far as its service needs them:
//
//	TYPE.go         the package comment, capabilities and keys; Connect and the connection
//	target.go       what a step names, its address, and what overlaps
//	read.go         Read; activity.go: whether consumers are active, whether the group exists
//	reset.go        Reset: what can be sent, and the requests that it becomes
//	errors.go       the service's codes as the contract's kinds
//	script.go       the move as commands of the vendor's client
//	credentials.go  where credentials are found; pause.go, size.go: optional interfaces
//	internal/api/   the only place with the vendor's SDK and raw JSON: one method per action
//	TYPEfake/       the service itself: serve.go, actions.go, signature.go, state.go
//
// Kafka's protocol is not JSON, and its messages are the SDK's types: there the wall
// runs between files, as the comment of package kafka says.
//
// Providers is stable (docs/ARCHITECTURE.md, Go API).
package all

import (
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunkafka"
	"github.com/resetplan/resetplan/providers/aliyunsls"
	"github.com/resetplan/resetplan/providers/enospipeline"
	"github.com/resetplan/resetplan/providers/huaweirocketmq"
	"github.com/resetplan/resetplan/providers/kafka"
	"github.com/resetplan/resetplan/providers/tencentdts"
)

// Providers returns every provider, in the order in which users see them.
func Providers() []providers.Provider {
	return []providers.Provider{
		kafka.New(),
		aliyunkafka.New(),
		aliyunsls.New(),
		huaweirocketmq.New(),
		tencentdts.New(),
		enospipeline.New(),
	}
}
