package schema

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/literal"
	"github.com/resetplan/resetplan/schema/tree"
	"gopkg.in/yaml.v3"
)

// The patterns of the plan's schema that have a better explanation than their
// description. A test finds each in the published file.
const (
	durationPattern = `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h|d|w))+$`
	brokerPattern   = `^(\[[0-9A-Fa-f:.]+\]|[^\s,/:@\[\]]+):[0-9]{1,5}$`
	hostPattern     = `^https?://[^\s/?#@]+/?$`
	endpointPattern = `^https?://[^\s/?#@]+(/[^\s?#]*)?$`
	limitPattern    = `^(unlimited|(0|[1-9][0-9]{0,18})[kMG])$`
	partPattern     = `^(0|[1-9][0-9]{0,9})(-(0|[1-9][0-9]{0,9}))?$`
	numberKey       = `^(0|[1-9][0-9]{0,9})$`
)

// explained returns why a pattern rejects a text, or "".
func explained(x *tree.Index, rule map[string]any, path, text string) (reason, remedy string) {
	switch rule["pattern"] {
	case tree.NamePattern:
		return invalidName(text, x.Values[path])
	case durationPattern:
		if z := zeroOf(path); z != nil && isZero(text) {
			return z.reason, z.remedy
		}
		_, err := literal.ParseDuration(text, unitOf(rule))
		return diag.Split(err)
	case brokerPattern:
		return literal.InvalidBroker(text)
	case endpointPattern:
		return literal.InvalidEndpoint(text)
	case hostPattern:
		return invalidHostURL(text)
	case limitPattern:
		return invalidLimit(text)
	case partPattern:
		return invalidPartition(text)
	}
	return "", ""
}

func invalidName(text string, at *yaml.Node) (reason, remedy string) {
	reason = "invalid name " + strconv.Quote(diag.Shorten(text))
	if what := diag.Lookalike(text, tree.TextColumn(at)); what != "" {
		return reason, what
	}
	if n := len([]rune(text)); n > 63 {
		return fmt.Sprintf("the name has %d characters", n), "write at most 63"
	}
	lower := strings.NewReplacer("_", "-", " ", "-", ".", "-", "/", "-").Replace(strings.ToLower(text))
	if regexp.MustCompile(tree.NamePattern).MatchString(lower) {
		return reason, "use lower-case letters, digits and dashes: " + lower
	}
	if strings.HasPrefix(text, "-") {
		return reason, "a name must begin with a lower-case letter or a digit"
	}
	return reason, "use lower-case letters, digits and dashes, and begin with a letter or a digit"
}

var countWord = pattern.New(`^(0|[1-9][0-9]*) *(?i:(thousand|million|billion)s?)$`)

func invalidLimit(text string) (reason, remedy string) {
	const write = "write a number such as 5000 or 5M, or unlimited"
	number := strings.TrimRight(text, "kKmMgGbB ")
	unit := strings.TrimSpace(text[len(number):])
	better := map[string]string{"K": "k", "m": "M", "g": "G", "b": "G", "B": "G", "k": "k", "M": "M", "G": "G"}[unit]
	if m := countWord.FindStringSubmatch(text); m != nil {
		unit := map[string]string{"t": "k", "m": "M", "b": "G"}[strings.ToLower(m[2][:1])]
		return fmt.Sprintf("invalid count %q", diag.Shorten(text)), "write " + m[1] + unit
	}
	switch {
	case literal.IsInteger(text):
		return "expected a number, got a string", "remove the quotes: " + diag.Shorten(text)
	case better != "" && literal.IsInteger(number) && number[0] != '-':
		return fmt.Sprintf("invalid count %q", diag.Shorten(text)), "write " + number + better
	case better != "" && literal.IsDecimal(number):
		return fmt.Sprintf("%s is not a whole number", diag.Shorten(text)), "write it without a fraction, such as 1500k for 1.5M"
	}
	if near := diag.Nearest(text, []string{"unlimited"}); near != "" {
		return fmt.Sprintf("invalid count %q", diag.Shorten(text)), "did you mean unlimited?"
	}
	return fmt.Sprintf("invalid count %q", diag.Shorten(text)), write
}

var (
	severalParts = pattern.New(`^\d+(?:-\d+)?(?:[, ]+\d+(?:-\d+)?)+$`)
	dottedRange  = pattern.New(`^(0|[1-9][0-9]{0,9})(?:\.\.+|:| *(?:to|–|—) *| +- *|- +)(0|[1-9][0-9]{0,9})$`)
)

