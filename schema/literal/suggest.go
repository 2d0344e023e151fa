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
			return diag.Correct(text+" is not a time", "now-"+m[1])
		}
	}
	if _, err := ParseDuration(s, ""); err == nil {
		return diag.Correct(s+" is a duration, not a time", "now-"+s)
	}
	if lateYear.MatchString(s) {
		return diag.Wrong(text+" is after the year 9999", "write a year from 0001 to 9999")
	}
	if ago := Ago(s); ago != "" {
		return diag.Correct(text+" is not a time", ago)
	}
	lower := strings.ToLower(s)
	word := cmp.Or(Boundaries[lower], lower)
	switch {
	case word == "earliest" || word == "latest":
		return diag.Wrong(text+" is not a time", "write to: "+word)
	case lower == "now":
		return diag.Correct(text+" is not a time", "now")
	case lower == "yesterday" || lower == "today":
		return &diag.Fault{
			Reason: text + " is not a time", Remedy: "write now-24h, or a date with a time such as 2026-11-18T00:00:00Z", Write: "now-24h",
		}
	case strings.HasPrefix(lower, "now+"), strings.HasPrefix(lower, "now +"):
		return &diag.Fault{Reason: text + " is in the future", Remedy: "write now, or now-24h", Write: "now"}
	}
	if m := dayFirst.FindStringSubmatch(s); m != nil {
		s = m[3] + "-" + m[2] + "-" + m[1] + m[4]
	}
	if m := dated.FindStringSubmatch(s); m != nil {
		day := m[1] + "-" + two(m[2]) + "-" + two(m[3])
		better := day + "T" + two(m[4]) + ":" + two(m[5]) + ":" + two(m[6])
		zone, invalid := strings.ToUpper(m[7]), text+" is not a valid RFC 3339 time"
		switch _, known := Location(m[7]); {
		case realDay(day) != nil:
			return realDay(day)
		case zoneAfter.MatchString(m[7]):
			return diag.Correct(invalid, better+m[7])
		case zone == "":
			return lacksZone(invalid, better, inZone)
		case zone == "UTC" || zone == "GMT" || zone == "Z":
			return diag.Correct(invalid, better+"Z")
		case known == nil && strings.Contains(m[7], "/"):
			return diag.Wrong(invalid, fmt.Sprintf("write timestamp: %s, timezone: %s", better, m[7]))
		}
		return diag.Wrong(invalid, fmt.Sprintf("write its zone as an offset, such as %s+08:00", better))
	}
	return diag.Wrong(text+" is not a time", "write 2026-11-18T00:00:00Z, epoch milliseconds, now or now-24h")
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

// lacksZone returns the error of a time that lacks a zone, unless one is set; at is the
// time as it is written otherwise.
func lacksZone(reason, at, zone string) error {
	if zone != "" {
		return diag.Correct(reason, at)
	}
	return &diag.Fault{Reason: reason, Remedy: "write " + at + "Z", Write: at + "Z", Key: "timezone: Asia/Shanghai"}
}

// otherUnit is the error of a time since 1970 that is not in milliseconds.
func otherUnit(reason, milliseconds string) error {
	return &diag.Fault{Reason: reason, Remedy: "write milliseconds: " + milliseconds, Write: milliseconds}
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

const anyDuration = "write for example 30s, 5m, 72h or 7d"

// notADuration returns the error for an invalid duration, with how to write what was
// probably meant.
func notADuration(s, unit string) error {
	if len(s) > 100 {
		return diag.Wrong(fmt.Sprintf("invalid duration %q", diag.Shorten(s)), anyDuration)
	}
	value, _ := ParseNumber(s)
	lower := strings.ToLower(strings.ReplaceAll(s, " ", ""))
	m, iso := spelledSpan.FindStringSubmatch(s), isoSpan.FindStringSubmatch(s)
	write := ""
	switch {
	case value != "" && value[0] != '-':
		return diag.Correct("a unit is missing", value+unit)
	case strings.HasPrefix(s, "-") && (IsDuration(s[1:]) || value != ""):
		return diag.Wrong(fmt.Sprintf("%s is negative", s), "write a duration such as 30s")
	case m != nil && m[2] == "M":
		return diag.Wrong(fmt.Sprintf("%s is not a unit", m[2]), fmt.Sprintf("write %sm for minutes, or days such as 30d for a month", m[1]))
	case m != nil && slices.Contains([]string{"y", "Y", "year", "years", "mo", "month", "months"}, m[2]):
		return diag.Wrong(fmt.Sprintf("%s is not a unit", m[2]), "write days, such as 365d for a year")
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
	invalid := fmt.Sprintf("invalid duration %q", diag.Shorten(s))
	if write == "" {
		return diag.Wrong(invalid, anyDuration)
	}
	return diag.Correct(invalid, write)
}

// Boundaries are words of other tools for the two ends of a log.
var Boundaries = map[string]string{"end": "latest", "newest": "latest", "last": "latest", "tail": "latest", "high": "latest",
	"start": "earliest", "begin": "earliest", "beginning": "earliest", "oldest": "earliest", "first": "earliest", "low": "earliest"}
