package literal

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/schema/diag"
)

var (
	relative = pattern.New(`^now(?:-(.+))?$`)
	span     = pattern.New(`^(?:[0-9]+(?:\.[0-9]+)?(?:ns|us|µs|ms|s|m|h|d|w))+$`)
	spanUnit = pattern.New(`([0-9]+(?:\.[0-9]+)?)(ns|us|µs|ms|s|m|h|d|w)`)
	zoneless = pattern.New(`^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?$`)
	zoned    = pattern.New(`^(\d{4})-(\d{2})-(\d{2})([Tt ])(\d{2}):(\d{2})(:\d{2}(?:[.,]\d+)?)? ?([Zz]|[+-]\d{2}:?(?:\d{2})?|[+-]\d{1,2})$`)
	dateOnly = pattern.New(`^\d{4}-\d{2}-\d{2}$`)
	packed   = pattern.New(`^(?:19|20)[0-9]{2}[01][0-9][0-3][0-9](?:[0-9]{4}|[0-9]{6})?$`) // 20261118, with or without a time
	digits   = pattern.New(`^[0-9]+$`)
	zoneName = pattern.New(`^[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*$`)
)

// IsDuration reports whether a text is a duration.
func IsDuration(text string) bool { return span.MatchString(text) }

// IsDigits reports whether a text has nothing but digits.
func IsDigits(text string) bool { return digits.MatchString(text) }

// IsZoneless reports whether a text is a date with a time and without a zone.
func IsZoneless(text string) bool { return zoneless.MatchString(text) }

// An Instant is a time, absolute or relative to the moment of planning.
type Instant struct {
	Text    string        // as written, zone included: the normal form
	FromNow bool          // relative: now + Shift
	Shift   time.Duration // 0 or negative
	Time    time.Time     // absolute, in UTC
}

// At returns the instant as a time, relative to now. No record is older than 1970, and to
// services earlier times are special values, such as -1 for the end of a log: the first
// record after them is the first one after the start of 1970.
func (i Instant) At(now time.Time) time.Time {
	at := i.Time
	if i.FromNow {
		at = now.Add(i.Shift).UTC()
	}
	if start := time.UnixMilli(0).UTC(); at.Before(start) {
		return start
	}
	return at
}

// lastMilli is the last millisecond of the year 9999.
const lastMilli = 253402300799999

// A ZoneError is an error of the time zone, not of the time.
type ZoneError struct{ error }

func (e ZoneError) Unwrap() error { return e.error }

// ParseInstant reads a time: RFC 3339 with zone, epoch milliseconds, now,
// now-24h, or a date-time without zone if a time zone is given.
func ParseInstant(s, zone string) (Instant, error) {
	if m := relative.FindStringSubmatch(s); m != nil {
		i := Instant{Text: s, FromNow: true}
		if m[1] == "" {
			return i, nil
		}
		d, err := ParseDuration(m[1], "h")
		if f := diag.FaultOf(err); f != nil {
			if _, err := ParseDuration(f.Write, "h"); err == nil {
				return i, diag.Correct(f.Reason, "now-"+f.Write)
			}
			return i, diag.Wrong(f.Reason, "write for example now-24h or now-30d")
		}
		i.Shift = -d
		return i, nil
	}
	if IsDigits(s) {
		return milliseconds(s)
	}
	if IsZoneless(s) {
		return inZone(s, zone)
	}
	if m := zoned.FindStringSubmatch(s); m != nil {
		return withZone(s, m, zone)
	}
	if dateOnly.MatchString(s) {
		if err := realDay(s); err != nil {
			return Instant{}, err
		}
		return Instant{}, lacksZone(fmt.Sprintf("%q is a date without a time", s), s+"T00:00:00", zone)
	}
	return Instant{}, notAnInstant(s, zone)
}

func milliseconds(s string) (Instant, error) {
	ms, err := strconv.ParseInt(s, 10, 64)
	switch {
	case len(s) > 1 && s[0] == '0':
		_, m := ParseNumber(s)
		return Instant{}, diag.Correct(m.Reason(), m.Write)
	case len(s) == 16 || len(s) == 19: // current times in micro- and nanoseconds
		return Instant{}, otherUnit(fmt.Sprintf("%s milliseconds since 1970 are after the year 9999: this looks like %s", s,
			map[int]string{16: "microseconds", 19: "nanoseconds"}[len(s)]), s[:13])
	case packed.MatchString(s) && realDay(s[:4]+"-"+s[4:6]+"-"+s[6:8]) == nil:
		return Instant{}, diag.Correct(s+" looks like a date, but digits only are read as milliseconds since 1970",
			fmt.Sprintf("%s-%s-%sT00:00:00Z", s[:4], s[4:6], s[6:8]))
	case err != nil || ms > lastMilli:
		return Instant{}, diag.Wrong(diag.Shorten(s)+" milliseconds since 1970 are after the year 9999",
			fmt.Sprintf("the maximum is %d", int64(lastMilli)))
	case ms > 0 && ms < 100_000_000_000:
		return Instant{}, otherUnit(fmt.Sprintf("%s milliseconds since 1970 are in %d: this looks like seconds", s,
			time.UnixMilli(ms).UTC().Year()), s+"000")
	}
	return Instant{Text: s, Time: time.UnixMilli(ms).UTC()}, nil
}

