package enospipeline

import (
	"cmp"
	"net/url"

	"github.com/resetplan/resetplan/providers"
)

// target is one pipeline, by its id or by its name.
type target struct {
	host string // of the gateway, with a port that is not the scheme's own
	org  string
	id   string // as the document has it: an id, or one of the names in pipelines; "" = name is set
	name string
	own  string // the id that EnOS has for it; "" = not identified
}

var _ providers.Target = (*target)(nil)

func newTarget(gateway *url.URL, org string, decode func(into any) error) (*target, error) {
	var keys struct {
		PipelineID   string `json:"pipelineId"`
		PipelineName string `json:"pipelineName"`
	}
	if err := decode(&keys); err != nil {
		return nil, err
	}
	switch {
	case keys.PipelineID == "" && keys.PipelineName == "":
		return nil, &providers.KeyError{Key: "pipelineId", Reason: "pipelineId or pipelineName is required"}
	case keys.PipelineID != "" && keys.PipelineName != "":
		return nil, &providers.KeyError{Key: "pipelineName", Reason: "pipelineId and pipelineName are mutually exclusive", Remedy: "keep one of them"}
	case keys.PipelineID == ".", keys.PipelineID == "..": // a URL's path cannot contain them
		return nil, &providers.KeyError{Key: "pipelineId", Reason: "not a valid pipelineId",
			Remedy: "the console shows it under Stream Processing, Stream Operation"}
	}
	return &target{host: hostOf(gateway), org: org, id: keys.PipelineID, name: keys.PipelineName}, nil
}

// Address returns "enos-pipeline:host/organisation/pipeline", as the document names the
// pipeline.
func (t *target) Address() string {
	if t.name != "" {
		return Type + ":" + t.host + "/" + t.org + "/name:" + t.name
	}
	return Type + ":" + t.host + "/" + t.org + "/" + t.id
}

// Identity has the pipeline's id, whatever name leads to it, and omits the gateway's
// host: an organisation may have several.
func (t *target) Identity() string {
	if t.own == "" {
		return t.Address()
	}
	return Type + ":" + t.org + "/" + t.own
}

// Group is empty: a pipeline has no consumer group that can be named.
func (t *target) Group() string { return "" }

// Overlaps is true for the same pipeline: it has no parts.
func (t *target) Overlaps(other providers.Target) bool { return t.SameGroup(other) }

// SameGroup is true for the same pipeline of the same organisation. Until both are
// identified, only the same name or id behind the same gateway is known to be the same.
func (t *target) SameGroup(other providers.Target) bool {
	o, ok := other.(*target)
	if !ok || t.org != o.org {
		return false
	}
	if t.own != "" && o.own != "" {
		return t.own == o.own
	}
	return t.host == o.host && t.id == o.id && t.name == o.name
}

// pipeline returns the id to use in requests; "" if only a name is known.
func (t *target) pipeline() string { return cmp.Or(t.own, t.id) }

// shown returns how the document names the pipeline.
func (t *target) shown() string { return cmp.Or(t.name, t.id) }
