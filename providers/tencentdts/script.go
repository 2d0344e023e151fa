package tencentdts

import (
	"encoding/json"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/shell"
)

var _ providers.Scripter = provider{}

// Script writes the calls of ResetConsumerGroupOffset as the vendor's own
// client, tccli, takes them. Times are in Beijing's, as the API wants them.
func (provider) Script(c providers.Config, m providers.Move) (providers.Script, error) {
	t := m.Target.(*target)
	orders, err := t.orders(m.To)
	if err != nil {
		return providers.Script{}, err
	}
	service, err := endpoint(c.Endpoint)
	if err != nil {
		return providers.Script{}, err
	}
	who, sentence := shell.Account(c.Credentials, "--profile")
	s := providers.Script{First: []string{
		"tccli is Tencent Cloud's own client (`pip install tccli`); `tccli configure` gives it an account.",
		"It answers with success and does nothing while the group is neither Dead nor Empty: only a look afterwards tells.",
	}}
	if sentence != "" {
		s.First = append(s.First, sentence)
	}
	if service.Scheme == "http" {
		s.First = append(s.First, "tccli speaks https alone, and the plan reaches the service by http.")
	}
	at := ""
	if c.Endpoint != "" {
		at = shell.Words("--endpoint", service.Host)
	}
	call := func(action string, options ...string) string {
		return shell.Command(append([]string{shell.Words("tccli", "dts", action), "--version " + version, shell.Words("--region", t.Region), at, who,
			shell.Words("--SubscribeId", t.SubscribeID)}, options...)...)
	}
	for _, o := range orders {
		numbers, err := json.Marshal(o.partitions)
		if err != nil {
			return providers.Script{}, err
		}
		options := []string{shell.Words("--TopicName", t.topic), shell.Words("--ConsumerGroupName", t.group), shell.Words("--PartitionNos", string(numbers)), shell.Words("--ResetMode", o.to.mode)}
		if o.to.at != "" {
			options = append(options, shell.Words("--ResetDatetime", o.to.at))
		}
		s.Commands = append(s.Commands, call("ResetConsumerGroupOffset", options...))
	}
	s.Commands = append(s.Commands, shell.Comment("And look where it stands:"), call("DescribeConsumerGroups"))
	return s, nil
}