// withZone reads a date-time with a zone, in the parts that zoned found.
func withZone(s string, m []string, zone string) (Instant, error) {
	if err := realDay(m[1] + "-" + m[2] + "-" + m[3]); err != nil {
		return Instant{}, err
	}
	seconds := strings.ReplaceAll(m[7], ",", ".")
	if seconds == "" {
		seconds = ":00"
	}
	offset := strings.ToUpper(m[8])
	if plain := strings.ReplaceAll(offset[1:], ":", ""); offset != "Z" && len(plain) <= 4 {
		if len(plain) < 3 {
			plain = fmt.Sprintf("%02s", plain) + "00"
		}
		offset = offset[:1] + plain[:2] + ":" + plain[2:]
	}
	if offset != "Z" && (offset[1:3] > "23" || offset[4:] > "59") {
		return Instant{}, diag.Wrong(fmt.Sprintf("the zone %s does not exist", m[8]), "write Z, or an offset such as +08:00")
	}
	if len(seconds) > len(":00.123456789") {
		return Instant{}, diag.Wrong(fmt.Sprintf("%s has more than nine decimals", diag.Shorten(s)), "write at most nine")
	}
	better := m[1] + "-" + m[2] + "-" + m[3] + "T" + m[5] + ":" + m[6] + seconds + offset
	t, err := time.Parse(time.RFC3339, better)
	switch {
	case err != nil:
		return Instant{}, notATime(s, m[5], m[6], seconds)
	case offset != strings.ToUpper(m[8]):
		return Instant{}, diag.Correct(fmt.Sprintf("the zone %s is written %s", m[8], offset), better)
	case better != strings.ToUpper(s):
		return Instant{}, diag.Correct(fmt.Sprintf("%q is not a valid RFC 3339 time", s), better)
	case zone != "":
		return Instant{}, ZoneError{diag.Wrong(fmt.Sprintf("%q already has a zone", s), "remove timezone")}
	}
	return inYears(Instant{Text: s, Time: t.UTC()})
}

// notATime returns which part of a time is out of range.
func notATime(s, hour, minute, seconds string) error {
	switch {
	case hour > "23":
		return diag.Wrong(fmt.Sprintf("the hour %s does not exist", hour), "write 00 to 23")
	case minute > "59":
		return diag.Wrong(fmt.Sprintf("the minute %s does not exist", minute), "write 00 to 59")
	case len(seconds) > 2 && seconds[1:3] > "59":
		return diag.Wrong(fmt.Sprintf("the second %s does not exist", seconds[1:3]), "write 00 to 59")
	}
	return diag.Wrong(fmt.Sprintf("%q is not a time", diag.Shorten(s)), "write 2026-11-18T00:00:00Z")
}

// realDay returns an error for a day that does not exist.
func realDay(s string) error {
	year, _ := strconv.Atoi(s[:4])
	month, _ := strconv.Atoi(s[5:7])
	day, _ := strconv.Atoi(s[8:10])
	if year < 1 {
		return diag.Wrong(fmt.Sprintf("the year %s is out of range", s[:4]), "write a year from 0001 to 9999")
	}
	if month < 1 || month > 12 {
		return diag.Wrong(fmt.Sprintf("the month %s does not exist", s[5:7]), "write 01 to 12")
	}
	if last := time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day(); day < 1 || day > last {
		return diag.Wrong(fmt.Sprintf("the day %s does not exist: %s %d has %d days", s, time.Month(month), year, last), "correct the date")
	}
	return nil
}

func inYears(i Instant) (Instant, error) {
	if y := i.Time.Year(); y < 1 || y > 9999 {
		return Instant{}, diag.Wrong(fmt.Sprintf("the time is in the year %d in UTC", y), "write a year from 0001 to 9999")
	}
	return i, nil
}

