package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers/sandbox"
)

// outputLanguage marks the block that shows what the command before it prints: its
// result and its messages, in their order. A line that has only … is for any lines.
const outputLanguage = "output"

// A mask replaces what is different each time.
type mask struct {
	pattern     *regexp.Regexp
	replacement string
}

func masks() []mask {
	return []mask{
		{regexp.MustCompile(`[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]+Z| [0-9]{2}:[0-9]{2} UTC)`), "TIME"},
		{regexp.MustCompile(`\b([0-9]+h)?([0-9]+m)?[0-9]+(\.[0-9]+)?m?s\b`), "DURATION"},
		{regexp.MustCompile(`\b[0-9.]+ ([KMGT]i)?B\b`), "SIZE"}, // of batches, which depend on the speed of a producer
		{regexp.MustCompile(`sha256:[0-9a-f]{64}`), "DIGEST"},
		{regexp.MustCompile(`by [a-z]+@[A-Za-z0-9.-]+`), "by SOMEONE"},
		{regexp.MustCompile(` +`), " "}, // the widths of columns, and of the addresses in them
	}
}

// masked returns the lines of an output without what is different each time.
func masked(text string) []string {
	for _, m := range masks() {
		text = m.pattern.ReplaceAllString(text, m.replacement)
	}
	var out []string
	for l := range strings.Lines(strings.TrimSpace(text)) {
		out = append(out, strings.TrimSpace(l))
	}
	return out
}

// compareOutput returns an error if the page shows another output of the command.
func (a action) compareOutput(screen string, box *sandbox.Sandbox) error {
	if a.shows == nil {
		return nil
	}
	for _, one := range box.Services() {
		screen = strings.ReplaceAll(screen, strings.TrimPrefix(one.Address, "http://"), sandbox.Default(one.Type))
	}
	shown, printed := masked(strings.Join(a.shows.lines, "\n")), masked(screen)
	if i := firstDifference(shown, printed); i >= 0 {
		return fmt.Errorf("line %d: %s does not print line %d of what the page shows:\n%s\nIt prints\n%s",
			a.shows.line, strings.Join(a.words, " "), i+1, strings.Join(shown[i:], "\n"), screen)
	}
	return nil
}

// firstDifference returns the index of the first shown line that was not printed at its
// position, or -1. Lines that were printed at the end and are not shown count for the last one.
func firstDifference(shown, printed []string) int {
	at := 0
	for i, want := range shown {
		if want == "…" {
			if i == len(shown)-1 {
				return -1
			}
			for at < len(printed) && printed[at] != shown[i+1] {
				at++
			}
			continue
		}
		if at >= len(printed) || printed[at] != want {
			return i
		}
		at++
	}
	if at < len(printed) {
		return len(shown) - 1
	}
	return -1
}

func TestOutputsOnPagesAreCompared(t *testing.T) {
	const output = "```sh\nresetplan plan replay.yaml   # shows it\n```\n\n```output\nreplay, run once\n\n+ replay  s\n" +
		"  kafka:127.0.0.1:19092/orders-billing/orders\n…\n  About 1.0 KiB, oldest record from 2026-11-26T12:52:10Z.\n…\n  orders/0-2    0  300       0   500  + replay up to 300 each, 900 together  600 -> 1,500\n\n…\n" +
		"Digest: sha256:0000000000000000000000000000000000000000000000000000000000000000\n```\n\n```sh\n"
	page := strings.Replace(servicePage, "```sh\nresetplan plan replay.yaml   # shows it\n", output, 1)
	for name, c := range map[string]struct{ old, replacement, want string }{
		"as it is":                        {"", "", ""},
		"another width of a column":       {"orders/0-2    0", "orders/0-2   0", ""},
		"another figure":                  {"300 each", "301 each", "orders/0-2 0 300 0 500 + replay up to 301 each"},
		"a line too many":                 {"+ replay  s\n", "+ replay  s\n+ replay  t\n", "does not print line 4"},
		"lines left out without a mark":   {"/orders\n…\n", "/orders\n", "does not print line 5"},
		"the end left out":                {"…\nDigest", "…\nDigest: x\nDigest", "Digest: x"},
		"the end left out with a mark":    {"Digest: sha256:0000000000000000000000000000000000000000000000000000000000000000\n", "", ""},
		"an output without its command":   {"```output", "```yaml\n# other.yaml\nversion: 1\n```\n\n```output", "no command comes before this output"},
		"an output that is not compared":  {"\n```output", "\n<!-- not run: an example -->\n\n```output\nanything\n```\n\n<!-- not run: another one -->\n\n```output", ""},
		"an output before its own marker": {"# Kafka\n", "# Kafka\n\n```output\nnothing\n```\n", "no command comes before this output"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(page, c.old, c.replacement, 1)
			if text == servicePage || c.old != "" && text == page {
				t.Fatal("nothing was replaced")
			}
			box := freshSandbox(t)
			t.Chdir(stagedExamples(t, box))
			switch err := readPage(text).run(box); {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("%q is not in: %v", c.want, err)
			}
		})
	}
}
