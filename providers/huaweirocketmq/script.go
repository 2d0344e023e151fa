package huaweirocketmq

import (
	"net/url"
	"strconv"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/shell"
)

var _ providers.Scripter = provider{}

// Script writes the one call as the vendor's own client, KooCLI (hcloud),
// takes it. For the end, the time is read when the command runs.
func (provider) Script(c providers.Config, m providers.Move) (providers.Script, error) {
	keys, err := newConfig(c)
	if err != nil {
		return providers.Script{}, err
	}
	at, err := instant(m.To, time.Time{}) // the clock is the shell's
	if err != nil {
		return providers.Script{}, err
	}
	t := m.Target.(*target)
	who, sentence := shell.Account(c.Credentials, "--cli-profile=")
	s := providers.Script{First: []string{"hcloud is Huawei Cloud's own client, KooCLI; `hcloud configure init` gives it an account."}}
	if sentence != "" {
		s.First = append(s.First, sentence)
	}
	call := func(action string, options ...string) string {
		return shell.Command(append([]string{shell.Words("hcloud", "RocketMQ", action), shell.Words("--cli-region=" + keys.Region), elsewhere(c.Endpoint), who,
			shell.Words("--project_id=" + keys.ProjectID), shell.Words("--instance_id=" + keys.InstanceID),
			shell.Words("--group=" + t.group), shell.Words("--topic=" + t.topic)}, options...)...)
	}
	when := "--timestamp=" + strconv.FormatInt(at.UnixMilli(), 10)
	if m.To[0].Position.Kind() == providers.Latest {
		when = `--timestamp="$(date +%s)000"`
	}
	s.Commands = []string{call("ResetConsumeOffset", shell.Words("--engine="+keys.Engine), when),
		shell.Comment("And look, half a minute later, where it stands:"), call("ShowConsumerListOrDetails")}
	return s, nil
}

// elsewhere is the option for a service that is reached at another place than
// its region's.
func elsewhere(endpoint string) string {
	u, err := url.Parse(endpoint)
	if endpoint == "" || err != nil {
		return ""
	}
	return shell.Words("--cli-endpoint=" + u.Host)
}
