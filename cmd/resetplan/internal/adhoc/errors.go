package adhoc

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan/draft"
	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/schema"
	"github.com/resetplan/resetplan/schema/diag"
)

var (
	index     = pattern.New(`\[[0-9]+\]`)
	anyOfKeys = pattern.New(`^(write|add it:) ((?:[a-zA-Z]+, )*[a-zA-Z]+ or [a-zA-Z]+)$`)
	inSection = pattern.New(`\b(guards|idle|start|sasl)(?:\.([a-zA-Z]+)|: \{([a-zA-Z]+): ([^{}]*)\})`)
	writeOne  = pattern.New(`^write [-0-9]+$`)
	keyValue  = pattern.New(`\b([a-zA-Z]+): (\[[^\]]*\]|[A-Z][A-Za-z/]*)`)
	advice    = pattern.New(`\b(such as|add|write|set|use) ([a-zA-Z]+): ([^\s,;{]+)`)
	isTrue    = pattern.New(`\b([a-zA-Z]+): true\b`)
	camelCase = pattern.New(`\b[a-z]+(?:\.?[A-Za-z]+)*\b`)
)

// Translate returns the errors of a plan from flags with the flags instead of lines.
func Translate(one *draft.OneStep, errs diag.Errors) diag.Errors {
	places := placesOf(one.Type)
	var out diag.Errors
	for _, f := range errs {
		path := strings.ReplaceAll(f.Path, "steps[0]", "step")
		e := diag.Error{Reason: allWords(one.Type, namedKeys(one.Type, path, f.Reason)), Remedy: allWords(one.Type, namedKeys(one.Type, path, f.Remedy)),
			Secret: f.Secret, Omitted: f.Omitted}
		if f.Missing != "" {
			path += "." + f.Missing
			e.Reason = "the flag is missing"
		}
		if path == "step.to" && strings.HasPrefix(f.Reason, "unknown value ") && strings.HasPrefix(f.Remedy, "write one of ") {
			e.Remedy = "write " + somePositions
		}
		path = index.ReplaceAllString(path, "")
		if key, ok := strings.CutPrefix(path, "step.to."); ok && writeOne.MatchString(f.Remedy) && inputOfTo(key).Path != nil {
			e.Remedy = "write " + key + ":" + strings.TrimPrefix(f.Remedy, "write ")
		}
		if e.File = places.nearest(path); e.File == "--to" {
			e.Remedy = toFlag.ReplaceAllStringFunc(e.Remedy, func(s string) string {
				m := toFlag.FindStringSubmatch(s)
				return "--to " + strings.TrimPrefix(strings.TrimPrefix(m[1]+":"+m[2], "timestamp:"), ":") + m[3]
			})
		}
		out = append(out, e)
	}
	return out.Report()
}

// toFlag is a target position as a plan has it: one key with its value, or one word.
var toFlag = pattern.New(`\bto: (?:\{(\w+): ([^,{}\s]+)\}|(\w+))`)

// Merged returns the errors of the flags themselves, and those of the plan about
// other flags, in the order of a plan: connection, target, position, guards.
func Merged(own, others diag.Errors) diag.Errors {
	out := slices.Clone(own)
	for _, f := range others {
		if !slices.ContainsFunc(own, func(o diag.Error) bool { return o.File == f.File }) {
			out = append(out, f)
		}
	}
	order := []string{"--provider"}
	sections := []schema.Section{schema.OfProvider, schema.OfTarget, schema.OfTo, schema.OfGuards, schema.OfIdle, schema.OfStart, schema.OfStep}
	after := map[schema.Section]string{schema.OfProvider: aConnection, schema.OfTarget: aTarget}
	for _, section := range sections {
		if section == schema.OfTo {
			order = append(order, "--to")
		}
		for _, f := range Flags() {
			if f.Inputs[0].Section == section {
				order = append(order, "--"+f.Name)
			}
		}
		order = append(order, after[section])
	}
	slices.SortStableFunc(out, func(a, b diag.Error) int {
		return cmp.Compare(uint(slices.Index(order, a.File)), uint(slices.Index(order, b.File)))
	})
	return out
}

// IsPlace reports whether a text is what an error of Translate or of Call names
// instead of a file: a flag, or a part of the plan.
func IsPlace(name string) bool {
	return strings.HasPrefix(name, "--") || slices.Contains([]string{aPlan, aConnection, aTarget}, name)
}

// Parts of a plan without a flag of their own.
const (
	aPlan       = "the plan"
	aConnection = "the connection"
	aTarget     = "the target"
)

// places are the flags of a type's keys, by the path of the key in a plan.
type places map[string]string

