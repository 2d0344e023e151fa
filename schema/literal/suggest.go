package literal

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/schema/diag"
)

var (
	dated     = pattern.New(`^([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?:[Tt ]+([0-9]{1,2})(?::([0-9]{2})(?::([0-9]{2}))?)?)? *(.*)$`)
	zoneAfter = pattern.New(`^[+-][0-9]{2}:[0-9]{2}$`)
	lateYear  = pattern.New(`^[0-9]{5,}-[0-9]{2}-[0-9]{2}`)
	dayFirst  = pattern.New(`^([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})((?:[Tt ].*)?)$`) // 18.11.2026
	nowLike   = pattern.New(`^(?i:now)? *- *([0-9].*)$`)
)

// notAnInstant returns the error for an invalid time, with how to write what was
// probably meant.
func notAnInstant(s, inZone string) error {
	text := strconv.Quote(diag.Shorten(s))
	if m := nowLike.FindStringSubmatch(s); m != nil {
		if _, err := ParseDuration(m[1], "h"); err == nil {
			return fmt.Errorf("%s is not a time; write now-%s", text, m[1])
		}
	}
	if _, err := ParseDuration(s, ""); err == nil {
		return fmt.Errorf("%s is a duration, not a time; write now-%s", s, s)
	}
	if lateYear.MatchString(s) {
		return fmt.Errorf("%s is after the year 9999; write a year from 0001 to 9999", text)
	}
	if ago := Ago(s); ago != "" {
		return fmt.Errorf("%s is not a time; write %s", text, ago)
	}
	lower := strings.ToLower(s)
	word := cmp.Or(Boundaries[lower], lower)
	switch {
	case word == "earliest" || word == "latest":
		return fmt.Errorf("%s is not a time; write to: %s", text, word)
	case lower == "now":
		return fmt.Errorf("%s is not a time; write now", text)
	case lower == "yesterday" || lower == "today":
		return fmt.Errorf("%s is not a time; write now-24h, or a date with a time such as 2026-11-18T00:00:00Z", text)
	case strings.HasPrefix(lower, "now+"), strings.HasPrefix(lower, "now +"):
		return fmt.Errorf("%s is in the future; write now, or now-24h", text)
	}
	if m := dayFirst.FindStringSubmatch(s); m != nil {
		s = m[3] + "-" + m[2] + "-" + m[1] + m[4]
	}
	if m := dated.FindStringSubmatch(s); m != nil {
		day := m[1] + "-" + two(m[2]) + "-" + two(m[3])
		better := day + "T" + two(m[4]) + ":" + two(m[5]) + ":" + two(m[6])
		zone := strings.ToUpper(m[7])
		switch _, known := Location(m[7]); {
		case realDay(day) != nil:
			return realDay(day)
		case zoneAfter.MatchString(m[7]):
			return fmt.Errorf("%s is not a valid RFC 3339 time; write %s%s", text, better, m[7])
		case zone == "":
			return fmt.Errorf("%s is not a valid RFC 3339 time; write %s%s", text, better, inUTC(inZone))
		case zone == "UTC" || zone == "GMT" || zone == "Z":
			return fmt.Errorf("%s is not a valid RFC 3339 time; write %sZ", text, better)
		case known == nil && strings.Contains(m[7], "/"):
			return fmt.Errorf("%s is not a valid RFC 3339 time; write timestamp: %s, timezone: %s", text, better, m[7])
		}
		return fmt.Errorf("%s is not a valid RFC 3339 time; write its zone as an offset, such as %s+08:00", text, better)
	}
	return fmt.Errorf("%s is not a time; write 2026-11-18T00:00:00Z, epoch milliseconds, now or now-24h", text)
}

var agoLike = pattern.New(`^(?i:(?:about|last) +)?([0-9]+) *([A-Za-z]+)(?i: +ago)?$`)

// Ago returns how to write a time such as "2 hours ago" or "last 2 hours", or "".
func Ago(s string) string {
	m := agoLike.FindStringSubmatch(s)
	if m == nil || m[0] == m[1]+m[2] {
		return ""
	}
	unit := unitWords[strings.ToLower(m[2])]
	if unit == "" && IsDuration("1"+m[2]) {
		unit = m[2]
	}
	if lower := strings.ToLower(s); unit == "" || !strings.HasSuffix(lower, " ago") && !strings.HasPrefix(lower, "last ") {
		return ""
	}
	return "now-" + m[1] + unit
}

// inUTC ends a time without a zone in a remedy, if no timezone is set.
func inUTC(zone string) string {
	if zone != "" {
		return ""
	}
	return "Z, or add timezone: Asia/Shanghai"
}

