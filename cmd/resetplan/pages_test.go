package main

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/cmd/resetplan/internal/complete"
	"github.com/resetplan/resetplan/providers/sandbox"
)

// A page is what a reader of a Markdown file would do, in the order of the file:
// save the plans that it shows, and run its commands. "Pages" in docs/CONTRIBUTING.md
// describes how a page is written.
type page struct {
	actions []action
	faults  []string // what makes the page impossible to check
}

// An action is a command to run, or a file to save.
type action struct {
	line    int
	words   []string // of a command, from `resetplan` on
	env     map[string]string
	exits   int
	answer  string // what a person types when the command asks
	file    string // the name of a file to save, or that a command's result goes to
	content string // of a file to save
	shows   *block // what the page shows as its output
}

var (
	notRun     = regexp.MustCompile(`^<!-- not run: .*\S.* -->$`)
	savedAs    = regexp.MustCompile(`^# ([A-Za-z0-9_.-]+\.ya?ml)\b`)
	exitsWith  = regexp.MustCompile(`(?:\bexits|退出码) ([0-9]+)\b`)
	answers    = regexp.MustCompile(`(?:\banswer|回答) ([a-z0-9]+)`)
	assignment = regexp.MustCompile(`^([A-Z][A-Z0-9_]*)=(.*)$`)
	callOf     = regexp.MustCompile(`^\W*resetplan$`)
	shellOnly  = regexp.MustCompile(`^[|&;<>]|^[12]>|;$|\$\(|` + "`")
)

// A block is a fenced or indented block of a page.
type block struct {
	language string
	line     int // of its first line
	lines    []string
	notRun   bool
}

// readPage reads the text of a Markdown file.
func readPage(text string) *page {
	p := &page{}
	env := map[string]string{}
	commands := false // the block before has commands
	for _, b := range blocksOf(text) {
		ran := commands
		commands = false
		switch {
		case b.notRun:
		case b.language == outputLanguage && !ran:
			p.faults = append(p.faults, fmt.Sprintf("line %d: no command comes before this output; write it after the block of its command", b.line))
		case b.language == outputLanguage:
			p.actions[len(p.actions)-1].shows = &b
		case b.language == "yaml":
			if m := savedAs.FindStringSubmatch(b.lines[0]); m != nil {
				p.actions = append(p.actions, action{line: b.line, file: m[1], content: strings.Join(b.lines, "\n") + "\n"})
			}
		case slices.Contains([]string{"", "sh", "bash", "shell", "console"}, b.language):
			before := p.calls()
			p.commands(b, env)
			commands = p.calls() > before
		}
	}
	return p
}

// blocksOf returns the blocks of a Markdown text. A mark holds for the block after it.
func blocksOf(text string) []block {
	var out []block
	var current *block
	fence, marked := "", false
	end := func() {
		if current != nil && len(current.lines) > 0 {
			out = append(out, *current)
		}
		current = nil
	}
	for i, l := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(l)
		switch {
		case fence != "" && trimmed == fence:
			end()
			fence = ""
		case fence != "":
			current.lines = append(current.lines, l)
		case strings.HasPrefix(trimmed, "```"):
			end()
			fence = "```"
			current, marked = &block{language: strings.Trim(trimmed, "` "), line: i + 2, notRun: marked}, false
		case strings.HasPrefix(l, "    ") && current != nil:
			current.lines = append(current.lines, l)
		case strings.HasPrefix(l, "    "):
			current, marked = &block{line: i + 1, lines: []string{l}, notRun: marked}, false
		case trimmed == "":
			if current != nil {
				current.lines = append(current.lines, "")
			}
		default:
			end()
			marked = notRun.MatchString(trimmed)
		}
	}
	end()
	return out
}

