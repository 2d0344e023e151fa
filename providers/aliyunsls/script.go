package aliyunsls

import (
	"strconv"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/shell"
)

var _ providers.Scripter = provider{}

// Script returns one update_check_point per shard as commands of the service's own
// client, aliyunlog: forced, and without a consumer's name.
func (provider) Script(c providers.Config, m providers.Move) (providers.Script, error) {
	t := m.Target.(*target)
	if err := sendable(m.To); err != nil {
		return providers.Script{}, err
	}
	s := providers.Script{First: []string{
		"aliyunlog is the command line client of Log Service (`pip install aliyun-log-cli`); `aliyunlog configure` sets up its account.",
	}}
	account, sentence := shell.Account(c.Credentials, "--client-name=")
	if sentence != "" {
		s.First = append(s.First, sentence)
	}
	signing := ""
	if t.project.signsV4() {
		signing = shell.Words("--sign-version=v4", "--region-id="+t.project.region)
	}
	command := func(action string, options ...string) string {
		return shell.Command(append([]string{shell.Words("aliyunlog", "log", action),
			shell.Words("--region-endpoint=" + t.project.endpoint()), signing, account, shell.Words("--project=" + t.project.name),
			shell.Words("--logstore=" + t.logstore), shell.Words("--consumer_group=" + t.group)}, options...)...)
	}
	for _, p := range m.To {
		cursor, _ := p.Position.Cursor()
		shard, checkpoint := shell.Words("--shard="+strconv.Itoa(p.Part.Number)), shell.Words("--check_point="+cursor)
		s.Commands = append(s.Commands, command("update_check_point", shard, checkpoint, "--force_success=true"))
	}
	s.Commands = append(s.Commands, shell.Comment("Check the result:"), command("get_check_point"))
	return s, nil
}
