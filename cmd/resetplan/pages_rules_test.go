package main

import (
	"strings"
	"testing"
)

// servicePage shows everything that a page may contain.
const servicePage = "# Kafka\n\n```yaml\n# replay.yaml\nversion: 1\nname: replay\n" +
	"providers: {k: {type: kafka, bootstrapServers: [\"127.0.0.1:19092\"]}}\n" +
	"steps: [{id: s, provider: k, target: {group: orders-billing, topic: orders}, to: earliest}]\n```\n\n" +
	"```sh\nresetplan plan replay.yaml   # shows it\nresetplan plan \\\n  replay.yaml --step t   # exits 3\n" +
	"aliyun ecs\nNO_COLOR=1 resetplan validate 'replay.yaml'\n```\n\n" +
	"On an account of yours:\n\n<!-- not run: needs an account -->\n\n    resetplan plan yours.yaml | less\n\n" +
	"Then:\n\n    resetplan apply examples/kafka-rewind/plan.yaml --set since=now-24h --auto-approve\n\n    resetplan version > version.txt\n"

// TestPagesAreRunAsTheyAreWritten runs a page with everything that the rules for
// pages describe.
func TestPagesAreRunAsTheyAreWritten(t *testing.T) {
	p := readPage(servicePage)
	var got []string
	for _, a := range p.actions {
		got = append(got, strings.Join(append([]string{a.file}, a.words...), " "))
	}
	want := "replay.yaml\n resetplan plan replay.yaml\n resetplan plan replay.yaml --step t\n resetplan validate replay.yaml\n" +
		" resetplan apply examples/kafka-rewind/plan.yaml --set since=now-24h --auto-approve\nversion.txt resetplan version"
	if strings.Join(got, "\n") != want {
		t.Errorf("it has\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	box := freshSandbox(t)
	t.Chdir(stagedExamples(t, box))
	if err := p.run(box); err != nil {
		t.Error(err)
	}
}

func TestPagesThatAreWrongAreReported(t *testing.T) {
	const plan = "resetplan plan replay.yaml"
	for name, c := range map[string]struct{ old, replacement, want string }{
		"a command that fails":               {"--step t   # exits 3", "--step t", "line 13: resetplan plan replay.yaml --step t exited with 3, want 0"},
		"a command that does not fail":       {plan + "   # shows it", plan + " # exits 4", "exited with 0, want 4"},
		"a pipe":                             {plan + "   #", plan + " | head #", "<!-- not run: REASON -->"},
		"a prompt":                           {plan + "   #", "$ " + plan + " #", "only plain calls"},
		"a command in another command":       {plan + "   #", "source <(resetplan completion bash) #", "only plain calls"},
		"an account without a mark":          {"<!-- not run: needs an account -->", "", "line 23"},
		"a mark without a reason":            {"<!-- not run: needs an account -->", "<!-- not run: -->", "line 23"},
		"a mark that belongs to other words": {"needs an account -->\n", "needs an account -->\n\nFor example:\n", "line 25"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(servicePage, c.old, c.replacement, 1)
			if text == servicePage {
				t.Fatal("nothing was replaced")
			}
			box := freshSandbox(t)
			t.Chdir(stagedExamples(t, box))
			if err := readPage(text).run(box); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%q is not in: %v", c.want, err)
			}
		})
	}
}
