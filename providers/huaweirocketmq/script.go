package huaweirocketmq

import (
	"errors"
	"net/url"
	"strconv"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/shell"
)

var _ providers.Scripter = provider{}

// Script returns the call for each topic as a command of the vendor's own client, KooCLI
// (hcloud). For latest, the command reads the clock when it runs.
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
	topics := t.planned(m)
	if m.Parts == nil && t.listed() {
		return providers.Script{}, errors.New("the topics that the group subscribes to are not known: name them under topics")
	}
	account, sentence := shell.Account(c.Credentials, "--cli-profile=")
	s := providers.Script{First: []string{"hcloud is Huawei Cloud's command line client, KooCLI; `hcloud configure init` sets up its account."}}
	if sentence != "" {
		s.First = append(s.First, sentence)
	}
	command := func(action, topic string, options ...string) string {
		return shell.Command(append([]string{shell.Words("hcloud", "RocketMQ", action), shell.Words("--cli-region=" + keys.Region),
			endpointOption(c.Endpoint), account,
			shell.Words("--project_id=" + keys.ProjectID), shell.Words("--instance_id=" + keys.InstanceID),
			shell.Words("--group=" + t.group), shell.Words("--topic=" + topic)}, options...)...)
	}
	timestamp := "--timestamp=" + strconv.FormatInt(at.UnixMilli(), 10)
	if m.To[0].Position.Kind() == providers.Latest {
		timestamp = `--timestamp="$(date +%s)000"`
	}
	for _, topic := range topics {
		s.Commands = append(s.Commands, command("ResetConsumeOffset", topic.name, shell.Words("--engine="+keys.Engine), timestamp))
	}
	s.Commands = append(s.Commands, shell.Comment("Check the result after half a minute:"))
	for _, topic := range topics {
		s.Commands = append(s.Commands, command("ShowConsumerListOrDetails", topic.name))
	}
	return s, nil
}

// endpointOption returns the option for an endpoint other than the region's.
func endpointOption(endpoint string) string {
	u, err := url.Parse(endpoint)
	if endpoint == "" || err != nil {
		return ""
	}
	return shell.Words("--cli-endpoint=" + u.Host)
}