func inZone(s, zone string) (Instant, error) {
	if err := realDay(s[:10]); err != nil {
		return Instant{}, err
	}
	plain := strings.NewReplacer("t", "T", " ", "T", ",", ".").Replace(s)
	if strings.Count(plain, ":") == 1 {
		plain += ":00"
	}
	naive, err := time.Parse("2006-01-02T15:04:05", plain)
	if err != nil {
		return Instant{}, notATime(s, plain[11:13], plain[14:16], plain[16:])
	}
	if zone == "" {
		return Instant{}, lacksZone(fmt.Sprintf("%q has no time zone and is ambiguous", s), plain, "")
	}
	at, err := Location(zone)
	if err != nil {
		return Instant{}, err
	}
	found := local(naive, at)
	switch len(found) {
	case 1:
		return inYears(Instant{Text: found[0].Format(time.RFC3339Nano), Time: found[0].UTC()})
	case 0:
		_, before := naive.Add(-36 * time.Hour).In(at).Zone()
		after := naive.Add(-time.Duration(before) * time.Second).In(at) // as if the clock had not been set forward
		return Instant{}, diag.Wrong(fmt.Sprintf("%s does not exist in %s: the clock was set forward past it", plain, zone),
			"write the time with its zone, such as "+after.Format(time.RFC3339))
	}
	return Instant{}, diag.Wrong(fmt.Sprintf("%s happened twice in %s: the clock was set back", plain, zone),
		fmt.Sprintf("write %s or %s", found[0].Format(time.RFC3339), found[1].Format(time.RFC3339)))
}

// Location returns a time zone that is the same on every machine.
func Location(zone string) (*time.Location, error) {
	lower := strings.ToLower(zone)
	if lower == "local" || lower == "localtime" || lower == "posixrules" {
		return nil, ZoneError{diag.Wrong(fmt.Sprintf("%q is a different zone on each machine", zone), "write a name such as Asia/Shanghai")}
	}
	at, err := time.LoadLocation(zone)
	if better := nearZone(zone); better != "" && (err != nil || better != zone) && strings.EqualFold(strings.ReplaceAll(zone, " ", "_"), better) {
		return nil, ZoneError{diag.Correct(fmt.Sprintf("%q is not a time zone", diag.Shorten(zone)), better)}
	}
	if zoneOffset.MatchString(zone) {
		return nil, ZoneError{diag.Wrong(fmt.Sprintf("%q is not the name of a time zone", diag.Shorten(zone)),
			"write the offset after the time, such as 2026-11-18T00:00:00+08:00")}
	}
	if better := nearZone(zone); err != nil && better != "" {
		return nil, ZoneError{diag.Wrong(fmt.Sprintf("%q is not a time zone", diag.Shorten(zone)), fmt.Sprintf("did you mean %s?", better))}
	}
	if err != nil || !zoneName.MatchString(zone) || strings.HasPrefix(lower, "posix/") || strings.HasPrefix(lower, "right/") {
		return nil, ZoneError{diag.Wrong(fmt.Sprintf("%q is not a time zone", diag.Shorten(zone)), "write an IANA name such as Asia/Shanghai")}
	}
	return at, nil
}

// local returns the instants at which clocks in a zone show a time, in order.
func local(naive time.Time, at *time.Location) []time.Time {
	const far = 36 * time.Hour
	var found []time.Time
	for _, probe := range []time.Duration{-far, far} {
		_, offset := naive.Add(probe).In(at).Zone()
		t := naive.Add(-time.Duration(offset) * time.Second).In(at)
		if _, real := t.Zone(); real != offset || len(found) > 0 && found[0].Equal(t) {
			continue
		}
		found = append(found, t)
	}
	return found
}

// ParseDuration reads a duration: 500ms, 30s, 5m, 1h30m, 7d, 1w. unit is the
// one to suggest for a number without a unit.
func ParseDuration(s, unit string) (time.Duration, error) {
	if !IsDuration(s) || len(s) > 100 {
		return 0, notADuration(s, unit)
	}
	total := new(big.Rat)
	for _, m := range spanUnit.FindAllStringSubmatch(s, -1) {
		n, ok := new(big.Rat).SetString(m[1])
		if !ok {
			return 0, errors.New("invalid duration")
		}
		total.Add(total, n.Mul(n, new(big.Rat).SetInt64(int64(units[m[2]]))))
	}
	if total.Cmp(new(big.Rat).SetInt64(math.MaxInt64)) > 0 {
		return 0, diag.Wrong(fmt.Sprintf("%s is too long", diag.Shorten(s)), "the maximum is 106751d")
	}
	if !total.IsInt() {
		return time.Duration(new(big.Int).Quo(total.Num(), total.Denom()).Int64()), nil
	}
	return time.Duration(total.Num().Int64()), nil
}

const day = 24 * time.Hour

var units = map[string]time.Duration{"ns": time.Nanosecond, "us": time.Microsecond, "µs": time.Microsecond, "ms": time.Millisecond,
	"s": time.Second, "m": time.Minute, "h": time.Hour, "d": day, "w": 7 * day}
