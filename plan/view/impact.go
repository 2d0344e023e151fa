package view

import (
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/text"
)

// impact tells in one line what a step's reset means: "About 1.2 GiB, oldest
// record of 2026-11-18T00:00:00Z; caught up in about 14m at 2,000/s; …". It is
// "" where nothing is known.
func impact(i *plan.Impact) string {
	if i == nil {
		return ""
	}
	var volume, all []string
	if i.Bytes != nil {
		volume = append(volume, "about "+text.Bytes(*i.Bytes))
	}
	if i.Oldest != nil {
		volume = append(volume, "oldest record of "+i.Oldest.Format(time.RFC3339))
	}
	if len(volume) > 0 {
		all = append(all, strings.Join(volume, ", "))
	}
	switch {
	case i.CatchUp != nil && *i.CatchUp == 0:
		all = append(all, "nothing to catch up with")
	case i.CatchUp != nil:
		all = append(all, "caught up in about "+text.About(time.Duration(*i.CatchUp)*time.Second)+" at "+text.Rate(*i.Rate)+"/s")
	}
	for _, text := range []string{i.Race, i.Sample} {
		if text != "" {
			all = append(all, text)
		}
	}
	return text.Sentence(strings.Join(all, "; "))
}
