package terminal

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/survey"
)

func reading(text string) survey.Event { return survey.Event{Kind: survey.Reading, Text: text} }

// lineOn returns a line that appears only when a test calls appear.
func lineOn(tty bool) (*ProgressLine, *bytes.Buffer) {
	var out bytes.Buffer
	return &ProgressLine{Out: &out, TTY: tty, After: time.Hour}, &out
}

func wrote(t *testing.T, out *bytes.Buffer, want string) {
	t.Helper()
	if out.String() != want {
		t.Errorf("wrote %q, want %q", out.String(), want)
	}
	out.Reset()
}

func TestProgressAppearsOnlyAfterAWhile(t *testing.T) {
	l, out := lineOn(true)
	l.Show(reading("reading 1 target"))
	wrote(t, out, "")
	l.appear()
	wrote(t, out, "\r\x1b[Kreading 1 target")
	l.Show(survey.Event{Step: "s", Kind: survey.Sending, Text: "sending 3 positions", Done: 1, Total: 2})
	wrote(t, out, "\r\x1b[K[1/2] s: sending 3 positions")
}

func TestProgressIsRemovedBeforeAnythingElseIsWritten(t *testing.T) {
	l, out := lineOn(true)
	stdout := l.Aside(out)
	l.Show(reading("reading"))
	l.appear()
	out.Reset()
	fmt.Fprint(stdout, "the result\n")
	wrote(t, out, "\r\x1b[Kthe result\n")
	l.appear() // of a timer that had already fired
	fmt.Fprint(stdout, "more\n")
	wrote(t, out, "more\n")
	l.Show(reading("again"))
	wrote(t, out, "")
}

func TestProgressWithoutATerminalIsOneLineForEachWait(t *testing.T) {
	l, out := lineOn(false)
	for _, e := range []survey.Event{
		reading("reading"),
		{Step: "s", Kind: survey.Waiting, Text: "waiting up to 5m more"},
		{Step: "s", Kind: survey.Waiting, Text: "waiting up to 4m59s more"},
		{Step: "s", Kind: survey.Settling, Text: "waiting for the reset to show"},
	} {
		l.Show(e)
	}
	wrote(t, out, "s: waiting up to 5m more\ns: waiting for the reset to show\n")
}

func TestTheTerminalIsBehindAllItsWriters(t *testing.T) {
	l, out := lineOn(true)
	if got := Behind(l.Aside(l.Aside(out))); got != out {
		t.Errorf("got %T, want the terminal", got)
	}
}

func TestProgressCannotSteerTheTerminal(t *testing.T) {
	l, out := lineOn(true)
	l.Show(survey.Event{Step: "all[\x1b[2J\u202e]", Kind: survey.Waiting, Text: "waiting"})
	l.appear()
	wrote(t, out, "\r\x1b[Kall[\\u001b[2J\\u202e]: waiting")
}

// TestProgressFillsTheTerminal fits the line to the terminal's real width.
func TestProgressFillsTheTerminal(t *testing.T) {
	long := strings.Repeat("0123456789", 12)
	for columns, want := range map[int]string{60: long[:58] + "…", 100: long[:98] + "…", 200: long} {
		l, out := lineOn(true)
		l.Columns = func() int { return columns }
		l.Show(reading(long))
		l.appear()
		wrote(t, out, "\r\x1b[K"+want)
	}
}
