package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/cmd/resetplan/internal/cmdline"
	"github.com/resetplan/resetplan/schema"
	"github.com/urfave/cli/v2"
)

// madeBy is the first line of a page that is derived from the code.
const madeBy = "<!-- made by `make generate` -->\n"

// TestReference checks that the pages in docs/reference match the commands, the
// schemas and the results in JSON.
func TestReference(t *testing.T) {
	pages := map[string]string{
		"commands.md": commandsPage(t),
		"json.md":     jsonPage(t),
	}
	for _, kind := range []schema.Kind{schema.Plan, schema.Lock, schema.Saved, schema.Configuration} {
		pages[string(kind)+".md"] = schemaPage(t, kind)
	}
	for file, want := range pages {
		path := filepath.Join("../../docs/reference", file)
		if *update {
			if err := os.WriteFile(path, []byte(madeBy+want), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != madeBy+want {
			t.Errorf("%s is stale: run `make generate`", path)
		}
	}
	found, err := filepath.Glob("../../docs/reference/*.md")
	if err != nil || len(found) != len(pages) {
		t.Errorf("docs/reference has %d pages, and %d are made: %v", len(found), len(pages), err)
	}
}

// commandsPage describes every command with its flags and exit codes.
func commandsPage(t *testing.T) string {
	t.Helper()
	app := newApp(process{getenv: func(string) string { return "" }, now: time.Now})
	cmdline.Derive(app.Commands...)
	var list, text strings.Builder
	for _, c := range runnableCommands(app.Commands, "resetplan") {
		list.WriteString("| [`" + c.path + "`](#" + anchor(c.path) + ") | " + cell(c.Usage) + " |\n")
		text.WriteString("\n## `" + c.path + "`\n\n" + sentence(c.Usage) + "\n\n" + synopsis(c) + described(c.Description) +
			flagTable(ownFlags(c.Flags)))
		if grouped(c.Flags) {
			text.WriteString("\nAnd the flags of a [plan without a file](#plans-without-a-file).\n")
		}
	}
	out := "# Commands\n\nFlags may come before or after the file. `-` as FILE reads a plan from standard input.\n\n" +
		"| command | what it does |\n|---|---|\n" + list.String() +
		"\n## Exit codes\n\n" + exitTable(exitCodes) +
		"\nCode 5 also means that another client committed over a step, that a replay is not over, that consumers are still paused, or\n" +
		"that the result could not be printed after a change; the lock has what happened. With 130, the current step was finished or\n" +
		"recorded as in doubt. The sections below name what differs for a command.\n" +
		text.String() + "\n## Plans without a file\n\n" +
		"`plan` and `apply` accept these flags instead of FILE; `snapshot`, `doctor` and `init` those of the connection and the\n" +
		"target. Each is a key of a [plan](plan.md). A service in parentheses is the only one that has the flag.\n"
	title := ""
	var rows []cli.Flag
	flush := func() {
		if len(rows) > 0 {
			out += "\n### " + strings.TrimSuffix(sentence(strings.ToLower(title)), ".") + "\n" + flagTable(rows)
		}
		rows = nil
	}
	for _, f := range adhocFlags() {
		if category(f) != title {
			flush()
			title = category(f)
		}
		rows = append(rows, f)
	}
	flush()
	return out + "\n## Flags of every command\n" + flagTable(commonFlags())
}

// A calledCommand is a command without commands of its own, with the words that call it.
type calledCommand struct {
	path string
	*cli.Command
}

func runnableCommands(commands []*cli.Command, prefix string) []calledCommand {
	var out []calledCommand
	for _, c := range commands {
		switch path := prefix + " " + c.Name; {
		case c.Hidden:
		case len(c.Subcommands) == 0:
			out = append(out, calledCommand{path, c})
		default:
			out = append(out, runnableCommands(c.Subcommands, path)...)
		}
	}
	return out
}

func synopsis(c calledCommand) string {
	usage := c.UsageText
	if usage == "" {
		usage = strings.TrimSpace(c.path + " [options] " + c.ArgsUsage)
	}
	return "```text\n" + strings.TrimSpace(usage) + "\n```\n"
}

// described is a description: its paragraphs, its tables and examples as text, and
// its exit codes as a table.
func described(text string) string {
	out := ""
	for _, p := range strings.Split(strings.Trim(text, "\n"), "\n\n") {
		switch {
		case p == "" || strings.HasSuffix(p, exitCodes) || strings.HasSuffix(p, applyExits):
		case strings.HasPrefix(p, "Exit codes: "):
			out += "\n" + exitTable(p)
		case strings.HasPrefix(p, "Example: "):
			out += "\n```text\n" + strings.ReplaceAll(p, "Example: ", "") + "\n```\n"
		case strings.Contains("\n"+p, "\n  ") || strings.HasPrefix(p, "resetplan "):
			out += "\n```text\n" + p + "\n```\n"
		default:
			out += "\n" + p + "\n"
		}
	}
	return out
}

// exitTable makes a table of a paragraph such as "Exit codes: 0 done; 1 failed."
func exitTable(text string) string {
	out := "| exit code | meaning |\n|---|---|\n"
	text = strings.TrimSuffix(strings.TrimPrefix(strings.ReplaceAll(text, "\n", " "), "Exit codes: "), ".")
	for _, one := range strings.Split(text, "; ") {
		code, meaning, _ := strings.Cut(one, " ")
		out += "| " + code + " | " + cell(meaning) + " |\n"
	}
	return out
}

// ownFlags are those of a command that are not on the page elsewhere.
func ownFlags(flags []cli.Flag) []cli.Flag {
	return slices.DeleteFunc(slices.Clone(flags), func(f cli.Flag) bool {
		common := slices.ContainsFunc(commonFlags(), func(c cli.Flag) bool { return c.Names()[0] == f.Names()[0] })
		return common || category(f) != "" || f.Names()[0] == "help"
	})
}

func grouped(flags []cli.Flag) bool {
	return slices.ContainsFunc(flags, func(f cli.Flag) bool { return category(f) != "" })
}

func category(f cli.Flag) string {
	if c, ok := f.(cli.CategorizableFlag); ok {
		return c.GetCategory()
	}
	return ""
}

func flagTable(flags []cli.Flag) string {
	if len(flags) == 0 {
		return ""
	}
	out := "\n| flag | meaning | default |\n|---|---|---|\n"
	for _, f := range flags {
		usage := ""
		if d, ok := f.(cli.DocGenerationFlag); ok {
			usage = strings.ReplaceAll(d.GetUsage(), "`", "")
		}
		out += "| `" + cmdline.Written(f) + "` | " + cell(sentence(usage)) + " | " + cell(cmdline.Default(f)) + " |\n"
	}
	return out
}

// cell is a text in a table: one line, in which nothing is a column or a tag.
func cell(text string) string {
	return strings.NewReplacer("\n", " ", "|", `\|`, "<", "&lt;", "*", `\*`, "$", `\$`, "~", `\~`).Replace(text)
}

func sentence(text string) string {
	text = strings.TrimSuffix(text, ".")
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

func anchor(title string) string {
	return strings.NewReplacer(" ", "-", "`", "", ".", "", ",", "").Replace(strings.ToLower(title))
}
