package literal

import "testing"

func TestHostGlobs(t *testing.T) {
	for _, c := range []struct {
		glob, host, port string
		match            bool
	}{
		{"*.internal:9093", "b1.internal", "9093", true},
		{"*.internal:9093", "B1.Internal.", "9093", true},
		{"*.internal:9093", "b1.internal", "9092", false},
		{"*.internal:9093", "internal", "9093", false},
		{"*.internal:9093", "b1.internal.evil.com", "9093", false},
		{"*.internal:909?", "b1.internal", "9094", true},
		{"*.aliyuncs.com", "alikafka.cn-hangzhou.aliyuncs.com", "443", true},
		{"*.aliyuncs.com", "alikafka.cn-hangzhou.aliyuncs.com", "8080", true},
		{"b1.internal:*", "b1.internal", "1", true},
		{"*", "anything", "1", true},
		{"*:443", "anything", "80", false},
		{"[::1]:9093", "::1", "9093", true},
		{"[0:0:0:0:0:0:0:1]", "::1", "9093", true},
		{"[::1]:9093", "::2", "9093", false},
		{"127.0.0.1", "127.0.0.1", "9", true},
		{"127.0.0.1", "::ffff:127.0.0.1", "9", true},
		{"127.0.0.1", "127.0.0.10", "9", false},
		{"10.0.*", "10.0.1.2", "9", true},
	} {
		g, reason, _ := ParseHostGlob(c.glob)
		if reason != "" || g.Match(c.host, c.port) != c.match {
			t.Errorf("%s on %s and %s: want %t, the pattern is %q", c.glob, c.host, c.port, c.match, reason)
		}
	}
	for _, wrong := range []string{"", "::1", "a b", "x:", "x:123456", "x:abc", "https://x", "[::1", "[x]:1", "x/y", "u@x"} {
		if _, reason, remedy := ParseHostGlob(wrong); reason == "" || remedy == "" {
			t.Errorf("%q is accepted", wrong)
		}
	}
}
