package schema

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	safe "github.com/resetplan/resetplan/plan/text"
	"gopkg.in/yaml.v3"
)

// The patterns of the plan's schema that have a better explanation than their
// description. A test finds each in the published file.
const (
	namePattern     = `^[a-z0-9][a-z0-9-]{0,62}$`
	durationPattern = `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h|d|w))+$`
	brokerPattern   = `^(\[[0-9A-Fa-f:.]+\]|[^\s,/:@\[\]]+):[0-9]{1,5}$`
	endpointPattern = `^https?://[^\s/?#@]+(/[^\s?#]*)?$`
	limitPattern    = `^(unlimited|(0|[1-9][0-9]{0,18})[kMG])$`
	partPattern     = `^(0|[1-9][0-9]{0,9})(-(0|[1-9][0-9]{0,9}))?$`
	numberKey       = `^(0|[1-9][0-9]{0,9})$`
)

// explained says what is wrong with a text that a pattern rejects, or "".
func (x *nodeIndex) explained(rule map[string]any, path, text string) (reason, remedy string) {
	switch rule["pattern"] {
	case namePattern:
		return invalidName(text, x.values[path])
	case durationPattern:
		_, err := parseDuration(text, unitOf(rule))
		return parted(err)
	case brokerPattern:
		return invalidBroker(text)
	case endpointPattern:
		return invalidEndpoint(text)
	case limitPattern:
		return invalidLimit(text)
	case partPattern:
		return invalidPartition(text)
	}
	return "", ""
}

// parted splits an error at its semicolon, behind which is what to write.
func parted(err error) (reason, remedy string) {
	if err == nil {
		return "", ""
	}
	reason, remedy, _ = strings.Cut(err.Error(), "; ")
	return reason, remedy
}

// looks are letters that look like Latin ones.
var looks = map[rune]rune{'а': 'a', 'е': 'e', 'о': 'o', 'р': 'p', 'с': 'c', 'у': 'y', 'х': 'x', 'і': 'i', 'ј': 'j', 'ѕ': 's', 'ԁ': 'd', 'һ': 'h', 'ӏ': 'l',
	'А': 'A', 'В': 'B', 'Е': 'E', 'К': 'K', 'М': 'M', 'Н': 'H', 'О': 'O', 'Р': 'P', 'С': 'C', 'Т': 'T', 'Х': 'X', 'Ѕ': 'S', 'І': 'I',
	'ο': 'o', 'α': 'a', 'ν': 'v', 'ι': 'i', 'κ': 'k', 'ρ': 'p', 'υ': 'u', 'ı': 'i', '‐': '-', '‑': '-', '–': '-', '—': '-', '−': '-', '．': '.', '：': ':', '，': ',', '“': '"', '”': '"', '‘': '\'', '’': '\'', '\u00a0': ' ', '\u3000': ' '}

// latin names a character that another one looks like.
func latin(r rune) string {
	if r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
		return "Latin " + string(r)
	}
	return string(r)
}

// lookalike names the first character of a text that looks like another.
func lookalike(text string, at *yaml.Node) string {
	column := 1
	if at != nil {
		column = at.Column
		if at.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
			column++
		}
	}
	for i, r := range []rune(text) {
		if like := looks[r]; like != 0 {
			return fmt.Sprintf("the character U+%04X at column %d looks like %s; type %c instead", r, column+i, latin(like), like)
		}
		if r >= 0x80 || safe.Hidden(r) {
			return fmt.Sprintf("the character U+%04X at column %d is not allowed here", r, column+i)
		}
	}
	return ""
}

func invalidName(text string, at *yaml.Node) (reason, remedy string) {
	reason = "invalid name " + strconv.Quote(shorten(text))
	if what := lookalike(text, at); what != "" {
		return reason, what
	}
	if n := len([]rune(text)); n > 63 {
		return fmt.Sprintf("the name has %d characters", n), "write at most 63"
	}
	lower := strings.NewReplacer("_", "-", " ", "-", ".", "-", "/", "-").Replace(strings.ToLower(text))
	if regexp.MustCompile(namePattern).MatchString(lower) {
		return reason, "use lower-case letters, digits and dashes: " + lower
	}
	if strings.HasPrefix(text, "-") {
		return reason, "a name must begin with a lower-case letter or a digit"
	}
	return reason, "use lower-case letters, digits and dashes, and begin with a letter or a digit"
}

