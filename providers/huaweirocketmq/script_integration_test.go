//go:build integration

package huaweirocketmq

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	fake "github.com/resetplan/resetplan/providers/huaweirocketmq/huaweirocketmqfake"
	"github.com/resetplan/resetplan/providers/internal/shell/shelltest"
)

// TestIntegrationCommands runs the commands of a move. KooCLI is in no package registry,
// so the vendor's Python SDK makes its calls: it has the same actions and parameters.
func TestIntegrationCommands(t *testing.T) {
	python := shelltest.Python(t, "huaweirocketmqfake/testdata/requirements.txt")
	bin := shelltest.StandIn(t, python, "hcloud", "huaweirocketmqfake/testdata/hcloud.py")
	f, err := fake.New(fake.Options{Now: time.Now, TakeUp: fake.AtOnce, CommitEvery: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(f)
	defer s.Close()
	f.CreateTopic("orders|1", fake.Layout{Brokers: []string{"broker-0"}, Queues: 2, Times: []time.Time{time.Now().Add(-time.Hour)}})
	f.Commit(fake.Group, "orders|1", 1)
	script, err := New().(providers.Scripter).Script(configOf(s.URL), providers.Move{
		Target: aim(t, map[string]any{"group": fake.Group, "topics": []string{fake.Topic, "orders|1"}}),
		To:     []providers.PartMove{{Position: providers.AtTime(time.Now().Add(-24 * time.Hour))}}})
	if err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), "/bin/sh", "-eu")
	run.Stdin = strings.NewReader(strings.Join(script.Commands, "\n"))
	run.Env = append(os.Environ(), "HOME="+t.TempDir(), "PATH="+bin+":"+os.Getenv("PATH"), "HCLOUD_ENDPOINT="+s.URL,
		"HUAWEICLOUD_SDK_AK="+fake.AccessKey, "HUAWEICLOUD_SDK_SK="+fake.Secret)
	out, err := run.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
	for topic, want := range map[string]int64{fake.Topic: 251, "orders|1": 0} {
		if got := f.Committed(fake.Group, topic)[fake.Queue{Broker: "broker-0"}]; got != want && got != want-1 {
			t.Errorf("%s is at %d, want %d", topic, got, want)
		}
	}
	if f.Writes() != 2 {
		t.Errorf("%d writes", f.Writes())
	}
}
