package schema

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	relative = regexp.MustCompile(`^now(?:-(.+))?$`)
	span     = regexp.MustCompile(`^(?:[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h|d))+$`)
	spanUnit = regexp.MustCompile(`([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)`)
	zoneless = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?$`)
	dateOnly = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
	digits   = regexp.MustCompile(`^[0-9]{1,15}$`)
)

// parseInstant reads a time: RFC 3339 with zone, epoch milliseconds, now,
// now-24h, or a date-time without zone where a time zone is given.
func parseInstant(s, zone string) (Instant, error) {
	if m := relative.FindStringSubmatch(s); m != nil {
		i := Instant{Text: s, FromNow: true}
		if m[1] == "" {
			return i, nil
		}
		d, err := parseDuration(m[1])
		i.Shift = -d
		return i, err
	}
	if digits.MatchString(s) {
		ms, err := strconv.ParseInt(s, 10, 64)
		if err == nil && ms > 0 && ms < 100_000_000_000 {
			return Instant{}, fmt.Errorf("%s milliseconds since 1970 are in %d: this looks like seconds; write milliseconds", s, time.UnixMilli(ms).UTC().Year())
		}
		return Instant{Text: s, Time: time.UnixMilli(ms).UTC()}, err
	}
	if zoneless.MatchString(s) {
		return inZone(s, zone)
	}
	if t, err := time.Parse(time.RFC3339, strings.ToUpper(s)); err == nil {
		if zone != "" {
			return Instant{}, fmt.Errorf("%q has a zone already; remove timezone", s)
		}
		return Instant{Text: s, Time: t.UTC()}, nil
	}
	if dateOnly.MatchString(s) {
		return Instant{}, fmt.Errorf("%q is a date without a time; write %sT00:00:00Z", s, s)
	}
	return Instant{}, fmt.Errorf("%q is not a time; write 2026-11-18T00:00:00Z, epoch milliseconds, now or now-24h", shorten(s))
}

func inZone(s, zone string) (Instant, error) {
	plain := strings.NewReplacer("t", "T", " ", "T", ",", ".").Replace(s)
	if strings.Count(plain, ":") == 1 {
		plain += ":00"
	}
	if zone == "" {
		return Instant{}, fmt.Errorf("%q has no zone, so it could be any of 24 hours; write %sZ, or timezone: Asia/Shanghai beside it", s, plain)
	}
	at, err := time.LoadLocation(zone)
	if err != nil {
		return Instant{}, fmt.Errorf("%q is not a time zone; write a name such as Asia/Shanghai", zone)
	}
	t, err := time.ParseInLocation("2006-01-02T15:04:05", plain, at)
	if err != nil {
		return Instant{}, fmt.Errorf("%q is not a time", s)
	}
	return Instant{Text: t.Format(time.RFC3339Nano), Time: t.UTC()}, nil
}

// parseDuration reads a span of time: 500ms, 30s, 5m, 1h30m, 7d.
func parseDuration(s string) (time.Duration, error) {
	if !span.MatchString(s) {
		return 0, fmt.Errorf("%q is not a span of time; write for example 30s, 5m, 72h or 7d", shorten(s))
	}
	var total float64
	for _, m := range spanUnit.FindAllStringSubmatch(s, -1) {
		n, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			return 0, err
		}
		total += n * float64(map[string]time.Duration{"ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[m[2]])
	}
	if total > float64(1<<62) {
		return 0, fmt.Errorf("%q is too long", s)
	}
	return time.Duration(total), nil
}