func placesOf(kind string) places {
	out := places{
		"": aPlan, "providers": "--provider", "providers." + kind: aConnection, "step": aPlan, "step.target": aTarget,
		"step.to": "--to",
	}
	before := map[schema.Section]string{
		schema.OfProvider: "providers." + kind, schema.OfTarget: "step.target", schema.OfTo: "step.to", schema.OfGuards: "step.guards",
		schema.OfIdle: "step.idle", schema.OfStart: "step.start", schema.OfStep: "step",
	}
	for _, f := range Flags() {
		if in, ok := f.Of(kind); ok {
			out[before[in.Section]+"."+strings.Join(in.Path, ".")] = "--" + f.Name
		}
	}
	return out
}

// nearest returns the flag of a path, or of the nearest key around it.
func (p places) nearest(path string) string {
	for {
		if at, ok := p[path]; ok {
			return at
		}
		path = path[:max(0, strings.LastIndexByte(path, '.'))]
	}
}

// flagOf returns the flag of a key, which its section may precede; "" for none.
func flagOf(kind string, path ...string) string {
	for _, f := range Flags() {
		in, ok := f.Of(kind)
		if ok && (slices.Equal(in.Path, path) || slices.Equal(append([]string{string(in.Section)}, in.Path...), path)) {
			return "--" + f.Name
		}
	}
	return ""
}

// aboutKeys are sentences about keys, each of which may also be a word of a language.
var aboutKeys = []*pattern.Pattern{
	pattern.New(`^(\S+) and (\S+) are mutually exclusive$`), pattern.New(`^(\S+) without (\S+)$`),
	pattern.New(`^(\S+) is only allowed with (\S+)(?: or (\S+))?$`), pattern.New(`^add (\S+), (?:such as .+, )?or remove (\S+)$`),
}

// namedKeys replaces the keys of such a sentence, which is about a path, by their flags.
func namedKeys(kind, path, sentence string) string {
	for _, p := range aboutKeys {
		m := p.FindStringSubmatch(sentence)
		if m == nil {
			continue
		}
		var around []string // the keys between a section and this one
		if near := strings.Split(path, "."); len(near) > 3 {
			around = near[2 : len(near)-1]
		}
		words := strings.Split(sentence, " ")
		for i, w := range words {
			if key := strings.TrimSuffix(w, ","); slices.Contains(m[1:], key) {
				flag := cmp.Or(flagOf(kind, strings.Split(key, ".")...), flagOf(kind, append(slices.Clone(around), key)...))
				words[i] = cmp.Or(flag, key) + strings.TrimPrefix(w, key)
			}
		}
		return strings.Join(words, " ")
	}
	return sentence
}

// allWords is Words, and also replaces the names of keys within a sentence, if they
// cannot be words of a language.
func allWords(kind, sentence string) string {
	return camelCase.ReplaceAllStringFunc(Words(kind, sentence), func(word string) string {
		if strings.ToLower(word) == word && !strings.Contains(word, ".") {
			return word
		}
		if flag := flagOf(kind, strings.Split(word, ".")...); flag != "" {
			return flag
		}
		return word
	})
}

// Words returns a sentence about a plan in which the advice to write a key is to
// write the flag of a type of provider.
func Words(kind, sentence string) string {
	flagOf := func(path ...string) string { return flagOf(kind, path...) }
	if m := anyOfKeys.FindStringSubmatch(sentence); m != nil {
		words := regexp.MustCompile(`[a-zA-Z]+`).ReplaceAllStringFunc(m[2], func(word string) string {
			if flag := flagOf(word); flag != "" {
				return flag
			}
			return word
		})
		return m[1] + " " + words
	}
	sentence = inSection.ReplaceAllStringFunc(sentence, func(s string) string {
		m := inSection.FindStringSubmatch(s)
		flag := flagOf(m[1], m[2]+m[3])
		switch {
		case flag == "":
			return s
		case m[4] == "" || m[4] == "true":
			return flag
		}
		return flag + " " + m[4]
	})
	sentence = isTrue.ReplaceAllStringFunc(sentence, func(s string) string {
		if flag := flagOf(strings.TrimSuffix(s, ": true")); flag != "" {
			return flag
		}
		return s
	})
	sentence = advice.ReplaceAllStringFunc(sentence, func(s string) string {
		m := advice.FindStringSubmatch(s)
		if flag := flagOf(m[2]); flag != "" && m[3] != "true" {
			return m[1] + " " + flag + " " + m[3]
		}
		return s
	})
	return keyValue.ReplaceAllStringFunc(sentence, func(s string) string {
		m := keyValue.FindStringSubmatch(s)
		if flag := flagOf(m[1]); flag != "" {
			return flag + " " + strings.Trim(m[2], "[]")
		}
		return s
	})
}
