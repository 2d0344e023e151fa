package main

import (
	"fmt"
	"os"
	"strings"
)

// The marks in a page around what the bench writes.
const (
	figuresBegin = "<!-- figures: written by make bench -->"
	figuresEnd   = "<!-- end of figures -->"
)

// writePage replaces the figures of a page.
func writePage(path, figures string) error {
	page, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	text, err := withFigures(string(page), figures)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, []byte(text), 0o644) //nolint:gosec // a page for everybody
}

// withFigures returns a page with other figures.
func withFigures(page, figures string) (string, error) {
	before, rest, found := strings.Cut(page, figuresBegin)
	_, after, ended := strings.Cut(rest, figuresEnd)
	if !found || !ended {
		return "", fmt.Errorf("the page has no lines %q and %q", figuresBegin, figuresEnd)
	}
	return before + figuresBegin + "\n\n" + strings.TrimSpace(figures) + "\n\n" + figuresEnd + after, nil
}
