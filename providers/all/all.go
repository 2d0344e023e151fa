// Package all lists the providers that are built in. It is the only list, and
// written by hand.
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
