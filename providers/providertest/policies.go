package providertest

import (
	"encoding/json"
	"os"
	"regexp"
	"testing"
)

var jsonBlock = regexp.MustCompile("(?s)```json\n(.*?)```")

// Policies returns the actions of both policies on the page of a provider in
// docs/services, as RAM writes them: first of the one that reads, then of the one that
// resets.
func Policies(t *testing.T, kind string) (reads, resets []string) {
	t.Helper()
	page, err := os.ReadFile("../../docs/services/" + kind + ".md")
	if err != nil {
		t.Fatal(err)
	}
	var all [][]string
	for _, block := range jsonBlock.FindAllSubmatch(page, -1) {
		var policy struct{ Statement []struct{ Action []string } }
		if err := json.Unmarshal(block[1], &policy); err != nil {
			t.Fatal(err)
		}
		var actions []string
		for _, s := range policy.Statement {
			actions = append(actions, s.Action...)
		}
		all = append(all, actions)
	}
	if len(all) != 2 {
		t.Fatalf("the page has %d policies", len(all))
	}
	return all[0], all[1]
}
