package main

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers/sandbox"
)

// The picture of the README shows one reset in two programs: what Kafka's own tool
// prints before it writes, and what resetplan does. Both ran against the same sandbox
// at the same time. The first output is recorded by TestIntegrationPicture; the second
// is new in each test.
const (
	pictureFile  = "../../docs/before-after.svg"
	beforeFile   = "testdata/picture/kafka-consumer-groups.txt"
	pictureWidth = 96 // columns
)

// pictureNow is when the picture is taken. The group has read up to 07:48 of the day before;
// the person who resets it means ten in the morning in Shanghai, and writes ten.
var pictureNow = time.Date(2026, time.November, 20, 3, 0, 0, 0, time.UTC)

func pictureClock() time.Time { return pictureNow }

// beforeWords are the command of the picture's first half, without its bootstrap server.
func beforeWords() []string {
	return []string{"--group", "orders-billing", "--topic", "orders", "--reset-offsets", "--to-datetime", "2026-11-19T10:00:00.000", "--dry-run"}
}

// afterWords are the command of its second half.
func afterWords(bootstrap string) []string {
	return []string{"resetplan", "plan", "--provider", "kafka", "--bootstrap", bootstrap, "--group", "orders-billing", "--topic", "orders",
		"--to", "2026-11-19T10:00:00Z"}
}

// pictureSandbox is a sandbox at the time of the picture.
func pictureSandbox(t *testing.T) *sandbox.Sandbox {
	t.Helper()
	box, err := sandbox.Start(t.Context(), sandbox.Options{Listen: freePorts(), Now: pictureClock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(box.Close)
	return box
}

// TestReadmePicture checks that the picture of the README shows what the programs print now.
func TestReadmePicture(t *testing.T) {
	before, err := os.ReadFile(beforeFile)
	if err != nil {
		t.Fatal(err)
	}
	want := drawing{
		title: "One reset, previewed by kafka-consumer-groups and by resetplan",
		description: "kafka-consumer-groups prints three partitions with their new offset, 323, and exits with 0. resetplan plan, for the same reset, " +
			"shows that the group is at 300, that the reset would skip 69 records, and blocks it with exit code 4.",
		panels: []panel{
			{caption: "Today: what would this reset do?", lines: beforeLines(string(before))},
			{caption: "With resetplan: it would lose 69 records", lines: afterLines(t)},
		},
	}.svg()
	if strings.Contains(want, unknownStyle) {
		t.Fatal("the program uses a colour that the picture has no class for: add it to classes")
	}
	if *update {
		if err := os.WriteFile(pictureFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(pictureFile)
	if err != nil {
		t.Fatal(err)
	}
	if want != string(have) {
		t.Errorf("%s is stale: run `make generate`, and look at it", pictureFile)
	}
}

// beforeLines are the first half: the command, and its recorded output.
func beforeLines(recorded string) []string {
	command := "kafka-consumer-groups --bootstrap-server " + sandbox.Default("kafka") + " " + strings.Join(beforeWords(), " ")
	return slices.Concat(prompt(command, " --reset-offsets"), strings.Split(strings.Trim(recorded, "\n"), "\n"), prompt("echo $?"), []string{"0"})
}

// afterLines are the second half. The digest is left out: it covers the address of
// the sandbox, which is another one in each test.
func afterLines(t *testing.T) []string {
	t.Helper()
	box := pictureSandbox(t)
	address, err := box.Address("kafka")
	if err != nil {
		t.Fatal(err)
	}
	var out, messages bytes.Buffer
	code := run(context.Background(), process{
		args: afterWords(address), stdin: &bytes.Buffer{}, stdout: &out, stderr: &messages, stdoutTTY: true, now: pictureClock,
		getenv: func(string) string { return "" }, operator: "tester@here", columns: fixedColumns,
	})
	if code != 4 {
		t.Fatalf("it exited with %d, want 4\n%s%s", code, &out, &messages)
	}
	text := strings.ReplaceAll(out.String(), address, sandbox.Default("kafka"))
	text, digest, found := strings.Cut(text, "\nDigest: ")
	if !found || strings.Count(digest, "\n") != 1 {
		t.Fatalf("the digest is not the last line of\n%s", &out)
	}
	lines := prompt(strings.Join(afterWords(sandbox.Default("kafka")), " "), " --group")
	return slices.Concat(lines, strings.Split(text, "\n"), prompt("echo $?"), []string{"4"})
}

// prompt is a command as a person types it, continued on a second line before the
// word breakAt.
func prompt(command string, breakAt ...string) []string {
	for _, at := range breakAt {
		if first, second, ok := strings.Cut(command, at); ok {
			return []string{dollar + first + " \\", "   " + at + second}
		}
	}
	return []string{dollar + command}
}
