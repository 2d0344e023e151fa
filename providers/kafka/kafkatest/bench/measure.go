package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// A figure is what one run of a process took.
type figure struct {
	Wall time.Duration
	CPU  time.Duration // of the process itself; unlike Wall it hardly depends on what else the machine does
	RSS  int64         // the most memory it held, in bytes
}

// measure runs a command to its end. A process between the two does the
// measuring: the system counts what the parent holds, when it starts a child,
// as the child's, and this one holds much by then.
func (b *bench) measure(ctx context.Context, command []string) (figure, error) {
	out := b.dir + "/output"
	cmd := exec.CommandContext(ctx, b.self, append([]string{"measure", out}, command...)...) //nolint:gosec // it is this program
	cmd.Dir, cmd.Stderr = b.dir, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	text, err := cmd.Output()
	if err != nil {
		said, _ := os.ReadFile(out)
		return figure{}, fmt.Errorf("%s: %w; its output:\n%s", abridged(command), err, said[max(0, len(said)-2000):])
	}
	var f figure
	return f, json.Unmarshal(text, &f)
}

// abridged is a command line that fits a message.
func abridged(command []string) string {
	line := strings.Join(command, " ")
	if len(line) > 300 {
		return line[:150] + " … " + line[len(line)-150:]
	}
	return line
}

// measureHere is that process: it runs a command with its output in a file
// and prints the figure.
func measureHere(out string, command []string) error {
	file, err := os.Create(out)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()             // only read when the command failed
	cmd := exec.Command(command[0], command[1:]...) //nolint:gosec // running it is the purpose
	cmd.Stdout, cmd.Stderr = file, file
	cmd.SysProcAttr = tied()
	start := time.Now()
	err = cmd.Run()
	wall := time.Since(start)
	if err != nil {
		return err
	}
	held, ok := memory(cmd.ProcessState)
	if !ok {
		return errors.New("the system does not report the memory that a process used")
	}
	return json.NewEncoder(os.Stdout).Encode(figure{wall, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), held})
}

// A spread is the median of each figure of several rounds by itself, and the shortest
// and longest time.
type spread struct {
	figure
	Min, Max time.Duration
}

func spreadOf(all []figure) spread {
	var walls, cpu []time.Duration
	var memory []int64
	for _, f := range all {
		walls, cpu, memory = append(walls, f.Wall), append(cpu, f.CPU), append(memory, f.RSS)
	}
	slices.Sort(walls)
	slices.Sort(cpu)
	slices.Sort(memory)
	middle := len(all) / 2
	return spread{figure{walls[middle], cpu[middle], memory[middle]}, walls[0], walls[len(walls)-1]}
}
