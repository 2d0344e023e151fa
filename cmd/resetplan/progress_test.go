package main

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/survey"
)

func reading(text string) survey.Event { return survey.Event{Kind: survey.Reading, Text: text} }

// lineOn returns a line whose moment comes only when a test calls ripen.
func lineOn(tty bool) (*progressLine, *bytes.Buffer) {
	var out bytes.Buffer
	return &progressLine{out: &out, tty: tty, after: time.Hour}, &out
}

func told(t *testing.T, out *bytes.Buffer, want string) {
	t.Helper()
	if out.String() != want {
		t.Errorf("got %q, not %q", out.String(), want)
	}
	out.Reset()
}

func TestProgressAppearsOnlyAfterAWhile(t *testing.T) {
	l, out := lineOn(true)
	l.tell(reading("reading 1 target"))
	told(t, out, "")
	l.ripen()
	told(t, out, "\r\x1b[Kreading 1 target")
	l.tell(survey.Event{Step: "s", Kind: survey.Sending, Text: "sending 3 positions", Done: 1, Total: 2})
	told(t, out, "\r\x1b[K[1/2] s: sending 3 positions")
}

func TestProgressIsGoneBeforeAnythingElseIsWritten(t *testing.T) {
	l, out := lineOn(true)
	stdout := l.aside(out)
	l.tell(reading("reading"))
	l.ripen()
	out.Reset()
	fmt.Fprint(stdout, "the result\n")
	told(t, out, "\r\x1b[Kthe result\n")
	l.ripen() // a timer that was under way
	fmt.Fprint(stdout, "more\n")
	told(t, out, "more\n")
	l.tell(reading("again"))
	told(t, out, "")
}

func TestProgressElsewhereIsALineAWait(t *testing.T) {
	l, out := lineOn(false)
	for _, e := range []survey.Event{
		reading("reading"),
		{Step: "s", Kind: survey.Waiting, Text: "waiting up to 5m more"},
		{Step: "s", Kind: survey.Waiting, Text: "waiting up to 4m59s more"},
		{Step: "s", Kind: survey.Settling, Text: "waiting for the reset to show"},
	} {
		l.tell(e)
	}
	told(t, out, "s: waiting up to 5m more\ns: waiting for the reset to show\n")
}

func TestProgressShowsNothingThatSteersATerminal(t *testing.T) {
	l, out := lineOn(true)
	l.tell(survey.Event{Step: "all[\x1b[2J\u202e]", Kind: survey.Waiting, Text: "waiting"})
	l.ripen()
	told(t, out, "\r\x1b[Kall[\\u001b[2J\\u202e]: waiting")
}
