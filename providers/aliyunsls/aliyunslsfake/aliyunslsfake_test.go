package aliyunslsfake_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"
	"time"

	sls "github.com/aliyun/aliyun-log-go-sdk"
	"github.com/resetplan/resetplan/providers/aliyunsls/aliyunslsfake"
)

// start runs a fake and returns it with a client of the vendor's Go SDK.
func start(t *testing.T) (*aliyunslsfake.Fake, sls.ClientInterface) {
	t.Helper()
	f, err := aliyunslsfake.New(aliyunslsfake.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	at, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	client := sls.CreateNormalInterfaceV2(s.URL, sls.NewStaticCredentialsProvider(aliyunslsfake.AccessKey, aliyunslsfake.Secret, ""))
	// project.127.0.0.1 cannot be resolved: as through a proxy, connect to the fake.
	client.SetHTTPClient(&http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(at)}})
	return f, client
}

func TestOnlyKnownFaultsCanBeInjected(t *testing.T) {
	for name := range aliyunslsfake.Faults() {
		f, _ := start(t)
		if err := f.Inject(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	f, _ := start(t)
	if f.Inject("flood") == nil {
		t.Error("an unknown fault is accepted")
	}
}

func TestTheSeededGroupIsInTheMiddle(t *testing.T) {
	f, client := start(t)
	points, err := client.GetCheckpoint(aliyunslsfake.Project, aliyunslsfake.Logstore, aliyunslsfake.Group)
	if err != nil || len(points) != 3 {
		t.Fatal(points, err)
	}
	for _, p := range points {
		at, err := client.GetCursorTime(aliyunslsfake.Project, aliyunslsfake.Logstore, p.ShardID, p.CheckPoint)
		if age := time.Since(at); err != nil || age < 19*time.Hour || age > 20*time.Hour {
			t.Errorf("shard %d is at %s, %v", p.ShardID, at, err)
		}
	}
	if f.Writes() != 0 {
		t.Errorf("%d of these requests count as writes", f.Writes())
	}
}

func TestAConsumerOwnsItsShardsWhileItSendsHeartbeats(t *testing.T) {
	f, client := start(t)
	beat := func(consumer string) []int {
		held, err := client.HeartBeat(aliyunslsfake.Project, aliyunslsfake.Logstore, aliyunslsfake.Group, consumer, nil)
		if err != nil {
			t.Fatal(err)
		}
		return held
	}
	if held := beat("a"); !slices.Equal(held, []int{0, 1, 2}) {
		t.Errorf("without another consumer it owns %v", held)
	}
	if held := beat("b"); !slices.Equal(held, []int{1}) {
		t.Errorf("with another consumer it owns %v", held)
	}
	cursor := f.Checkpoints(aliyunslsfake.Group)[0].Cursor
	if err := client.UpdateCheckpoint(aliyunslsfake.Project, aliyunslsfake.Logstore, aliyunslsfake.Group, "b", 0, cursor, false); err == nil {
		t.Error("it commits on another consumer's shard")
	}
	if err := client.UpdateCheckpoint(aliyunslsfake.Project, aliyunslsfake.Logstore, aliyunslsfake.Group, "a", 0, cursor, false); err != nil {
		t.Error(err)
	}
	want := map[string]int{"HeartBeat": 2, "UpdateCheckPoint": 2}
	if got := f.Requests(); f.Writes() != 4 || !maps.Equal(got, want) {
		t.Errorf("it counts %v and %d writes", got, f.Writes())
	}
}

func TestAnActiveConsumerCommitsOverAResetAndOtherwiseStays(t *testing.T) {
	f, client := start(t)
	if err := f.Inject("live"); err != nil {
		t.Fatal(err)
	}
	committed := func() string {
		points, err := client.GetCheckpoint(aliyunslsfake.Project, aliyunslsfake.Logstore, aliyunslsfake.Group)
		if err != nil || points[0].Consumer == "" {
			t.Fatal(points, err)
		}
		return points[0].CheckPoint
	}
	before := committed()
	if again := committed(); again != before {
		t.Errorf("it moves from %s to %s by itself", before, again)
	}
	start, err := client.GetCursor(aliyunslsfake.Project, aliyunslsfake.Logstore, 0, "begin")
	if err != nil {
		t.Fatal(err)
	}
	if err := client.UpdateCheckpoint(aliyunslsfake.Project, aliyunslsfake.Logstore, aliyunslsfake.Group, "", 0, start, true); err != nil {
		t.Fatal(err)
	}
	if after := committed(); after == start || after == before {
		t.Errorf("after the reset it is at %s", after)
	}
}
