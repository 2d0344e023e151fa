// Package all lists the providers that are built in. It is the only list, and
// written by hand.
//
// Their packages have the same files, as far as a service has the thing:
//
//	TYPE.go         what it is, its capabilities and keys; Connect and the connection
//	target.go       what a step names, its address, and what overlaps
//	read.go         Read; activity.go: who is at work, and who ever was
//	reset.go        Reset: what can be sent, and the orders that it becomes
//	errors.go       the service's codes as the contract's kinds
//	api.go          one function a call of the service; answers.go: how they are read
//	credentials.go  where keys are found; endpoint.go: where the service is
//	script.go       the vendor's own commands; size.go: what a reset costs
//	TYPEfake/       the service itself: serve.go, actions.go, signature.go, state.go
//
// Kafka's protocol is not HTTP: wire.go sends, and commits.go, logs.go and
// limits.go are its api.go.
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

// Providers returns every provider, in the order in which people meet them.
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