// partsOf returns the numbers and ranges of a text.
func partsOf(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

func invalidPartition(text string) (reason, remedy string) {
	if m := severalParts.FindString(text); m != "" {
		return fmt.Sprintf("%q contains several numbers", diag.Shorten(text)), "write a list: [" + strings.Join(partsOf(text), ", ") + "]"
	}
	if m := dottedRange.FindStringSubmatch(text); m != nil {
		return fmt.Sprintf("invalid range %q", diag.Shorten(text)), fmt.Sprintf("write %s-%s", m[1], m[2])
	}
	if text == "all" || text == "*" {
		return fmt.Sprintf("invalid number %q", text), "remove the key: without it, all are selected"
	}
	low, high, isRange := strings.Cut(text, "-")
	value, m := literal.ParseNumber(low)
	last, _ := literal.ParseNumber(high)
	switch {
	case !isRange && value != "" && m.Write != "":
		return m.Reason(), m.Remedy(false)
	case isRange && text == value+"-"+last:
		return fmt.Sprintf("the range %q is too large", diag.Shorten(text)), "the numbers go from 0 to 2147483647"
	case isRange && value != "" && last != "" && literal.IsInteger(value) && literal.IsInteger(last):
		return fmt.Sprintf("invalid range %q", diag.Shorten(text)), fmt.Sprintf("write %s-%s", value, last)
	case isRange && high == "" && m.Write == "" && value != "":
		return fmt.Sprintf("the range %q has no end", diag.Shorten(text)), fmt.Sprintf("write %s-11", value)
	}
	return fmt.Sprintf("invalid number %q", diag.Shorten(text)), "write a number, or a range such as 0-11"
}

// invalidHostURL explains an endpoint that must have no path.
func invalidHostURL(text string) (reason, remedy string) {
	if reason, remedy = literal.InvalidEndpoint(text); reason != "" {
		return reason, remedy
	}
	_, rest, _ := strings.Cut(text, "://")
	_, path, _ := strings.Cut(rest, "/")
	return "the endpoint has a path, " + diag.Shorten("/"+path), "write only the scheme and the host"
}

var timeLike = pattern.New(`^(?:now\b|[0-9]{4}-[0-9]{2}-[0-9]{2})`)

var atTo = pattern.New(`^steps\[[0-9]+\]\.to$`)

// insteadOf has the other words of other tools, and what to write instead.
var insteadOf = map[string]string{"none": "unset", "delete": "unset", "remove": "unset", "committed": "current",
	"yesterday": "{timestamp: now-24h}"}

// writeTime is the remedy for a target that is a time without its key.
func writeTime(text string) string {
	if f := correction(text); f != nil {
		text = f.Write
	} else if _, err := literal.ParseInstant(text, ""); err != nil {
		return "write for example to: {timestamp: now-24h}"
	}
	return fmt.Sprintf("write to: {timestamp: %s}", diag.Shorten(text))
}

// correction returns the error of a time if it has a corrected time, or nil.
func correction(text string) *diag.Fault {
	_, err := literal.ParseInstant(text, "")
	if f := diag.FaultOf(err); f != nil {
		if _, err := literal.ParseInstant(f.Write, ""); err == nil {
			return f
		}
	}
	return nil
}

// orZone adds to a remedy that the time may be of another zone than UTC.
func orZone(text string) string {
	if f := correction(text); f != nil && f.Key != "" {
		return fmt.Sprintf(" for UTC, or to: {timestamp: %s, %s}", strings.TrimSuffix(f.Write, "Z"), f.Key)
	}
	return ""
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
	case isNumber && strings.HasPrefix(text, "-") && literal.IsInteger(text):
		remedy = fmt.Sprintf("write to: {shift: %s}", text)
	case len(text) == 13 && literal.IsInteger(text):
		remedy = fmt.Sprintf("write to: {timestamp: %s} for a time, or to: {offset: %s}", text, text)
	case len(text) == 10 && text[0] == '1' && literal.IsInteger(text):
		remedy = fmt.Sprintf("write to: {timestamp: %s000} for a time, or to: {offset: %s}", text, text)
	case literal.IsInteger(text):
		remedy = fmt.Sprintf("write to: {offset: %s}", text)
	case literal.Ago(text) != "":
		remedy = fmt.Sprintf("write to: {timestamp: %s}", literal.Ago(text))
	case timeLike.MatchString(text):
		remedy = writeTime(text) + orZone(text)
	case strings.HasPrefix(text, "+") && literal.IsInteger(text[1:]):
		remedy = fmt.Sprintf("write to: {shift: %s}", text[1:])
	case literal.IsDuration(strings.TrimPrefix(text, "-")):
		remedy = fmt.Sprintf("write to: {timestamp: now-%s}", strings.TrimPrefix(text, "-"))
	case insteadOf[strings.ToLower(text)] != "":
		remedy = "write to: " + insteadOf[strings.ToLower(text)]
	case kind == "time" && rest != "":
		remedy = writeTime(rest)
	case kind == "cursor" && rest != "":
		remedy = fmt.Sprintf("write to: {checkpoints: {0: %s}}", diag.Shorten(rest))
	case literal.Boundaries[strings.ToLower(text)] != "":
		remedy = "write to: " + literal.Boundaries[strings.ToLower(text)]
	case rest != "" && (kind == "offset" || kind == "shift" || kind == "group" || kind == "timestamp"):
		remedy = fmt.Sprintf("write to: {%s: %s}", kind, diag.Shorten(strings.TrimSpace(rest)))
	}
	if remedy == "" {
		return false
	}
	shown := text
	if !isNumber {
		shown = strconv.Quote(diag.Shorten(text))
	}
	t.report(path, false, fmt.Sprintf("%s is not a target", shown), remedy)
	return true
}

