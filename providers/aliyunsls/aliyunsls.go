// Package aliyunsls resets the checkpoints of consumer groups of Alibaba Cloud
// Log Service (SLS), through its API:
// https://help.aliyun.com/zh/sls/developer-reference/api-sls-2020-12-30-consumergroupupdatecheckpoint
// and the neighbouring actions ListLogStores, ListConsumerGroup, GetCheckPoint,
// ListShards, GetCursor and GetCursorTime.
//
// A part is a shard, including the readonly shards that a split or a merge leaves
// behind: they hold records until these expire. A position is a cursor, the base64
// of a number that grows by one with each log group.
//
// A reset is one UpdateCheckPoint per shard, forced and without a consumer's name.
// It creates no group. An active consumer does not notice it and commits over it
// within a minute: see activity, which infers what it can about consumers. A
// heartbeat would register a consumer, so none is ever sent.
package aliyunsls

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunsls/internal/api"
	"github.com/resetplan/resetplan/providers/internal/aliyun"
	"github.com/resetplan/resetplan/providers/internal/fanout"
)

// Type is the provider's name in a document.
const Type = "aliyun-sls"

// New returns the provider.
func New() providers.Provider { return provider{} }

type provider struct{}

var _ providers.Provider = provider{}

func (provider) Type() string { return Type }

func (provider) Capabilities() providers.Capabilities {
	return providers.Capabilities{
		Moves:       map[providers.Kind]providers.Grain{providers.Cursor: providers.PerPart},
		Resolves:    map[providers.Kind]bool{providers.Earliest: true, providers.Latest: true, providers.Time: true, providers.Group: true},
		Reads:       providers.Exact,
		Bounds:      providers.Exact,
		Activity:    providers.Inferred, // from the consumers and times of the last commits
		Counts:      providers.UpperBound,
		Order:       cursorOrder,
		Needs:       providers.Idle,
		Undo:        providers.Exact,
		NeedsGroup:  true,
		Credentials: aliyun.Places(),

		Notes: map[string]string{
			"timestamp": "aliyun-sls finds records by the time it received them, in whole seconds: a finer time is rounded down, so that up to one " +
				"more second is replayed and nothing is skipped",
			"offset":     noOffset,
			"offsets":    noOffset,
			"shift":      "aliyun-sls counts log groups of many records each, so it cannot shift by a number of records: use a timestamp or checkpoints",
			"unset":      "aliyun-sls cannot remove a checkpoint: use earliest or latest, where a new consumer would start",
			"default":    "aliyun-sls has no default target: use earliest, latest, a timestamp or checkpoints",
			"partitions": "aliyun-sls has shards, not partitions: use shards: [0, 1]",
			"groups":     "aliyun-sls groups belong to one logstore: add a step for each group, with its logstore and consumerGroup",
			"allowNew":   "aliyun-sls resets only groups that exist: correct the name, or let the group's consumers create it first",
			"idle.pause": "aliyun-sls cannot pause a group's consumers: stop them, or set idle: {wait: 5m}",
			"undo":       "aliyun-sls restores every checkpoint exactly; a shard that had none keeps its new one, because a checkpoint cannot be removed",
		},
	}
}

const noOffset = "aliyun-sls has cursors, not offsets: use checkpoints: {0: \"MTUy…==\"}, earliest, latest or a timestamp"

// project is a project and its endpoint.
type project struct {
	scheme string
	host   string // of the endpoint, with its port
	region string // "" if neither the document nor the endpoint names it
	name   string
}

// vendor is the suffix of the service's own hosts.
const vendor = ".log.aliyuncs.com"

func newProject(c providers.Config) (project, error) {
	var keys struct {
		Region  string `json:"region"`
		Project string `json:"project"`
	}
	if err := c.Decode(&keys); err != nil {
		return project{}, err
	}
	switch {
	case keys.Project == "":
		return project{}, errors.New("project is required")
	case !isName(keys.Project):
		return project{}, fmt.Errorf("invalid project name %q: use letters, digits and -", keys.Project)
	case keys.Region == "" && c.Endpoint == "":
		return project{}, errors.New("region or endpoint is required")
	case keys.Region != "" && !isName(keys.Region):
		return project{}, fmt.Errorf("invalid region %q: use a region such as cn-hangzhou", keys.Region)
	}
	u, err := url.Parse(cmp.Or(c.Endpoint, "https://"+keys.Region+vendor))
	if err != nil || u.Host == "" {
		return project{}, fmt.Errorf("invalid endpoint %q: use a URL such as https://cn-hangzhou%s", c.Endpoint, vendor)
	}
	region := keys.Region
	if name, ok := strings.CutSuffix(u.Hostname(), vendor); ok && region == "" {
		region = strings.TrimSuffix(name, "-intranet")
	}
	return project{scheme: u.Scheme, host: u.Host, region: region, name: keys.Project}, nil
}

// place names the project's region in addresses: it is the same for all endpoints
// of a region.
func (p project) place() string { return cmp.Or(p.region, p.host) }

func (p project) endpoint() string { return p.scheme + "://" + p.host }

func (provider) Target(c providers.Config, decode func(into any) error) (providers.Target, error) {
	p, err := newProject(c)
	if err != nil {
		return nil, err
	}
	return newTarget(p, decode)
}

func (provider) Connect(c providers.Config, env providers.Process) (providers.Connection, error) {
	p, err := newProject(c)
	if err != nil {
		return nil, err
	}
	keys, err := aliyun.Find(Type, c.Credentials, env)
	if err != nil {
		return nil, err
	}
	client := api.New(c, env, api.Options{
		Provider: Type, Scheme: p.scheme, Host: p.host, Region: p.region, Project: p.name, Keys: keys, Classify: classify,
	})
	return &connection{api: client}, nil
}

// connection reaches one project.
type connection struct{ api *api.Client }

var (
	_ providers.Connection = (*connection)(nil)
	_ providers.Lister     = (*connection)(nil)
	_ providers.Sizer      = (*connection)(nil)
)

// Groups returns the names of the consumer groups of all logstores of the project,
// without duplicates.
func (c *connection) Groups(ctx context.Context) ([]string, error) {
	logstores, err := c.api.ListLogStores(ctx)
	if err != nil {
		return nil, err
	}
	groups := make([][]api.Group, len(logstores))
	errs := make([]error, len(logstores))
	fanout.Each(len(logstores), func(i int) { groups[i], errs[i] = c.api.ListConsumerGroup(ctx, logstores[i]) })
	names := map[string]bool{}
	for i := range logstores {
		if errs[i] != nil {
			return nil, errs[i]
		}
		for _, g := range groups[i] {
			names[g.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(names)), nil
}

func (c *connection) Close() error {
	c.api.Close()
	return nil
}
