package view

import (
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/text"
)

// Impact describes in one line what a step's reset means: "About 1.2 GiB,
// oldest record from 2026-11-18T00:00:00Z; caught up in about 14m at 2,000/s; …".
// It is "" if nothing is known.
func Impact(i *plan.Impact) string {
	if i == nil {
		return ""
	}
	var volume, sentences []string
	if i.Bytes != nil {
		volume = append(volume, "about "+text.Bytes(*i.Bytes))
	}
	if i.Oldest != nil {
		volume = append(volume, "oldest record from "+i.Oldest.Format(time.RFC3339))
	}
	if len(volume) > 0 {
		sentences = append(sentences, strings.Join(volume, ", "))
	}
	switch {
	case i.CatchUp != nil && *i.CatchUp == 0:
		sentences = append(sentences, "nothing to catch up with")
	case i.CatchUp != nil:
		sentences = append(sentences, "caught up in about "+text.About(time.Duration(*i.CatchUp)*time.Second)+" at "+text.Rate(*i.Rate)+"/s")
	}
	for _, s := range []string{i.Race, i.Sample} {
		if s != "" {
			sentences = append(sentences, s)
		}
	}
	return text.Sentence(strings.Join(sentences, "; "))
}