// commands adds the commands of a block. Lines of other programs are left to the reader.
func (p *page) commands(b block, env map[string]string) {
	for i := 0; i < len(b.lines); i++ {
		line, l := b.line+i, strings.TrimSpace(b.lines[i])
		for ; strings.HasSuffix(l, `\`) && i+1 < len(b.lines); i++ {
			l = strings.TrimSuffix(l, `\`) + strings.TrimSpace(b.lines[i+1])
		}
		l, comment, _ := strings.Cut(l, " #")
		words := slices.DeleteFunc(complete.SplitShellLine(strings.TrimSpace(l), "").Words, func(w string) bool { return w == "" })
		if len(words) > 0 && words[0] == "export" {
			for _, w := range words[1:] {
				if m := assignment.FindStringSubmatch(w); m != nil {
					env[m[1]] = m[2]
				}
			}
			continue
		}
		a := action{line: line, env: maps.Clone(env)}
		for len(words) > 0 && assignment.MatchString(words[0]) {
			m := assignment.FindStringSubmatch(words[0])
			a.env[m[1]], words = m[2], words[1:]
		}
		if n := len(words); n > 2 && words[n-2] == ">" {
			a.file, words = words[n-1], words[:n-2]
		}
		switch {
		case strings.HasPrefix(l, "#") || !slices.ContainsFunc(words, callOf.MatchString):
			continue
		case words[0] != "resetplan" || slices.ContainsFunc(words, shellOnly.MatchString):
			p.faults = append(p.faults, fmt.Sprintf("line %d: %s: only plain calls can be run; rewrite it, or write "+
				"<!-- not run: REASON --> before the block", line, l))
			continue
		}
		if m := exitsWith.FindStringSubmatch(comment); m != nil {
			a.exits, _ = strconv.Atoi(m[1])
		}
		if m := answers.FindStringSubmatch(comment); m != nil {
			a.answer = m[1]
		}
		a.words = words
		p.actions = append(p.actions, a)
	}
}

// calls returns how many commands a page has.
func (p *page) calls() int {
	n := 0
	for _, a := range p.actions {
		if a.words != nil {
			n++
		}
	}
	return n
}

// run does what a page shows, in the working folder, against a sandbox. It returns
// the first command that ends differently than the page says.
func (p *page) run(box *sandbox.Sandbox) error {
	if len(p.faults) > 0 {
		return fmt.Errorf("%s", strings.Join(p.faults, "\n"))
	}
	for _, a := range p.actions {
		var words []string
		for _, w := range a.words {
			words = append(words, onSandbox(w, box))
		}
		text := onSandbox(a.content, box)
		if words != nil {
			var result, screen bytes.Buffer
			if code := answered(words, a.env, a.answer, io.MultiWriter(&result, &screen), &screen); code != a.exits {
				return fmt.Errorf("line %d: %s exited with %d, want %d\n%s", a.line, strings.Join(words, " "), code, a.exits, &screen)
			}
			if err := a.compareOutput(screen.String(), box); err != nil {
				return err
			}
			text = result.String()
		}
		if a.file == "" {
			continue
		}
		if err := os.WriteFile(a.file, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// onSandbox replaces the default addresses of the sandbox in a text by those of box.
func onSandbox(text string, box *sandbox.Sandbox) string {
	for _, one := range box.Services() {
		text = strings.ReplaceAll(text, sandbox.Default(one.Type), strings.TrimPrefix(one.Address, "http://"))
	}
	return text
}

// TestPages runs the commands of every page of the documentation, in its order,
// against a sandbox of its own.
func TestPages(t *testing.T) {
	for _, file := range documentation(t) {
		t.Run(strings.TrimPrefix(file, "../../"), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p := readPage(string(raw))
			if strings.HasPrefix(file, "../../docs/services/") && p.calls() == 0 {
				t.Fatal("the page of a service has no command that is run: show at least a first plan on `resetplan sandbox`")
			}
			if len(p.actions) == 0 && len(p.faults) == 0 {
				return
			}
			box := freshSandbox(t)
			t.Chdir(stagedExamples(t, box))
			if err := p.run(box); err != nil {
				t.Error(err)
			}
		})
	}
}

// documentation returns the pages of the documentation.
func documentation(t *testing.T) []string {
	t.Helper()
	all := []string{"../../README.md"}
	for _, pattern := range []string{"../../docs/*.md", "../../docs/*/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	return all
}

// stagedExamples returns a folder with the plans of examples/, on a sandbox.
func stagedExamples(t *testing.T, box *sandbox.Sandbox) string {
	t.Helper()
	to := t.TempDir()
	err := filepath.WalkDir("../../examples", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		out := filepath.Join(to, strings.TrimPrefix(filepath.ToSlash(path), "../../"))
		if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
			return err
		}
		return os.WriteFile(out, []byte(onSandbox(string(raw), box)), 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}
