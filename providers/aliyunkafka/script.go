package aliyunkafka

import (
	"maps"
	"net/url"
	"slices"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/shell"
)

var _ providers.Scripter = provider{}

// Script writes the calls of UpdateConsumerOffset as the vendor's own client,
// `aliyun`, takes them: an option for each parameter of the API.
func (provider) Script(c providers.Config, m providers.Move) (providers.Script, error) {
	t := m.Target.(*target)
	orders, err := t.orders(m.To)
	if err != nil {
		return providers.Script{}, err
	}
	who, sentence := shell.Account(c.Credentials, "--profile")
	s := providers.Script{First: []string{"aliyun is Alibaba Cloud's own client; `aliyun configure` gives it an account."}}
	if sentence != "" {
		s.First = append(s.First, sentence)
	}
	where, err := t.options(c, who)
	if err != nil {
		return providers.Script{}, err
	}
	call := func(action string, params map[string]string) string {
		groups := slices.Concat([]string{shell.Words("aliyun", "alikafka", action)}, where)
		for _, name := range slices.Sorted(maps.Keys(params)) {
			groups = append(groups, shell.Words("--"+name, params[name]))
		}
		return shell.Command(groups...)
	}
	for _, o := range orders {
		s.Commands = append(s.Commands, call("UpdateConsumerOffset", o.params))
	}
	s.Commands = append(s.Commands, shell.Comment("And look where it stands:"), call("GetConsumerProgress", map[string]string{"ConsumerId": t.group}))
	return s, nil
}

// options are what every call of a target has.
func (t *target) options(c providers.Config, who string) ([]string, error) {
	out := []string{shell.Words("--region", t.Region), shell.Words("--RegionId", t.Region), shell.Words("--InstanceId", t.InstanceID), who}
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
