package manpage

import "testing"

func TestNoTextIsARequestOfRoff(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"a backslash is shown":                         {`a\fB`, `a\efB`},
		"a dot at the start of a line is no request":   {".so /etc/passwd", `\&.so /etc/passwd`},
		"a quote at the start of a line is no request": {"a\n'br", "a\n\\(aqbr"},
		"a dash can be copied":                         {"--run", `\-\-run`},
		"an ellipsis is ASCII":                         {"a…", "a..."},
	} {
		t.Run(name, func(t *testing.T) {
			if got := escape(c.text); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
