package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestAnInterruptedReadingSendsNothing interrupts an apply while it waits for a
// broker that does not answer, with a timeout of a quarter of an hour.
func TestAnInterruptedReadingSendsNothing(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	signals, ended := make(chan os.Signal, 2), make(chan struct{})
	defer close(ended)
	go func() {
		if c, err := silent.Accept(); err == nil {
			signals <- os.Interrupt
			defer c.Close()
			<-ended
		}
	}()
	file := filepath.Join(t.TempDir(), "p.yaml")
	text := "version: 1\nname: p\nproviders: {k: {type: kafka, bootstrapServers: [\"" + silent.Addr().String() + "\"], timeout: 15m}}\n" +
		"steps: [{id: s, provider: k, target: {group: g, topic: t}, to: latest}]\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, stderr bytes.Buffer
	code := run(context.Background(), process{
		args: []string{"resetplan", "apply", file, "--auto-approve"}, stdin: strings.NewReader(""), stdout: &out, stderr: &stderr,
		signals: signals, getenv: func(string) string { return "" }, now: time.Now, operator: "tester@here",
	})
	if want := "resetplan: interrupted: nothing was sent\n"; code != 130 || stderr.String() != want || out.Len() > 0 {
		t.Errorf("code %d, %q, %q\nwant 130, %q", code, &stderr, &out, want)
	}
}
