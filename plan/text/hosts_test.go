package text_test

import (
	"testing"

	"github.com/resetplan/resetplan/plan/text"
)

func TestLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "LocalHost": true, "127.0.0.1": true, "127.9.9.9": true, "::1": true, "::ffff:127.0.0.1": true,
		"": false, "localhost.": false, "localhost.example.com": false, "127.0.0.1.example.com": false, "127.1": false, "0x7f000001": false,
		"2130706433": false, "010.0.0.1": false, "0.0.0.0": false, "::": false, "::1%lo": false, "10.0.0.1": false, "128.0.0.1": false,
		"ⓛocalhost": false, "localho\u017ft": false,
	} {
		if got := text.Loopback(host); got != want {
			t.Errorf("%q: got %t", host, got)
		}
	}
}