func invalidLimit(text string) (reason, remedy string) {
	const write = "write a number such as 5000 or 5M, or unlimited"
	number := strings.TrimRight(text, "kKmMgGbB ")
	unit := strings.TrimSpace(text[len(number):])
	better := map[string]string{"K": "k", "m": "M", "g": "G", "b": "G", "B": "G", "k": "k", "M": "M", "G": "G"}[unit]
	switch {
	case integer.MatchString(text):
		return "expected a number, got a string", "remove the quotes: " + shorten(text)
	case better != "" && integer.MatchString(number) && number[0] != '-':
		return fmt.Sprintf("invalid count %q", shorten(text)), "write " + number + better
	case better != "" && decimal.MatchString(number):
		return fmt.Sprintf("%s is not a whole number", shorten(text)), "write it without a fraction, such as 1500k for 1.5M"
	}
	if near := Nearest(text, []string{"unlimited"}); near != "" {
		return fmt.Sprintf("invalid count %q", shorten(text)), "did you mean unlimited?"
	}
	return fmt.Sprintf("invalid count %q", shorten(text)), write
}

func invalidPartition(text string) (reason, remedy string) {
	low, high, isRange := strings.Cut(text, "-")
	value, m := spelling(low)
	last, n := spelling(high)
	switch {
	case !isRange && value != "" && m.write != "":
		return m.reason(), m.remedy(false)
	case isRange && value != "" && last != "" && integer.MatchString(value) && integer.MatchString(last):
		return fmt.Sprintf("invalid range %q", shorten(text)), fmt.Sprintf("write %s-%s", value, last)
	case isRange && high == "" && m.write == "" && value != "":
		return fmt.Sprintf("the range %q has no end", shorten(text)), fmt.Sprintf("write %s-11", value)
	}
	_ = n
	return fmt.Sprintf("invalid number %q", shorten(text)), "write a number, or a range such as 0-11"
}

var timeLike = regexp.MustCompile(`^(?:now\b|[0-9]{4}-[0-9]{2}-[0-9]{2})`)

var atTo = regexp.MustCompile(`^steps\[[0-9]+\]\.to$`)

// words of other tools for the two boundaries.
var boundaries = map[string]string{"end": "latest", "newest": "latest", "last": "latest", "tail": "latest", "high": "latest",
	"start": "earliest", "begin": "earliest", "beginning": "earliest", "oldest": "earliest", "first": "earliest", "low": "earliest"}

// insteadOf has words of other tools that are no boundaries.
var insteadOf = map[string]string{"none": "unset", "delete": "unset", "remove": "unset", "committed": "current", "yesterday": "{timestamp: now-24h}"}

// timestampFor is a target at a time, as the time should be written.
func timestampFor(text string) string {
	if _, err := parseInstant(text, ""); err != nil {
		_, remedy := parted(err)
		write, _, _ := strings.Cut(strings.TrimPrefix(remedy, "write "), ",")
		if _, err := parseInstant(write, ""); err == nil {
			text = write
		}
	}
	return fmt.Sprintf("{timestamp: %s}", shorten(text))
}

