package aliyunkafka_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/providertest"
)

// TestThePermissionsOfThePageAreTheSmallestThatWork limits a key to the policies of
// the service's page, and to all but one of their actions.
func TestThePermissionsOfThePageAreTheSmallestThatWork(t *testing.T) {
	reads, resets := providertest.Policies(t, "aliyun-kafka")
	all := slices.Concat(reads, resets)
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
	reads, _ := providertest.Policies(t, "aliyun-kafka")
	s.Permit(reads...)
	_, err := connect(t, s.url, keys()).Reset(t.Context(), to(t, 7))
	checkError(t, err, providers.ErrDenied, "alikafka:UpdateGroup")
	if errors.Is(err, providers.ErrInDoubt) || s.committed(t, "orders-billing")[part("orders", 0)] != providers.AtOffset(300) {
		t.Errorf("got %v", err)
	}
}
