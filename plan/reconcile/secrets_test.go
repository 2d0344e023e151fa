package reconcile_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/providers"
)

// TestLockContainsNoSecretOfAnOptionalInterface applies a step whose pause fails
// with a secret.
func TestLockContainsNoSecretOfAnOptionalInterface(t *testing.T) {
	r, _ := pausing(t)
	reader, _ := r.OpenLeaking("/id")
	reader.Doc.Steps[0].Idle.Pause = true
	result, err := r.Apply(reader, reconcile.ApplyOptions{Settle: ptr(time.Duration(0))})
	if err == nil {
		t.Fatal("the apply succeeded")
	}
	written, failed := os.ReadFile(r.Lock)
	if failed != nil {
		t.Fatal(failed)
	}
	shown := fmt.Sprintf("%+v %v %s", result, err, written)
	if strings.Contains(shown, plantest.Secret) || !strings.Contains(shown, providers.Hidden) {
		t.Errorf("shown: %s", shown)
	}
}
