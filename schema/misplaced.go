package schema

import (
	"fmt"
	"strings"
	"sync"

	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/schema/diag"
)

// A section is a part of a plan whose keys people write in other parts.
type section struct {
	name  string
	write string // how a key of it is written, with %s for the key
	keys  map[string]any
}

// sections are searched in this order: group is a key of target and of to.
var sections = sync.OnceValue(func() []section {
	text := planText()
	properties := func(pointer string) map[string]any {
		out, _ := lookup(text, pointer+"/properties").(map[string]any)
		return out
	}
	target, provider := map[string]any{}, map[string]any{}
	for _, t := range providerTypes() {
		for k, v := range properties("/$defs/target-" + t) {
			target[k] = v
		}
		for k, v := range properties("/$defs/provider-" + t) {
			provider[k] = v
		}
	}
	delete(provider, "type")
	return []section{
		{"guards", "write guards: {%s: …}", properties("/$defs/guards")},
		{"target", "write it in a step: target: {%s: …}", target},
		{"to", "write it in a step: to: {%s: …}", properties("/$defs/to/else")},
		{"idle", "write it in a step: idle: {%s: …}", properties("/$defs/step/properties/idle")},
		{"start", "write it in a step: start: {%s: …}", properties("/$defs/step/properties/start")},
		{"step", "write %s in a step", properties("/$defs/step")},
		{"provider", "write %s in the connection, under providers", provider},
		{"", "write %s at the top of the document", properties("")},
	}
})

var (
	stepPath     = pattern.New(`^steps\[[0-9]+\]$`)
	providerPath = pattern.New(`^providers\.[^.]+$`)
)

// sectionOf returns the name of the section at a path.
func sectionOf(path string) string {
	switch {
	case stepPath.MatchString(path):
		return "step"
	case providerPath.MatchString(path):
		return "provider"
	case strings.HasPrefix(path, "steps["), path == "guards":
		return path[strings.LastIndexByte(path, '.')+1:]
	}
	return path
}

// belongs returns the section of a plan that has a key, and how to write it there,
// if it is not the section at the path.
func belongs(key, path string) (name, remedy string) {
	here := sectionOf(path)
	if strings.HasPrefix(path, "params.") || strings.HasPrefix(path, "labels") {
		return "", ""
	}
	for _, s := range sections() {
		if s.name == here && exactly(key, sortedKeys(s.keys)) != "" {
			return "", "" // a key of another service
		}
	}
	for _, s := range sections() {
		if s.name == here || s.name == "" && here == "target" {
			continue
		}
		word := exactly(key, sortedKeys(s.keys))
		if word == "" || s.name == "step" && (word == "description" || word == "id" || word == "to" && here == "to") {
			continue
		}
		return s.name, fmt.Sprintf(strings.Replace(s.write, "it in a step: ", when(here == "step", "", "it in a step: "), 1), word)
	}
	return "", ""
}

func when(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}

// foreignKeys are keys of Kafka clients, in lower case and without punctuation, and
// what to write in a plan instead.
var foreignKeys = map[string]string{
	"securityprotocol":       "write tls: {} for SSL and SASL_SSL, and sasl: {mechanism: …} for SASL",
	"saslmechanism":          "write sasl: {mechanism: …}",
	"sasljaasconfig":         "write sasl: {mechanism: …, env: {username: NAME, password: NAME}}, with names of environment variables",
	"sslcalocation":          "write tls: {caFile: FILE}",
	"ssltruststorelocation":  "write tls: {caFile: FILE}, with certificates as PEM",
	"sslcertificatelocation": "write tls: {certFile: FILE, keyFile: FILE}",
	"sslkeylocation":         "write tls: {certFile: FILE, keyFile: FILE}",
	"sslkeystorelocation":    "write tls: {certFile: FILE, keyFile: FILE}, both as PEM",
	"autooffsetreset":        "remove it; write the target in a step: to: earliest, or to: latest",
	"offsetreset":            "remove it; write the target in a step: to: earliest, or to: latest",
	"offsetresetstrategy":    "remove it; write the target in a step: to: earliest, or to: latest",
	"clientid":               "remove it",
	"requesttimeoutms":       "write timeout: 30s in the connection",
	"sessiontimeoutms":       "remove it; timeout: 30s bounds each call",
	"timeoutms":              "write timeout: 30s in the connection",
	"enableautocommit":       "remove it",
	"clearstagestate": "remove it; EnOS clears the state of one operator at a time, for named assets and measurement points: call Delete Stage State " +
		"for each while the pipeline is paused",
	"dryrun":            "remove it; `resetplan plan` shows the effect and sends nothing",
	"execute":           "remove it; `resetplan apply` sends what the plan shows",
	"resetoffsets":      "remove it; every step is a reset",
	"alltopics":         "remove it; without topic and topics, every topic of the group is reset",
	"namespace":         "remove it",
	"annotations":       "write labels at the top of the document",
	"resource":          "write each reset as a step: steps: [{id: NAME, provider: NAME, target: {group: NAME}, to: …}]",
	"saslusername":      "write sasl: {mechanism: …, env: {username: NAME, password: NAME}}, with names of environment variables",
	"saslplainusername": "write sasl: {mechanism: …, env: {username: NAME, password: NAME}}, with names of environment variables",
	"required":          "remove it; a parameter without a default is required",
	"apiversion":        "write version: 1",
	"kind":              "remove it; a plan begins with version: 1",
	"metadata":          "write name and labels at the top of the document",
	"spec":              "write its keys at the top of the document",
}

// toWords are keys under to that are whole targets, in lower case and without
// punctuation.
var toWords = map[string]string{
	"earliest": "to: earliest", "latest": "to: latest", "current": "to: current", "unset": "to: unset", "default": "to: default",
	"toearliest": "to: earliest", "tolatest": "to: latest", "tocurrent": "to: current", "beginning": "to: earliest", "end": "to: latest",
	"duration": "to: {timestamp: now-2h}", "byduration": "to: {timestamp: now-2h}", "ago": "to: {timestamp: now-2h}",
}

func plainKey(key string) string { return strings.ToLower(signs.Replace(key)) }

// replacement returns what to write instead of an unknown key, and which of the keys
// known there was probably meant.
func replacement(key, path string, known []string) (remedy, word string) {
	plain := plainKey(key)
	if word := exactly(key, known); word != "" {
		return fmt.Sprintf("did you mean %s?", word), word
	}
	if atTo.MatchString(path) || stepPath.MatchString(path) {
		if write := toWords[plain]; write != "" {
			return "write " + write, "to"
		}
	}
	if write := foreignKeys[plain]; write != "" {
		return write, map[string]string{"apiversion": "version", "resource": "steps"}[plain]
	}
	if head, _, tight := strings.Cut(key, ":"); tight && exactly(head, known) != "" {
		return fmt.Sprintf("write a space after the colon: %s: …", exactly(head, known)), exactly(head, known)
	}
	if name, write := belongs(key, path); write != "" {
		return write, name
	}
	if word := diag.Nearest(key, known); word != "" {
		return fmt.Sprintf("did you mean %s?", word), word
	}
	return "", ""
}
