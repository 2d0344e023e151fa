package tencentdts

import (
	"encoding/json"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/shell"
	"github.com/resetplan/resetplan/providers/tencentdts/internal/api"
)

var _ providers.Scripter = provider{}

// Script writes the calls of ResetConsumerGroupOffset for tccli, the vendor's own
// client. Times are in the API's time zone, UTC+8.
func (provider) Script(c providers.Config, m providers.Move) (providers.Script, error) {
	t := m.Target.(*target)
	orders, err := t.orders(m.To)
	if err != nil {
		return providers.Script{}, err
	}
	service, err := endpoint(c.Endpoint, t.config)
	if err != nil {
		return providers.Script{}, err
	}
	account, sentence := shell.Account(c.Credentials, "--profile")
	s := providers.Script{First: []string{
		"tccli is Tencent Cloud's command line client (`pip install tccli`); `tccli configure` sets its account.",
		"The service answers with success and does nothing if the group is neither Dead nor Empty: check the positions afterwards.",
	}}
	if sentence != "" {
		s.First = append(s.First, sentence)
	}
	if service.Scheme == "http" {
		s.First = append(s.First, "tccli supports only https, but the plan's endpoint is http.")
	}
	at := ""
	if service.Host != (config{}).host("dts") {
		at = shell.Words("--endpoint", service.Host)
	}
	call := func(action string, options ...string) string {
		return shell.Command(append([]string{shell.Words("tccli", "dts", action), "--version " + api.Version, shell.Words("--region", t.Region),
			at, account,
			shell.Words("--SubscribeId", t.SubscribeID)}, options...)...)
	}
	for _, o := range orders {
		numbers, err := json.Marshal(o.partitions)
		if err != nil {
			return providers.Script{}, err
		}
		options := []string{shell.Words("--TopicName", o.topic), shell.Words("--ConsumerGroupName", t.group),
			shell.Words("--PartitionNos", string(numbers)), shell.Words("--ResetMode", o.mode)}
		if o.datetime != "" {
			options = append(options, shell.Words("--ResetDatetime", o.datetime))
		}
		s.Commands = append(s.Commands, call("ResetConsumerGroupOffset", options...))
	}
	s.Commands = append(s.Commands, shell.Comment("Then check the positions:"), call("DescribeConsumerGroups"))
	return s, nil
}
