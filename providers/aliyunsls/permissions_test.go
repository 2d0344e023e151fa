package aliyunsls_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunsls/aliyunslsfake"
	"github.com/resetplan/resetplan/providers/providertest"
)

// TestThePermissionsOfThePageAreTheSmallestThatWork limits a key to the policies of
// the service's page, and to all but one of their actions.
func TestThePermissionsOfThePageAreTheSmallestThatWork(t *testing.T) {
	reads, resets := providertest.Policies(t, "aliyun-sls")
	all := slices.Concat(reads, resets)
	missing := map[string]any{"logstore": "acces-log"} // so that logstores are listed
	for _, lacking := range append([]string{""}, all...) {
		f, url := start(t, aliyunslsfake.Options{})
		var allowed []string
		for _, action := range all {
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
	reads, _ := providertest.Policies(t, "aliyun-sls")
	f.Permit(reads...)
	_, err := connect(t, c, environment(nil)).Reset(t.Context(), m)
	if !errors.Is(err, providers.ErrDenied) || errors.Is(err, providers.ErrInDoubt) || f.Writes() != 1 || !strings.Contains(err.Error(),
		"resource: acs:log:cn-hangzhou:1234567890123456:project/sandbox/logstore/access-log/consumergroup/access-log-etl: "+
			"grant the key's user log:ConsumerGroupUpdateCheckPoint on this resource, in RAM") {
		t.Errorf("got %v after %d writes", err, f.Writes())
	}
}
