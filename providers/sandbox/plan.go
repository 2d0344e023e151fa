package sandbox

import (
	"fmt"
	"strings"
)

// Plan returns a plan to try on what is served: one step a service.
func (s *Sandbox) Plan() string {
	var out, steps strings.Builder
	out.WriteString("version: 1\nname: sandbox\ndescription: One step for each service of the sandbox.\nproviders:\n")
	for i, k := range kinds() {
		at := s.services[i].Address
		if k.name == kafkaType {
			fmt.Fprintf(&out, "  %s: {type: %s, bootstrapServers: [%q]}\n", k.name, k.name, at)
		} else {
			fmt.Fprintf(&out, "  %s: {type: %s, endpoint: %q, %s}\n", k.name, k.name, at, k.provider)
		}
		fmt.Fprintf(&steps, "  - id: %s\n    provider: %s\n    %s\n", k.id, k.name, k.step)
	}
	return out.String() + "steps:\n" + steps.String()
}
