package literal_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/schema/literal"
)

func TestWholeNumbersHaveOneSpelling(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "10": 10, "-5": -5, "9223372036854775807": 1<<63 - 1, "-9223372036854775808": -1 << 63} {
		if got, err := literal.ParseWhole(text); err != nil || got != want {
			t.Errorf("%s: got %d, %v", text, got, err)
		}
	}
	for text, remedy := range map[string]string{"010": "write 10", "0x10": "write 16", "1_000": "write 1000", "1e3": "write 1000", "5.0": "write 5",
		"-0": "write 0", "5.5": "such as 5", "ten": "such as 10", "9223372036854775808": "the maximum is", "-9223372036854775809": "the minimum is"} {
		if n, err := literal.ParseWhole(text); err == nil || !strings.Contains(err.Error(), remedy) {
			t.Errorf("%s: got %d, %v, want %q", text, n, err, remedy)
		}
	}
}

func TestCountsHaveUnits(t *testing.T) {
	for text, want := range map[string]int64{"7": 7, "1500k": 1_500_000, "2M": 2_000_000, "3G": 3_000_000_000} {
		if got, err := literal.Count(text); err != nil || got != want {
			t.Errorf("%s: got %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"1.5M", "2m", "9223372036854775807G", "k", "01k"} {
		if n, err := literal.Count(text); err == nil {
			t.Errorf("%s: got %d", text, n)
		}
	}
}

func TestDurations(t *testing.T) {
	for text, want := range map[string]time.Duration{"500ms": 500 * time.Millisecond, "1h30m": 90 * time.Minute, "7d": 168 * time.Hour,
		"1w": 168 * time.Hour, "1.5h": 90 * time.Minute} {
		if got, err := literal.ParseDuration(text, "s"); err != nil || got != want {
			t.Errorf("%s: got %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"5", "", "5y", "1000000d", "-5m"} {
		if d, err := literal.ParseDuration(text, "m"); err == nil {
			t.Errorf("%q: got %s", text, d)
		}
	}
	if _, err := literal.ParseDuration("5", "m"); err == nil || !strings.Contains(err.Error(), "5m") {
		t.Errorf("a number without a unit: got %v, want the unit to write", err)
	}
}

func TestInstants(t *testing.T) {
	now := time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)
	for text, c := range map[string]struct{ zone, want string }{
		"2026-11-18T00:00:00Z":      {"", "2026-11-18T00:00:00Z"},
		"2026-11-18T08:00:00+08:00": {"", "2026-11-18T00:00:00Z"},
		"2026-11-18T08:00:00":       {"Asia/Shanghai", "2026-11-18T00:00:00Z"},
		"1763424000000":             {"", "2025-11-18T00:00:00Z"},
		"now":                       {"", "2026-11-20T03:00:00Z"},
		"now-24h":                   {"", "2026-11-19T03:00:00Z"},
		"1969-12-31T23:59:59.999Z":  {"", "1970-01-01T00:00:00Z"}, // -1 ms, which services read as the end
		"now-30000d":                {"", "1970-01-01T00:00:00Z"},
	} {
		at, err := literal.ParseInstant(text, c.zone)
		if got := at.At(now).Format(time.RFC3339); err != nil || got != c.want {
			t.Errorf("%s: got %s, %v", text, got, err)
		}
	}
	for text, zone := range map[string]string{
		"2026-11-18T00:00:00":  "",              // in any zone
		"2026-03-29T02:30:00":  "Europe/Berlin", // does not exist
		"2026-10-25T02:30:00":  "Europe/Berlin", // happens twice
		"2026-11-18":           "",
		"1763424000":           "", // seconds
		"now+1h":               "",
		"2026-02-30T00:00:00Z": "",
	} {
		if at, err := literal.ParseInstant(text, zone); err == nil {
			t.Errorf("%s: got %+v", text, at)
		}
	}
}

func TestZonesAreTheSameOnEveryMachine(t *testing.T) {
	if at, err := literal.Location("Asia/Shanghai"); err != nil || at.String() != "Asia/Shanghai" {
		t.Errorf("got %v, %v", at, err)
	}
	for _, zone := range []string{"Local", "local", "+08:00", "Asia/Shanghai2", "nowhere"} {
		var wrong literal.ZoneError
		if at, err := literal.Location(zone); !errors.As(err, &wrong) {
			t.Errorf("%s: got %v, %v", zone, at, err)
		}
	}
}

func TestAddressesOfBrokers(t *testing.T) {
	for _, text := range []string{"b1.example.com:9092", "127.0.0.1:9092", "[2001:db8::1]:9092"} {
		if reason, _ := literal.InvalidBroker(text); reason != "" {
			t.Errorf("%s: %s", text, reason)
		}
	}
	for _, text := range []string{"", "b1", ":9092", "b1:0", "b1:70000", "b1:x", "me:secret@b1:9092", "kafka://b1:9092", "b1:9092,b2:9092", "b 1:9092"} {
		if reason, remedy := literal.InvalidBroker(text); reason == "" || remedy == "" || strings.Contains(reason+remedy, "secret") {
			t.Errorf("%s: got %q, %q", text, reason, remedy)
		}
	}
}

func TestEndpoints(t *testing.T) {
	for _, text := range []string{"https://cn-hangzhou.log.aliyuncs.com", "http://127.0.0.1:8080"} {
		if reason, _ := literal.InvalidEndpoint(text); reason != "" {
			t.Errorf("%s: %s", text, reason)
		}
	}
	for _, text := range []string{"cn-hangzhou.log.aliyuncs.com", "ftp://example.com", "https://me:secret@example.com", "https://"} {
		if reason, remedy := literal.InvalidEndpoint(text); reason == "" || remedy == "" || strings.Contains(reason+remedy, "secret") {
			t.Errorf("%s: got %q, %q", text, reason, remedy)
		}
	}
}
