//go:build integration

package kafka_test

import (
	"context"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/resetplan/resetplan/providers/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// TestIntegrationThePermissionsOfThePageAreEnough grants a user the rights of each block of
// the page in turn, and does what the page says they permit.
func TestIntegrationThePermissionsOfThePageAreEnough(t *testing.T) {
	adm := fresh(t)
	blocks := permissions(t)
	if len(blocks) != 4 {
		t.Fatalf("the page has %d blocks of kafka-acls", len(blocks))
	}
	keys := map[string]any{"bootstrapServers": []string{broker.Addresses.SASL}, "sasl": map[string]any{"mechanism": "SCRAM-SHA-512"}}
	c := connect(t, keys, map[string]string{"KAFKA_SASL_USERNAME": kafkatest.Limited, "KAFKA_SASL_PASSWORD": kafkatest.Password})
	goal := target(t, broker.Addresses.SASL, map[string]any{"group": kafkafake.SeedGroup, "topic": kafkafake.SeedTopic})
	read := func() providers.Snapshot {
		return c.Read(t.Context(), []providers.ReadRequest{{Target: goal, Bytes: true, Risks: true,
			Resolve: []providers.Position{providers.AtTime(now.Add(-time.Hour))}}})[0]
	}
	reset := func(to providers.Position) error {
		r, err := c.Reset(t.Context(), providers.Move{Target: goal, To: []providers.PartMove{{Part: part(0), Position: to}}})
		return errors.Join(err, providers.AllRefused(r.Parts))
	}
	sizes := func() providers.Size {
		return c.(providers.Sizer).Size(t.Context(), []providers.SizeRequest{{Retention: true, Move: providers.Move{Target: goal,
			To: []providers.PartMove{{Part: part(0), Position: providers.AtOffset(9)}}}}})[0]
	}
	if s := read(); !errors.Is(s.Err, providers.ErrDenied) {
		t.Fatalf("without rights: %v", s.Err)
	}

	grant(t, adm, blocks[0])
	s := until(read, func(s providers.Snapshot) bool { return s.Err == nil })
	if s.Err != nil || len(s.Parts) != 3 || s.Activity.State != providers.Idle || s.Parts[0].Bytes != nil || len(sizes().Parts) > 0 {
		t.Errorf("with the rights to plan: %+v", s)
	}
	if err := reset(providers.AtOffset(7)); !errors.Is(err, providers.ErrDenied) {
		t.Errorf("with the rights to plan a reset got %v", err)
	}

	grant(t, adm, blocks[1])
	if s = until(read, func(s providers.Snapshot) bool { return s.Err == nil && s.Parts[0].Bytes != nil }); s.Err != nil || s.Parts[0].Bytes == nil {
		t.Errorf("with the rights to see sizes: %+v", s)
	}
	if got := until(sizes, func(s providers.Size) bool { return len(s.Parts) == 1 }); len(got.Parts) != 1 || got.Parts[0].Retention == nil {
		t.Errorf("with the rights to see sizes: %+v", got)
	}

	grant(t, adm, blocks[2])
	commit := func() error { return reset(providers.AtOffset(7)) }
	if err := until(commit, func(err error) bool { return err == nil }); err != nil {
		t.Errorf("with the rights to apply: %v", err)
	}
	unset := func() error { return reset(providers.At(providers.Unset)) }
	if err := unset(); !errors.Is(err, providers.ErrDenied) {
		t.Errorf("with the rights to apply, unset got %v", err)
	}

	grant(t, adm, blocks[3])
	if err := until(unset, func(err error) bool { return err == nil }); err != nil {
		t.Errorf("with the right to remove commits: %v", err)
	}
}

// until repeats a call for a while: rights take effect some moments after they were
// granted.
func until[T any](call func() T, done func(T) bool) T {
	got := call()
	for try := 0; try < 50 && !done(got); try++ {
		time.Sleep(50 * time.Millisecond)
		got = call()
	}
	return got
}

var (
	operation = regexp.MustCompile(`--operation (\w+)`)
	resource  = regexp.MustCompile(`--(group|topic|cluster)\b ?([\w-]*)`)
)

// permissions returns the calls of kafka-acls on the page of Kafka, by block.
func permissions(t *testing.T) [][]string {
	t.Helper()
	raw, err := os.ReadFile("../../docs/services/kafka.md")
	check(t, err)
	var out [][]string
	for _, block := range strings.Split(string(raw), "```sh\n")[1:] {
		if block, _, _ = strings.Cut(block, "\n```"); strings.HasPrefix(block, "kafka-acls ") {
			out = append(out, strings.Split(block, "\n"))
		}
	}
	return out
}

// grant does what calls of kafka-acls do, for the user with few rights, until the test ends.
func grant(t *testing.T, adm *kadm.Client, calls []string) {
	t.Helper()
	for _, call := range calls {
		var operations []kadm.ACLOperation
		for _, m := range operation.FindAllStringSubmatch(call, -1) {
			op, err := kmsg.ParseACLOperation(m[1])
			check(t, err)
			operations = append(operations, op)
		}
		acl := kadm.NewACLs().Allow("User:" + kafkatest.Limited).AllowHosts().Operations(operations...)
		switch m := resource.FindStringSubmatch(call); m[1] {
		case "group":
			acl.Groups(m[2])
		case "topic":
			acl.Topics(m[2])
		case "cluster":
			acl.Clusters()
		}
		created, err := adm.CreateACLs(t.Context(), acl.ResourcePatternType(kadm.ACLPatternLiteral))
		check(t, err)
		for _, one := range created {
			check(t, one.Err)
		}
		remove := kadm.NewACLs().Allow("User:" + kafkatest.Limited).AllowHosts().AnyResource().Operations().ResourcePatternType(kadm.ACLPatternAny)
		t.Cleanup(func() { _, _ = adm.DeleteACLs(context.WithoutCancel(t.Context()), remove) })
	}
}
