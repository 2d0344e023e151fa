package main

import (
	"fmt"
	"os"
	"strings"
)

// The marks in a page around what this program writes.
const (
	figuresBegin = "<!-- figures of clouds: written by make bench -->"
	figuresEnd   = "<!-- end of figures of clouds -->"
)

// writePage replaces the figures of a page.
func writePage(path, figures string) error {
	page, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(page), figuresBegin)
	_, after, ended := strings.Cut(rest, figuresEnd)
	if !found || !ended {
		return fmt.Errorf("%s has no lines %q and %q", path, figuresBegin, figuresEnd)
	}
	text := before + figuresBegin + "\n\n" + strings.TrimSpace(figures) + "\n\n" + figuresEnd + after
	return os.WriteFile(path, []byte(text), 0o644) //nolint:gosec // a page for everybody
}