// toWithoutKey reports a target that lacks the key that says what it is.
func (t *translator) toWithoutKey(value any, path string) bool {
	if !atTo.MatchString(path) {
		return false
	}
	text := scalar(value)
	_, isNumber := value.(json.Number)
	remedy := ""
	switch kind, rest, _ := strings.Cut(text, ":"); {
	case isNumber && strings.HasPrefix(text, "-") && integer.MatchString(text):
		remedy = fmt.Sprintf("write to: {shift: %s}", text)
	case len(text) == 13 && integer.MatchString(text):
		remedy = fmt.Sprintf("write to: {timestamp: %s} for a time, or to: {offset: %s}", text, text)
	case integer.MatchString(text):
		remedy = fmt.Sprintf("write to: {offset: %s}", text)
	case timeLike.MatchString(text):
		remedy = "write to: " + timestampFor(text)
	case strings.HasPrefix(text, "+") && integer.MatchString(text[1:]):
		remedy = fmt.Sprintf("write to: {shift: %s}", text[1:])
	case span.MatchString(strings.TrimPrefix(text, "-")):
		remedy = fmt.Sprintf("write to: {timestamp: now-%s}", strings.TrimPrefix(text, "-"))
	case insteadOf[strings.ToLower(text)] != "":
		remedy = "write to: " + insteadOf[strings.ToLower(text)]
	case kind == "time" && rest != "":
		remedy = "write to: " + timestampFor(rest)
	case kind == "cursor" && rest != "":
		remedy = fmt.Sprintf("write to: {checkpoints: {0: %s}}", shorten(rest))
	case boundaries[strings.ToLower(text)] != "":
		remedy = "write to: " + boundaries[strings.ToLower(text)]
	case rest != "" && (kind == "offset" || kind == "shift" || kind == "group" || kind == "timestamp"):
		remedy = fmt.Sprintf("write to: {%s: %s}", kind, shorten(strings.TrimSpace(rest)))
	}
	if remedy == "" {
		return false
	}
	shown := text
	if !isNumber {
		shown = strconv.Quote(shorten(text))
	}
	t.report(path, false, fmt.Sprintf("%s is not a target", shown), remedy)
	return true
}

// synonyms are keys of other tools, without case and signs, and ours.
var synonyms = map[string]string{
	"brokers": "bootstrapServers", "bootstrap": "bootstrapServers", "servers": "bootstrapServers", "broker": "bootstrapServers", "brokerlist": "bootstrapServers", "metadatabrokerlist": "bootstrapServers", "kafkabrokers": "bootstrapServers",
	"hosts": "bootstrapServers", "host": "bootstrapServers endpoint", "address": "bootstrapServers endpoint", "addresses": "bootstrapServers", "zookeeper": "bootstrapServers", "zookeeperconnect": "bootstrapServers",
	"consumergroup": "group", "groupid": "group consumerGroup", "group": "consumerGroup", "groups": "group", "consumerid": "group", "consumer": "group", "consumergroups": "groups",
	"topicname": "topic", "topics": "topic", "partition": "partitions shards", "partitions": "shards", "partitionid": "partitions shards", "shard": "shards partitions", "shardid": "shards", "groupname": "group",
	"datetime": "timestamp", "time": "timestamp", "at": "timestamp", "since": "timestamp", "date": "timestamp", "tz": "timezone", "zone": "timezone",
	"shiftby": "shift", "by": "shift", "toffset": "offset", "tooffset": "offset", "position": "offset", "dependson": "needs", "depends": "needs", "after": "needs",
	"name": "id", "target": "to", "destination": "to", "goto": "to", "parameters": "params", "inputs": "params", "variables": "params", "vars": "params",
	"connections": "providers", "provider": "providers", "step": "steps", "tasks": "steps", "resets": "steps", "jobs": "steps",
	"cursors": "checkpoints", "cursor": "checkpoints", "ssl": "tls", "ca": "caFile", "cafile": "caFile", "cert": "certFile", "key": "keyFile",
	"user": "username", "securitymechanism": "mechanism", "saslmechanism": "mechanism", "instance": "instanceId", "organization": "orgId", "organisation": "orgId",
	"pipeline": "pipelineId", "subscription": "subscribeId", "subscriptionid": "subscribeId", "continueonerror": "onError",
	"todatetime": "timestamp", "todate": "timestamp", "pass": "password", "pwd": "password",
	"str": "string", "text": "string", "int": "integer", "number": "integer", "bool": "boolean", "datetimes": "timestamp", "span": "duration",
	"url": "endpoint", "maxloss": "maxSkip", "maxlag": "maxReplay",
}

var signs = strings.NewReplacer(".", "", "_", "", "-", "", " ", "")

// exactly returns the known word that is written in another way, or by another
// tool's name, or "".
func exactly(written string, known []string) string {
	plain := plainKey(written)
	for _, k := range known {
		if strings.EqualFold(k, plain) {
			return k
		}
	}
	for _, word := range strings.Fields(synonyms[plain]) {
		if slices.Contains(known, word) {
			return word
		}
	}
	return ""
}

// meant returns the known word that was probably meant, or "".
func meant(written string, known []string) string {
	if word := exactly(written, known); word != "" {
		return word
	}
	return Nearest(written, known)
}