// synonyms has keys of other tools, in lower case and without punctuation, and the
// keys of a plan that mean the same.
var synonyms = map[string]string{
	"brokers": "bootstrapServers", "bootstrap": "bootstrapServers", "servers": "bootstrapServers", "broker": "bootstrapServers",
	"bootstrapserver": "bootstrapServers", "connection": "provider", "cluster": "provider",
	"brokerlist": "bootstrapServers", "metadatabrokerlist": "bootstrapServers", "kafkabrokers": "bootstrapServers",
	"hosts": "bootstrapServers", "host": "bootstrapServers endpoint", "address": "bootstrapServers endpoint", "addresses": "bootstrapServers",
	"zookeeper": "bootstrapServers", "zookeeperconnect": "bootstrapServers",
	"consumergroup": "group", "groupid": "group consumerGroup", "group": "consumerGroup", "groups": "group", "consumerid": "group",
	"consumer": "group", "consumergroups": "groups",
	"topicname": "topic", "topics": "topic", "partition": "partitions shards", "partitions": "shards", "partitionid": "partitions shards",
	"shard": "shards partitions", "shardid": "shards", "groupname": "group",
	"datetime": "timestamp", "time": "timestamp", "at": "timestamp", "since": "timestamp", "date": "timestamp", "tz": "timezone", "zone": "timezone",
	"shiftby": "shift", "by": "shift", "toffset": "offset", "tooffset": "offset", "position": "offset", "dependson": "needs", "depends": "needs",
	"after": "needs",
	"name":  "id", "target": "to", "destination": "to", "goto": "to", "parameters": "params", "inputs": "params", "variables": "params",
	"vars":        "params",
	"connections": "providers", "provider": "providers", "step": "steps", "tasks": "steps", "resets": "steps", "jobs": "steps",
	"cursors": "checkpoints", "cursor": "checkpoints", "ssl": "tls", "ca": "caFile", "cafile": "caFile", "cert": "certFile", "key": "keyFile",
	"user": "username", "securitymechanism": "mechanism", "saslmechanism": "mechanism", "instance": "instanceId", "organization": "orgId",
	"organisation": "orgId",
	"pipeline":     "pipelineId", "subscription": "subscribeId", "subscriptionid": "subscribeId", "continueonerror": "onError",
	"todatetime": "timestamp", "todate": "timestamp", "pass": "password", "pwd": "password",
	"str": "string", "text": "string", "int": "integer", "number": "integer", "bool": "boolean", "datetimes": "timestamp", "span": "duration",
	"url": "endpoint", "maxloss": "maxSkip", "maxlag": "maxReplay",
}

var signs = strings.NewReplacer(".", "", "_", "", "-", "", " ", "")

// exactly returns the known word that is written in another case or with another
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
	return diag.Nearest(written, known)
}

// lookalikeOr adds to a remedy which character of a value looks like another.
func lookalikeOr(x *tree.Index, path, text, remedy string) string {
	if what := diag.Lookalike(text, tree.TextColumn(x.Values[path])); what != "" {
		return what + "; " + remedy
	}
	return remedy
}
