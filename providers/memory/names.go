package memory

import (
	"fmt"
	"maps"
	"slices"

	"github.com/resetplan/resetplan/providers"
)

// names returns what a key of a target can be: the groups, or the topics, that have a
// commit within the names of the other key.
func (s *Service) names(key string, within map[string]string) ([]string, error) {
	if name, ok := within["group"]; ok && s.groups[name] == nil {
		return nil, &providers.Error{Provider: Type, Op: "list", Kind: providers.ErrNotFound, Message: fmt.Sprintf("group %s not found", name)}
	}
	found := map[string]bool{}
	for name, g := range s.groups {
		if key == "group" && within["topic"] == "" {
			found[name] = true
		}
		for p := range g.commits {
			switch {
			case key == "group" && p.Topic == within["topic"]:
				found[name] = true
			case key == "topic" && (within["group"] == "" || within["group"] == name):
				found[p.Topic] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}

// Lists returns how many lists of names were requested.
func (s *Service) Lists() (n int) { s.locked(func() { n = s.lists }); return n }
