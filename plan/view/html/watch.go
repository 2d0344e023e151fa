package html

import (
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/watch"
)

// watchedSteps is the number of steps that the page of a watch shows.
const watchedSteps = 200

// A Live is where the page of a watch gets its next reading.
type Live struct {
	Next  string // the address of the next reading, relative to the page; "" = there is none
	Ended string // why there is none
}

// A watchPage is the content of the page of a watch. It is complete without scripts:
// the script only replaces it with the next reading.
type watchPage struct {
	Title, Lead string
	Alarms      []string
	Live        Live
	Steps       []watchedStep
	More        string // the steps that are not shown

	Policy string
	Style  template.CSS
	Script template.JS
}

// A watchedStep is one step of a watch.
type watchedStep struct {
	ID, Word, Address string
	Tone              view.Tone
	Known             bool // its progress
	Read              int  // from 0 to barLength
	Facts             []fact
	Remarks           []string
	Bad               bool // the remarks call for action
}

// Progress writes one reading of a watch as a page that is served on this machine and
// replaces its content with the next reading.
func Progress(w io.Writer, p *watch.Progress, l Live) error {
	pg := &watchPage{
		Title: "Watch of " + view.Plain(p.Name), Live: Live{l.Next, view.Plain(l.Ended)},
		Lead: fmt.Sprintf("Run %s, read at %s.", view.Plain(p.Run), moment(p.At)),
	}
	if p.UnderWay {
		pg.Lead += " An apply is in progress."
	}
	if p.Away != "" {
		pg.Alarms = append(pg.Alarms, "Read failed, retrying: "+view.Plain(p.Away)+". The figures are those of the last reading.")
	}
	steps := view.MostUrgent(p.Steps)
	for i := range steps[:min(len(steps), watchedSteps)] {
		pg.Steps = append(pg.Steps, watched(&steps[i]))
	}
	if n := len(steps) - len(pg.Steps); n > 0 {
		pg.More = fmt.Sprintf("%s not shown. Steps with a problem and those that lag behind are shown first.", text.Plural(n, "step"))
	}
	return execute(w, "page/watch.html.tmpl", "page/watch.js", "'self'", func(style template.CSS, script template.JS, policy string) any {
		pg.Style, pg.Script, pg.Policy = style, script, policy
		return pg
	})
}

func watched(s *watch.StepProgress) watchedStep {
	out := watchedStep{
		ID: view.Plain(s.ID), Word: view.ProgressWord(s), Address: view.Plain(s.Address), Tone: watchedTone(s), Remarks: view.ProgressAlarms(s),
		Bad:   s.Failure != watch.NoFailure || s.Error != "",
		Facts: []fact{{Name: "Consumers", Value: strings.TrimPrefix(view.ProgressConsumers(s), "consumers ")}},
	}
	if s.Lag == nil {
		out.Facts = append(out.Facts, fact{Name: "Progress", Value: "unknown"})
		return out
	}
	out.Known, out.Read = true, barLength
	if *s.Lag > 0 && *s.Total > 0 {
		out.Read = scale(*s.Done, 0, *s.Total)
	}
	out.Facts = append(out.Facts,
		fact{Name: "Read", Value: fmt.Sprintf("%s of %s (%s)", text.Grouped(*s.Done), text.Grouped(*s.Total), view.Percent(s))},
		fact{Name: "Left", Value: text.Grouped(*s.Lag)})
	if s.Rate != nil {
		out.Facts = append(out.Facts, fact{Name: "Reading", Value: text.Rate(*s.Rate) + "/s"}, fact{Name: "Arriving", Value: text.Rate(*s.Arrival) + "/s"})
	}
	if s.ETA != nil && *s.ETA > 0 && !s.CaughtUp {
		out.Facts = append(out.Facts, fact{Name: "Caught up in", Value: "about " + text.About(time.Duration(*s.ETA)*time.Second)})
	} else if pace := view.Pace(s); pace != "" {
		out.Facts = append(out.Facts, fact{Name: "Pace", Value: pace})
	}
	return out
}

func watchedTone(s *watch.StepProgress) view.Tone {
	switch {
	case s.Failure != watch.NoFailure || s.Error != "":
		return view.Bad
	case s.Settled:
		return view.Good
	}
	return view.Warn
}
