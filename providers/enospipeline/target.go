package enospipeline

import (
	"net/url"

	"github.com/resetplan/resetplan/providers"
)

// target is one pipeline.
type target struct {
	host string // of the gateway, with a port that is not the scheme's own
	org  string
	id   string
}

var _ providers.Target = (*target)(nil)

func newTarget(gateway *url.URL, org string, decode func(into any) error) (*target, error) {
	var keys struct {
		PipelineID string `json:"pipelineId"`
	}
	if err := decode(&keys); err != nil {
		return nil, err
	}
	switch keys.PipelineID {
	case "":
		return nil, &providers.KeyError{Key: "pipelineId", Reason: "pipelineId is required"}
	case ".", "..": // a URL's path cannot contain them
		return nil, &providers.KeyError{Key: "pipelineId", Reason: "not a valid pipelineId",
			Remedy: "the console shows it under Stream Processing, Stream Operation"}
	}
	return &target{host: hostOf(gateway), org: org, id: keys.PipelineID}, nil
}

// Address returns "enos-pipeline:host/organisation/pipeline".
func (t *target) Address() string { return Type + ":" + t.host + "/" + t.org + "/" + t.id }

// Identity omits the gateway's host: an organisation may have several.
func (t *target) Identity() string { return Type + ":" + t.org + "/" + t.id }

// Group is empty: a pipeline has no consumer group that can be named.
func (t *target) Group() string { return "" }

// Overlaps is true for the same pipeline of the same organisation behind the same
// gateway: a pipeline has no parts.
func (t *target) Overlaps(other providers.Target) bool {
	o, ok := other.(*target)
	return ok && *t == *o
}
