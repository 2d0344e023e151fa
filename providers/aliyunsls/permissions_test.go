package aliyunsls_test

import (
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunsls/aliyunslsfake"
)

// TestThePermissionsOfThePageAreTheSmallestThatWork limits a key to the policies of
// the service's page, and to all but one of their actions.
func TestThePermissionsOfThePageAreTheSmallestThatWork(t *testing.T) {
	policies := policies(t)
	reads, writes := policies[0], policies[1]
	missing := map[string]any{"logstore": "acces-log"} // so that logstores are listed
	for _, lacking := range append([]string{""}, append(reads, writes...)...) {
		f, url := start(t, aliyunslsfake.Options{})
		var allowed []string
		for _, action := range append(append([]string{}, reads...), writes...) {
			if action != lacking {
				allowed = append(allowed, action)
			}
		}
		c := config(url)
		conn, target := connect(t, c, environment(nil)), goal(t, c, nil)
		move := providers.Move{Target: target, To: []providers.PartMove{{Part: shard(0), Position: place(f, 0, 100)}}}
		f.Permit(allowed...)
		asked := []providers.Position{providers.AtTime(time.Now().Add(-time.Hour))}
		s := conn.Read(t.Context(), []providers.ReadRequest{{Target: target, Resolve: asked}, {Target: goal(t, c, missing)}})
		_, err := conn.Reset(t.Context(), move)
		switch lacking {
		case "log:ListLogStores":
			if s[0].Err != nil || err != nil || s[1].Missing[0].Known != nil {
				t.Errorf("without %s: got %v and %v", lacking, s[0].Err, err)
			}
		case "":
			if s[0].Err != nil || err != nil || s[1].Missing[0].Known == nil {
				t.Errorf("with all: got %v and %v", s[0].Err, err)
			}
		default:
			if err = errors.Join(err, s[0].Err); !errors.Is(err, providers.ErrDenied) || !strings.Contains(err.Error(), lacking) {
				t.Errorf("without %s: got %v", lacking, err)
			}
		}
	}
}

func TestAKeyThatOnlyReadsCannotReset(t *testing.T) {
	f, url := start(t, aliyunslsfake.Options{})
	c := config(url)
	m := rewind(f, goal(t, c, nil))
	f.Permit(policies(t)[0]...)
	_, err := connect(t, c, environment(nil)).Reset(t.Context(), m)
	if !errors.Is(err, providers.ErrDenied) || errors.Is(err, providers.ErrInDoubt) || f.Writes() != 1 || !strings.Contains(err.Error(),
		"resource: acs:log:cn-hangzhou:1234567890123456:project/sandbox/logstore/access-log/consumergroup/access-log-etl: "+
			"grant the key's user log:ConsumerGroupUpdateCheckPoint on this resource, in RAM") {
		t.Errorf("got %v after %d writes", err, f.Writes())
	}
}

// policies returns the actions of each policy on the service's page.
func policies(t *testing.T) (all [][]string) {
	t.Helper()
	page, err := os.ReadFile("../../docs/services/aliyun-sls.md")
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
