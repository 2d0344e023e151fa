//go:build linux && amd64

package main

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The most bytes that the packages of the program may allocate before main runs, and
// the packages of this module among them. The largest share is the JSON Schema library,
// which compiles the schemas of five drafts: 1.0 MB; the SDKs of the object stores of
// shared locks, most of it tables of endpoints, have 0.8 MB. From 1.1 on, tablewriter
// fills a cache of 0.7 MB, so go.mod has an earlier one. At about 3 MB the collection of
// garbage begins before main can put it off, and takes as long as all packages. Each
// package that prepares something also costs the page of the program in which its code
// is, whatever it allocates.
const (
	mostAtStart         = 2_950_000
	mostOwnAtStart      = 52_000
	mostOfStores        = 850_000 // among them; nothing more before a URL of theirs is opened
	mostPackagesAtStart = 285
)

// TestStartPreparesLittle reads what the runtime reports of the real program's start.
func TestStartPreparesLittle(t *testing.T) {
	program := buildProgram(t)
	plan, err := filepath.Abs("../../examples/kafka-rewind/plan.yaml")
	noError(t, err)
	for _, args := range [][]string{{"version"}, {"validate", plan}, {"plan", "--help"}} {
		c := exec.CommandContext(t.Context(), program, args...)
		c.Dir, c.Env = t.TempDir(), append(os.Environ(), "GODEBUG=inittrace=1,gctrace=1", "HOME="+t.TempDir())
		var trace bytes.Buffer
		c.Stderr = &trace
		noError(t, c.Run())
		all, own, stores, packages, collections := 0, 0, 0, 0, 0
		for lines := bufio.NewScanner(&trace); lines.Scan(); {
			if strings.HasPrefix(lines.Text(), "gc ") {
				collections++
			}
			name, size, ok := initialized(lines.Text())
			if !ok {
				continue
			}
			packages, all = packages+1, all+size
			if strings.HasPrefix(name, "github.com/resetplan/") {
				own += size
			}
			if isOfStores(name) {
				stores += size
			}
		}
		if collections > 1 { // one can begin before main does
			t.Errorf("%v collects garbage %d times", args, collections)
		}
		if stores > mostOfStores {
			t.Errorf("%v: the object stores allocate %d bytes before main runs, want at most %d", args, stores, mostOfStores)
		}
		if all > mostAtStart || own > mostOwnAtStart || packages > mostPackagesAtStart || packages < 50 {
			t.Errorf("%v: %d packages allocate %d bytes before main runs, those of this module %d; want at most %d, %d and %d", args, packages, all, own,
				mostPackagesAtStart, mostAtStart, mostOwnAtStart)
		}
	}
}

// initialized reads a line of the trace: init NAME @1.2 ms, 0.1 ms clock, 4776 bytes, 26 allocs.
func initialized(line string) (name string, size int, ok bool) {
	words := strings.Fields(line)
	if len(words) < 9 || words[0] != "init" || words[8] != "bytes," {
		return "", 0, false
	}
	for _, digit := range words[7] {
		size = size*10 + int(digit-'0')
	}
	return words[1], size, true
}
