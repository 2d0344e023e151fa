package aliyunsls

import (
	"strconv"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/shell"
)

var _ providers.Scripter = provider{}

// Script writes an update_check_point a shard, as the service's own client,
// aliyunlog, takes it: forced, and in the name of no consumer.
func (provider) Script(c providers.Config, m providers.Move) (providers.Script, error) {
	t := m.Target.(*target)
	if err := sendable(m.To); err != nil {
		return providers.Script{}, err
	}
	s := providers.Script{First: []string{"aliyunlog is the client of Log Service (`pip install aliyun-log-cli`); `aliyunlog configure` gives it an account."}}
	who, sentence := shell.Account(c.Credentials, "--client-name=")
	if sentence != "" {
		s.First = append(s.First, sentence)
	}
	call := func(action string, options ...string) string {
		return shell.Command(append([]string{shell.Words("aliyunlog", "log", action), shell.Words("--region-endpoint=" + t.place.endpoint()), who,
			shell.Words("--project=" + t.place.project), shell.Words("--logstore=" + t.logstore), shell.Words("--consumer_group=" + t.group)}, options...)...)
	}
	for _, p := range m.To {
		cursor, _ := p.Position.Cursor()
		s.Commands = append(s.Commands, call("update_check_point", shell.Words("--shard="+strconv.Itoa(p.Part.Number)), shell.Words("--check_point="+cursor), "--force_success=true"))
	}
	s.Commands = append(s.Commands, shell.Comment("And look where it stands:"), call("get_check_point"))
	return s, nil
}
