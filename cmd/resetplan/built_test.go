package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A suite runs twice as many parallel tests as there are processors, unless the command line sets the number: scenarios and
// sweeps also wait for other processes. It removes the built programs when all tests have ended.
type suite struct{ *testing.M }

func (s suite) Run() int {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		if err := flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0))); err != nil {
			panic(err)
		}
	}
	code := s.M.Run()
	if err := builtOnce.remove(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return max(code, 1)
	}
	return code
}

// builtOnce are the programs that tests run in processes of their own. Each is linked once for all tests.
var builtOnce builds

type builds struct {
	mu    sync.Mutex
	dir   string
	files map[string]string // name -> its file
}

// program returns the file of a program, and builds it with these options if no test has done so.
func (b *builds) program(name string, options func(dir string) ([]string, error)) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if file := b.files[name]; file != "" {
		return file, nil
	}
	if b.dir == "" {
		dir, err := os.MkdirTemp("", "resetplan-built")
		if err != nil {
			return "", err
		}
		b.dir, b.files = dir, map[string]string{}
	}
	dir := filepath.Join(b.dir, name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	more, err := options(dir)
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "resetplan")
	build := exec.Command("go", append(append([]string{"build", "-ldflags=-s -w", "-o", file}, more...), ".")...)
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as it is released
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, out)
	}
	b.files[name] = file
	return file, nil
}

func (b *builds) remove() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dir == "" {
		return nil
	}
	return os.RemoveAll(b.dir)
}

// buildProgram returns the real program.
func buildProgram(t testing.TB) string {
	t.Helper()
	file, err := builtOnce.program("real", func(string) ([]string, error) { return nil, nil })
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// buildShifted returns the program with a clock that a test can set ahead, and nothing else changed: what takes effect half
// a minute later need not be waited for. It is a process of its own because the library that reads command lines can read
// only one at a time.
func buildShifted(t testing.TB) string {
	t.Helper()
	file, err := builtOnce.program("shifted", shiftClock)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// aheadVariable is the environment variable by which the shifted program's clock is ahead.
const aheadVariable = "RESETPLAN_TEST_AHEAD"

// shiftClock writes a main.go with the other clock, and returns the options to build with it.
func shiftClock(dir string) ([]string, error) {
	const clock = "now: time.Now,"
	const shifted = `now: func() time.Time { d, _ := time.ParseDuration(os.Getenv("` + aheadVariable + `")); return time.Now().Add(d) },`
	file, err := filepath.Abs("main.go")
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if strings.Count(string(text), clock) != 1 {
		return nil, fmt.Errorf("main.go does not contain %q once: the clock of the program cannot be set ahead", clock)
	}
	other, overlay := filepath.Join(dir, "main.go"), filepath.Join(dir, "overlay.json")
	raw, err := json.Marshal(map[string]map[string]string{"Replace": {file: other}})
	if err != nil {
		return nil, err
	}
	for name, content := range map[string]string{other: strings.Replace(string(text), clock, shifted, 1), overlay: string(raw)} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			return nil, err
		}
	}
	return []string{"-overlay", overlay}, nil
}
