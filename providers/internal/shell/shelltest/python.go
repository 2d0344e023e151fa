package shelltest

import (
	"os"
	"path/filepath"
	"testing"
)

// Python returns the interpreter that RESETPLAN_PYTHON names. It needs the packages
// that a file lists, by its path from the test's folder; "" = none.
func Python(t testing.TB, requirements string) string {
	t.Helper()
	python := os.Getenv("RESETPLAN_PYTHON") //nolint:forbidigo // of the test, not of the program
	if python == "" && requirements != "" {
		t.Fatalf("set RESETPLAN_PYTHON to a Python interpreter with the packages of %s", requirements)
	}
	if python == "" {
		t.Fatal("set RESETPLAN_PYTHON to a Python interpreter")
	}
	return python
}

// StandIn returns a folder with a program of this name that runs a Python script, by its
// path from the test's folder: for clients that no package registry has.
func StandIn(t testing.TB, python, name, script string) string {
	t.Helper()
	path, err := filepath.Abs(script)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	text := "#!/bin/sh\nexec '" + python + "' '" + path + "' \"$@\"\n"
	if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o700); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	return folder
}