func two(s string) string { return ("00" + s)[len(s):] }

var zoneOffset = pattern.New(`^(?:UTC|GMT|utc|gmt)? ?[+-][0-9]{1,2}(?::?[0-9]{2})?$`)

// manyZones are the zones that an unknown name is compared with.
var manyZones = strings.Fields(`Asia/Shanghai Asia/Hong_Kong Asia/Taipei Asia/Singapore Asia/Tokyo Asia/Seoul Asia/Kolkata Asia/Dubai Asia/Jakarta
	Asia/Bangkok Asia/Manila Asia/Ho_Chi_Minh Asia/Kuala_Lumpur Asia/Urumqi Asia/Jerusalem Asia/Riyadh Europe/London Europe/Berlin Europe/Paris
	Europe/Madrid Europe/Rome Europe/Amsterdam Europe/Zurich Europe/Vienna Europe/Warsaw Europe/Stockholm Europe/Moscow Europe/Istanbul
	Europe/Kyiv Europe/Dublin Europe/Lisbon America/New_York America/Chicago America/Denver America/Los_Angeles America/Toronto
	America/Mexico_City America/Sao_Paulo America/Bogota Australia/Sydney Australia/Melbourne Pacific/Auckland Africa/Johannesburg Africa/Cairo
	Africa/Lagos Africa/Nairobi UTC`)

// nearZone returns the zone that was probably meant, by its name or its city's.
func nearZone(zone string) string {
	plain := strings.ReplaceAll(zone, " ", "_")
	for _, z := range manyZones {
		if _, city, _ := strings.Cut(z, "/"); strings.EqualFold(z, plain) || city != "" && strings.EqualFold(city, plain) {
			return z
		}
	}
	if len(zone) < 5 {
		return ""
	}
	return diag.Nearest(zone, manyZones)
}

var (
	spelledSpan = pattern.New(`^([0-9]+(?:\.[0-9]+)?) *([A-Za-zµ]+)$`)
	isoSpan     = pattern.New(`^P(?:([0-9]+)D)?(?:T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)S)?)?$`)
)

// unitWords are other spellings of units.
var unitWords = map[string]string{"sec": "s", "secs": "s", "second": "s", "seconds": "s", "min": "m", "mins": "m", "minute": "m", "minutes": "m",
	"hr": "h", "hrs": "h", "hour": "h", "hours": "h", "day": "d", "days": "d", "week": "w", "weeks": "w", "msec": "ms", "millis": "ms",
	"milliseconds": "ms"}

// notADuration returns the error for an invalid duration, with how to write what was
// probably meant.
func notADuration(s, unit string) error {
	if len(s) > 100 {
		return fmt.Errorf("invalid duration %q; write for example 30s, 5m, 72h or 7d", diag.Shorten(s))
	}
	value, _ := ParseNumber(s)
	lower := strings.ToLower(strings.ReplaceAll(s, " ", ""))
	m, iso := spelledSpan.FindStringSubmatch(s), isoSpan.FindStringSubmatch(s)
	write := ""
	switch {
	case value != "" && value[0] != '-':
		return fmt.Errorf("a unit is missing; write %s%s", value, unit)
	case strings.HasPrefix(s, "-") && (IsDuration(s[1:]) || value != ""):
		return fmt.Errorf("%s is negative; write a duration such as 30s", s)
	case m != nil && m[2] == "M":
		return fmt.Errorf("%s is not a unit; write %sm for minutes, or days such as 30d for a month", m[2], m[1])
	case m != nil && slices.Contains([]string{"y", "Y", "year", "years", "mo", "month", "months"}, m[2]):
		return fmt.Errorf("%s is not a unit; write days, such as 365d for a year", m[2])
	case IsDuration(lower):
		write = lower
	case m != nil && unitWords[strings.ToLower(m[2])] != "":
		write = m[1] + unitWords[strings.ToLower(m[2])]
	case iso != nil && len(s) > 2:
		for i, u := range []string{"d", "h", "m", "s"} {
			if iso[i+1] != "" {
				write += iso[i+1] + u
			}
		}
	}
	if write == "" {
		write = "for example 30s, 5m, 72h or 7d"
	}
	return fmt.Errorf("invalid duration %q; write %s", diag.Shorten(s), write)
}

// Boundaries are words of other tools for the two ends of a log.
var Boundaries = map[string]string{"end": "latest", "newest": "latest", "last": "latest", "tail": "latest", "high": "latest",
	"start": "earliest", "begin": "earliest", "beginning": "earliest", "oldest": "earliest", "first": "earliest", "low": "earliest"}
