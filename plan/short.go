package plan

import (
	"fmt"
	"strings"

	"github.com/resetplan/resetplan/plan/text"
)

// Unread are the errors of the steps that could not be read, each with all its steps.
func (p *Plan) Unread() []string {
	var texts []string
	ids := map[string][]string{}
	for _, s := range p.Steps {
		if s.Error == "" {
			continue
		}
		if ids[s.Error] == nil {
			texts = append(texts, s.Error)
		}
		ids[s.Error] = append(ids[s.Error], s.ID)
	}
	for i, t := range texts {
		texts[i] = StepNames(ids[t]) + ": " + t
	}
	return texts
}

// UnreadInShort names the steps of a shown plan that could not be read. A single error is
// repeated in full.
func (p *Plan) UnreadInShort() []string {
	all := p.Unread()
	if len(all) < 2 {
		return all
	}
	var ids []string
	for _, s := range p.Steps {
		if s.Error != "" {
			ids = append(ids, s.ID)
		}
	}
	return []string{fmt.Sprintf("%s could not be read (%s), see above", text.Plural(len(ids), "step"), text.JoinNames(ids, MostListed))}
}

// StepNames names steps: "step a", "steps a, b and 3 more".
func StepNames(ids []string) string {
	if len(ids) == 1 {
		return "step " + ids[0]
	}
	return "steps " + text.JoinNames(ids, MostListed)
}

// RelativeTime returns the first relative time of the plan and its step, "" if it has
// none. With one, the digest changes by the minute.
func (p *Plan) RelativeTime() (written, step string) {
	for _, s := range p.Steps {
		if s.Relative != "" {
			return s.Relative, s.ID
		}
	}
	return "", ""
}

// Reasons lists why the plan's blocked steps are blocked.
func (p *Plan) Reasons() string {
	var ids, why []string
	for _, s := range p.Steps {
		if s.Action == Blocked {
			ids, why = append(ids, s.ID), append(why, s.Why)
		}
	}
	return JoinSteps(ids, why)
}

// JoinSteps writes what there is about each of some steps as one sentence: "step a: …;
// steps b, c: …".
func JoinSteps(ids, sentences []string) string {
	var out []string
	for _, one := range text.Together(sentences) {
		var of []string
		for _, i := range one.At {
			of = append(of, ids[i])
		}
		out = append(out, StepNames(of)+": "+strings.TrimSuffix(one.Text, "."))
	}
	return text.JoinReasons(out)
}

// ReasonsInShort names the blocked steps of a plan that was shown. A single reason is
// repeated in full.
func (p *Plan) ReasonsInShort() string {
	var ids []string
	for _, s := range p.Steps {
		if s.Action == Blocked {
			ids = append(ids, s.ID)
		}
	}
	if len(ids) < 2 {
		return p.Reasons()
	}
	return fmt.Sprintf("%s are blocked (%s), see above", text.Plural(len(ids), "step"), text.JoinNames(ids, MostListed))
}
