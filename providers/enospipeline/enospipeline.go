// Package enospipeline resets the Kafka offsets of stream pipelines on EnOS
// (https://support.enos-iot.com/docs/stream-processing-api/en/2.4.4/overview.html),
// over its REST API: EnOS has no SDK for Go. Requests are signed with an
// access token
// (https://support.enos-iot.com/docs/api/en/2.1.0/token/invoke_api_with_access_token.html).
//
// A reset names a pipeline and nothing else: no partition and no target. The
// manual does not document where it leads, and EnOS reports a position only
// while the pipeline runs, when it cannot be reset, and then as one sum over all
// partitions. So the package does not report that sum as a position, does not
// claim that a reset can be read back, and does not try to: "accepted" is all
// that is known. What EnOS does report, the pipeline's status, comes from List
// Pipelines; Get Pipeline Details has none.
//
// The package never stops, releases or deletes a pipeline. It pauses and starts
// one only on request, as a providers.Pauser.
package enospipeline

import (
	"net/url"
	"strings"
	"sync"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/enospipeline/internal/api"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// Type is the provider's name in a document.
const Type = "enos-pipeline"

// New returns the provider.
func New() providers.Provider { return provider{} }

type provider struct{}

var _ providers.Provider = provider{}

func (provider) Type() string { return Type }

func (provider) Capabilities() providers.Capabilities {
	const own = "use default; the pipeline's own rule then decides where it continues"
	noTarget := providers.Note{Fact: "EnOS accepts no target for a reset", Remedy: own}
	noPosition := providers.Note{Fact: "EnOS does not report the position of a paused pipeline, so no target can be relative to it", Remedy: own}
	return providers.Capabilities{
		Moves:       map[providers.Kind]providers.Grain{providers.Default: providers.WholeTarget},
		Reads:       providers.No,
		Bounds:      providers.No,
		Activity:    providers.Exact,
		Needs:       providers.Idle,
		Undo:        providers.No,
		CanPause:    true,
		Selects:     []providers.Selector{{Key: "pipelines", One: "pipelineId", Permission: "read access to the organization's stream processing"}},
		Credentials: []string{"ENOS_APP_KEY", "ENOS_APP_SECRET"},
		Notes: map[string]providers.Note{
			"earliest":    noTarget,
			"latest":      noTarget,
			"timestamp":   noTarget,
			"offset":      noTarget,
			"offsets":     noTarget,
			"checkpoints": noTarget,
			"unset":       noTarget,
			"shift":       noPosition,
			"current":     noPosition,
			"group":       noPosition,
			"lock":        noPosition,
			"partitions":  {Fact: "EnOS resets all partitions of a pipeline", Remedy: "remove partitions"},
			"undo": {Fact: "EnOS neither reports the position before a reset nor accepts one to go back to",
				Remedy: "pause the readers of the pipeline's results before a reset."},
		},
	}
}

// config holds the keys of a provider of this type in a document.
type config struct {
	OrgID string `json:"orgId"`
}

func (provider) Target(c providers.Config, decode func(into any) error) (providers.Target, error) {
	gateway, org, err := settings(c)
	if err != nil {
		return nil, err
	}
	return newTarget(gateway, org, decode)
}

func (provider) Connect(c providers.Config, env providers.Process) (providers.Connection, error) {
	gateway, org, err := settings(c)
	if err != nil {
		return nil, &providers.Error{Provider: Type, Op: "connect", Kind: providers.ErrInvalid, Err: err}
	}
	if err := httpcall.Permitted(Type, gateway, env); err != nil {
		return nil, err
	}
	key, err := credentials(c.Credentials, env)
	if err != nil {
		return nil, err
	}
	return &connection{org: org, api: api.New(c, env, api.Options{Provider: Type, Gateway: gateway, Organisation: org, Key: key,
		Classify: classify})}, nil
}

// settings returns the API gateway and the organisation of a document. Every
// installation of EnOS has its own gateway: there is no default.
func settings(c providers.Config) (*url.URL, string, error) {
	var keys config
	if err := c.Decode(&keys); err != nil {
		return nil, "", err
	}
	if keys.OrgID == "" {
		return nil, "", &providers.KeyError{InProvider: true, Key: "orgId", Reason: "orgId is required",
			Remedy: "the console shows it under IAM, Organization Profile"}
	}
	if c.Endpoint == "" {
		return nil, "", &providers.KeyError{InProvider: true, Key: "endpoint", Reason: "endpoint is required",
			Remedy: "the console shows the API gateway under Help, Environment Information"}
	}
	u, err := url.Parse(c.Endpoint)
	switch {
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
		return nil, "", &providers.KeyError{InProvider: true, Key: "endpoint", Reason: "invalid endpoint",
			Remedy: "use a URL such as https://apim.example.com"}
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, "", &providers.KeyError{InProvider: true, Key: "endpoint", Reason: "endpoint has a user, a query or a fragment",
			Remedy: "write only the gateway's address"}
	}
	return u, keys.OrgID, nil
}

// hostOf returns the canonical spelling of a gateway's host.
func hostOf(u *url.URL) string {
	host := strings.ToLower(u.Host)
	own := map[string]string{"https": ":443", "http": ":80"}[u.Scheme]
	return strings.TrimSuffix(host, own)
}

// connection talks to one organisation through one gateway.
type connection struct {
	org    string
	api    *api.Client
	mu     sync.Mutex
	listed map[string]api.Pipeline // the released pipelines by their ids, to identify targets; nil = not listed yet
}

var (
	_ providers.Connection = (*connection)(nil)
	_ providers.Observer   = (*connection)(nil)
	_ providers.Identifier = (*connection)(nil)
	_ providers.Lister     = (*connection)(nil)
)

func (c *connection) Close() error {
	c.api.Close()
	return nil
}
