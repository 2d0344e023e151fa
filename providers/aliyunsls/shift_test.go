package aliyunsls_test

import (
	"math"
	"testing"
	"time"

	sls "github.com/aliyun/aliyun-log-go-sdk"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunsls"
	"github.com/resetplan/resetplan/providers/aliyunsls/aliyunslsfake"
)

func TestACursorIsShiftedByItsNumber(t *testing.T) {
	order := aliyunsls.New().Capabilities().Order
	for _, c := range []struct {
		from string
		by   int64
		want string // "" = it cannot be shifted
	}{
		{"MTUyNDE1NTM3OTM3MzkwODQ5Ng==", -1, "MTUyNDE1NTM3OTM3MzkwODQ5NQ=="},
		{"MTUyNDE1NTM3OTM3MzkwODQ5Ng==", 4, "MTUyNDE1NTM3OTM3MzkwODUwMA=="},
		{"MTA=", 0, "MTA="},
		{"MTA=", -11, "MA=="},
		{"MTA=", math.MinInt64, "MA=="},
		{"MTA=", math.MaxInt64, "OTIyMzM3MjAzNjg1NDc3NTgwNw=="},
		{"#", 1, ""},
		{"bm93", 1, ""},
		{"LTU=", 1, ""},
	} {
		got, ok := order.Shift(providers.AtCursor(c.from), c.by)
		if ok != (c.want != "") || ok && got != providers.AtCursor(c.want) {
			t.Errorf("%s by %d: got %s, %t", c.from, c.by, got, ok)
		}
	}
	for _, from := range []providers.Position{{}, providers.At(providers.Unset)} {
		if got, ok := order.Shift(from, 1); ok {
			t.Errorf("%s leads to %s", from, got)
		}
	}
}

// TestAShiftIsWhatTheVendorsSDKCallsThePreviousCursor compares a shift by one log
// group with the SDK, which knows the time of the cursor before another one.
func TestAShiftIsWhatTheVendorsSDKCallsThePreviousCursor(t *testing.T) {
	f, url := start(t, aliyunslsfake.Options{})
	client := sls.CreateNormalInterfaceV2("http://cn-hangzhou.log.aliyuncs.com",
		sls.NewStaticCredentialsProvider(aliyunslsfake.AccessKey, aliyunslsfake.Secret, ""))
	client.SetHTTPClient(proxied(t, url))
	for _, group := range []int{1, 200, 499} {
		at, _ := place(f, 0, group).Cursor()
		previous, err := client.(*sls.Client).GetPrevCursorTime(aliyunslsfake.Project, aliyunslsfake.Logstore, 0, at)
		check(t, err)
		shifted, _ := aliyunsls.New().Capabilities().Order.Shift(providers.AtCursor(at), -1)
		cursor, _ := shifted.Cursor()
		got, err := client.GetCursorTime(aliyunslsfake.Project, aliyunslsfake.Logstore, 0, cursor)
		check(t, err)
		if !got.Equal(previous) || got.After(time.Now()) || shifted != place(f, 0, group-1) {
			t.Errorf("log group %d: got %s, the SDK has %s", group, got, previous)
		}
	}
}
