// Package enospipeline resets the Kafka offsets of stream pipelines on EnOS
// (https://support.enos-iot.com/docs/stream-processing-api/en/2.4.4/overview.html),
// over its REST API: EnOS has no SDK for Go. Requests are signed with an
// access token
// (https://support.enos-iot.com/docs/api/en/2.1.0/token/invoke_api_with_access_token.html).
//
// A reset names a pipeline and nothing else: no partition and no place to go
// to. The manual does not say where it leads, and EnOS tells a position only
// while the pipeline runs, when it cannot be reset, and then as one sum over
// all partitions. So nothing here reports that sum as a position, nothing
// claims that a reset can be read back, and nothing tries to: "accepted" is
// all there is to know. What EnOS does tell, the pipeline's status, comes from
// List Pipelines; Get Pipeline Details has none.
//
// The package never stops, releases or deletes a pipeline. It pauses and
// starts one only where it is asked to, as a providers.Pauser.
package enospipeline

import (
	"strings"
	"time"

	"github.com/resetplan/resetplan/providers"
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
	const (
		noTarget   = "EnOS takes no target for a reset: write default, and the pipeline's own rule decides where it reads on"
		noPosition = "EnOS does not tell where a paused pipeline stands, so nothing can be placed by that: write default, and the pipeline's own rule decides"
	)
	return providers.Capabilities{
		Moves:    map[providers.Kind]providers.Grain{providers.Default: providers.WholeTarget},
		Reads:    providers.No,
		Bounds:   providers.No,
		Activity: providers.Exact,
		Needs:    providers.Idle,
		Undo:     providers.No,
		CanPause: true,
		Notes: map[string]string{
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
			"partitions":  "EnOS resets a pipeline with all its partitions: name the pipeline alone",
			"groups":      "EnOS resets one pipeline at a time: write a step for each",
			"undo":        "EnOS neither tells the position before a reset nor takes one to go back to: write onError: stop or continue, and pause what reads the pipeline's results first.",
		},
	}
}

// config is what a document says under a provider of this type.
type config struct {
	OrgID string `json:"orgId"`
}

func (provider) Target(c providers.Config, decode func(into any) error) (providers.Target, error) {
	gateway, org, err := place(c)
	if err != nil {
		return nil, err
	}
	return newTarget(gateway, org, decode)
}

func (provider) Connect(c providers.Config, env providers.Process) (providers.Connection, error) {
	gateway, org, err := place(c)
	if err != nil {
		return nil, &providers.Error{Provider: Type, Op: "connect", Kind: providers.ErrInvalid, Err: err}
	}
	signer, err := credentials(c.Credentials, env)
	if err != nil {
		return nil, err
	}
	return &connection{
		http:    httpcall.New(c, env, httpcall.Options{Provider: Type, RequestID: requestID}), // EnOS documents no rate
		gateway: strings.TrimSuffix(gateway.String(), "/"),
		org:     org,
		key:     signer,
		now:     env.Now,
		tokens:  tokens{turn: make(chan struct{}, 1)},
	}, nil
}

// connection talks to one organisation through one gateway.
type connection struct {
	http    *httpcall.Client
	gateway string // its URL, without a slash at the end
	org     string
	key     key
	now     func() time.Time
	tokens  tokens
}

var (
	_ providers.Connection = (*connection)(nil)
	_ providers.Pauser     = (*connection)(nil)
)

func (c *connection) Close() error {
	c.http.Close()
	return nil
}
