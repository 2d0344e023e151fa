package main

import "testing"

func TestControlSequencesNeedATerminalThatObeysThem(t *testing.T) {
	for _, c := range []struct {
		tty  bool
		term string
		want bool
	}{{true, "xterm-256color", true}, {true, "", true}, {true, "dumb", false}, {false, "xterm", false}} {
		p := process{getenv: func(name string) string { return map[string]string{"TERM": c.term}[name] }}
		if got := p.controls(c.tty); got != c.want {
			t.Errorf("terminal %v, TERM=%s: got %v", c.tty, c.term, got)
		}
	}
}
