package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// manyGroups is how many groups the doctor checks within seconds.
const manyGroups = 5000

func TestTheDoctorChecksThousandsOfGroupsWithFewRequests(t *testing.T) {
	f, err := kafkafake.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := kafkafake.Seed(t.Context(), f.Address(), time.Now()); err != nil {
		t.Fatal(err)
	}
	commitMany(t, f.Address(), manyGroups-1)
	f.Forget()
	var out, stderr bytes.Buffer
	started := time.Now()
	args := []string{"resetplan", "doctor", "--provider", "kafka", "--bootstrap", f.Address(), "--all-groups", "--detailed-exitcode", "--format", "json"}
	code := run(context.Background(), process{
		args: args, stdin: &bytes.Buffer{}, stdout: &out, stderr: &stderr, getenv: func(string) string { return "" }, now: time.Now,
		operator: "tester@here",
	})
	took := time.Since(started)
	var d struct {
		Targets, Partitions int
		Found               map[string]int
	}
	if err := json.Unmarshal(out.Bytes(), &d); err != nil || code != 2 {
		t.Fatalf("exit %d: %v\n%s%s", code, err, &out, &stderr)
	}
	if d.Targets != manyGroups || d.Partitions != 3*manyGroups || d.Found["beyond-high"] != 1 {
		t.Errorf("it found %+v", d)
	}
	requests := 0
	for key, n := range f.Requests() {
		requests += n
		t.Logf("%d %s", n, key.Name())
	}
	t.Logf("%d groups in %s and %d requests", manyGroups, took, requests)
	if requests > 30 || f.Writes() > 0 {
		t.Errorf("%d requests, %d of them writes", requests, f.Writes())
	}
	if took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
}

// commitMany creates groups that are committed inside their logs, except the first,
// which is committed beyond the end.
func commitMany(t *testing.T, address string, groups int) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(address))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	next := make(chan int)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for n := range next {
				var offsets kadm.Offsets
				for p := range int32(3) {
					offsets.AddOffset(kafkafake.SeedTopic, p, int64(n%500), -1)
				}
				if n == 0 {
					offsets.AddOffset(kafkafake.SeedTopic, 0, 501, -1)
				}
				if err := admin.CommitAllOffsets(t.Context(), fmt.Sprintf("group-%d", n), offsets); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for n := range groups {
		next <- n
	}
	close(next)
	wg.Wait()
}
