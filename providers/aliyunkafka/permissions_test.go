package aliyunkafka_test

import (
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
)

// TestThePermissionsOfThePageAreTheSmallestThatWork limits a key to the policies of
// the service's page, and to all but one of their actions.
func TestThePermissionsOfThePageAreTheSmallestThatWork(t *testing.T) {
	policies := policies(t)
	all := append(append([]string{}, policies[0]...), policies[1]...)
	for _, lacking := range append([]string{""}, all...) {
		s := start(t)
		var allowed []string
		for _, action := range all {
			if action != lacking {
				allowed = append(allowed, action)
			}
		}
		conn := connect(t, s.url, keys())
		s.Permit(allowed...)
		_, listed := conn.(providers.Lister).Names(t.Context(), "group", nil)
		_, reset := conn.Reset(t.Context(), to(t, 7))
		err := errors.Join(listed, reset, read(t, conn, seeded(t)).Err)
		switch {
		case lacking == "" && err != nil:
			t.Errorf("with all: got %v", err)
		case lacking != "" && (!errors.Is(err, providers.ErrDenied) || !strings.Contains(err.Error(), "grant its user or role the permission "+lacking)):
			t.Errorf("without %s: got %v", lacking, err)
		}
	}
}

func TestAKeyThatOnlyReadsCannotReset(t *testing.T) {
	s := start(t)
	s.Permit(policies(t)[0]...)
	_, err := connect(t, s.url, keys()).Reset(t.Context(), to(t, 7))
	checkError(t, err, providers.ErrDenied, "alikafka:UpdateGroup")
	if errors.Is(err, providers.ErrInDoubt) || s.committed(t, "orders-billing")[part("orders", 0)] != providers.AtOffset(300) {
		t.Errorf("got %v", err)
	}
}

// policies returns the actions of each policy on the service's page.
func policies(t *testing.T) (all [][]string) {
	t.Helper()
	page, err := os.ReadFile("../../docs/services/aliyun-kafka.md")
	check(t, err)
	for _, block := range regexp.MustCompile("(?s)```json\n(.*?)```").FindAllSubmatch(page, -1) {
		var policy struct{ Statement []struct{ Action []string } }
		check(t, json.Unmarshal(block[1], &policy))
		var actions []string
		for _, s := range policy.Statement {
			actions = append(actions, s.Action...)
		}
		all = append(all, actions)
	}
	if len(all) != 2 {
		t.Fatalf("the page has %d policies", len(all))
	}
	return all
}
