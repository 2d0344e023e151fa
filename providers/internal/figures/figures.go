// Package figures puts what a bench has measured into a page of the documentation. The
// invariant: everything outside of the two marks of a bench stays as it is.
package figures

import (
	"fmt"
	"os"
	"strings"
)

// Write replaces the figures of a name in a page.
func Write(path, name, figures string) error {
	page, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	text, err := in(string(page), name, figures)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, []byte(text), 0o644) //nolint:gosec // a page for everybody
}

// in returns a page with other figures.
func in(page, name, figures string) (string, error) {
	begin, end := "<!-- "+name+": written by make bench -->", "<!-- end of "+name+" -->"
	before, rest, found := strings.Cut(page, begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		return "", fmt.Errorf("the page has no lines %q and %q; add them where the figures belong", begin, end)
	}
	return before + begin + "\n\n" + strings.TrimSpace(figures) + "\n\n" + end + after, nil
}
