package aliyunkafka

import (
	"maps"
	"net/url"
	"slices"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/shell"
)

var _ providers.Scripter = provider{}

// Script returns the calls of UpdateConsumerOffset as commands of the vendor's own
// client, `aliyun`, which has an option for each parameter of the API.
func (provider) Script(c providers.Config, m providers.Move) (providers.Script, error) {
	t := m.Target.(*target)
	calls, err := t.calls(m.To)
	if err != nil {
		return providers.Script{}, err
	}
	account, sentence := shell.Account(c.Credentials, "--profile")
	s := providers.Script{First: []string{"aliyun is Alibaba Cloud's command line client; `aliyun configure` sets up its account."}}
	if sentence != "" {
		s.First = append(s.First, sentence)
	}
	common, err := t.options(c, account)
	if err != nil {
		return providers.Script{}, err
	}
	command := func(action string, params map[string]string) string {
		groups := slices.Concat([]string{shell.Words("aliyun", "alikafka", action)}, common)
		for _, name := range slices.Sorted(maps.Keys(params)) {
			groups = append(groups, shell.Words("--"+name, params[name]))
		}
		return shell.Command(groups...)
	}
	for _, u := range calls {
		s.Commands = append(s.Commands, command("UpdateConsumerOffset", u.params))
	}
	s.Commands = append(s.Commands, shell.Comment("Check the result:"), command("GetConsumerProgress", map[string]string{"ConsumerId": t.group}))
	return s, nil
}

// options returns the options of every command for a target.
func (t *target) options(c providers.Config, account string) ([]string, error) {
	out := []string{shell.Words("--region", t.Region), shell.Words("--RegionId", t.Region), shell.Words("--InstanceId", t.InstanceID), account}
	if c.Endpoint != "" {
		at, err := url.Parse(c.Endpoint)
		if err != nil {
			return nil, err
		}
		out = append(out, shell.Words("--endpoint", at.Host))
		if at.Scheme == "http" {
			out = append(out, "--insecure")
		}
	}
	return out, nil
}
