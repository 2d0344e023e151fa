package kafkatest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"time"
)

// java knows how to run a class of Kafka's jars or of the folder jvm.
type java struct {
	command   string
	classpath string
}

const remedy = "run `make kafka-jars` at the top of the repository (`make integration` does it first); it needs a JDK of at least 17 and Maven"

// source is this package's folder in the repository.
const source = "providers/kafka/kafkatest"

// findJava finds Java and the files that prepare.sh built for a release, and refuses
// those built from another pom.xml or other Java sources.
func findJava(r Release) (java, error) {
	command, err := exec.LookPath("java")
	if err != nil {
		return java{}, fmt.Errorf("kafkatest: %w; %s", err, remedy)
	}
	top, err := repository()
	if err != nil {
		return java{}, err
	}
	made := filepath.Join(top, ".cache", r.folder())
	have, err := os.ReadFile(filepath.Join(made, "made-from"))
	if err != nil {
		return java{}, fmt.Errorf("kafkatest: Kafka's jars are missing: %w; %s", err, remedy)
	}
	want, err := sources(filepath.Join(top, source))
	if err != nil {
		return java{}, fmt.Errorf("kafkatest: %w", err)
	}
	if !bytes.Equal(have, want) {
		return java{}, fmt.Errorf("kafkatest: %s was built from another pom.xml or other Java sources; %s", made, remedy)
	}
	return java{command, filepath.Join(made, "classes") + string(filepath.ListSeparator) + filepath.Join(made, "jars", "*")}, nil
}

// sources returns what prepare.sh makes its folder from: pom.xml and jvm/*.
func sources(folder string) ([]byte, error) {
	files, err := filepath.Glob(filepath.Join(folder, "jvm", "*"))
	if err != nil {
		return nil, err
	}
	var all []byte
	for _, file := range append([]string{filepath.Join(folder, "pom.xml")}, files...) {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		all = append(all, text...)
	}
	return all, nil
}

// repository is the folder of go.mod above the working directory.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("kafkatest: %w", err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, source, "pom.xml")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("kafkatest: the working directory is not inside the repository")
		}
	}
}

// A Release is one of the two releases of Kafka that the tests run on.
type Release uint8

// The releases. Version returns their numbers.
const (
	Newest Release = iota
	Oldest
)

func (r Release) folder() string { return [...]string{"kafka", "kafka-oldest"}[r] }

// Version is the number of the release, as pom.xml names it.
func (r Release) Version() string {
	top, err := repository()
	if err != nil {
		return "unknown"
	}
	text, err := os.ReadFile(filepath.Join(top, source, "pom.xml"))
	if err != nil {
		return "unknown"
	}
	key := [...]string{"kafka.version", "kafka.oldest"}[r]
	found := regexp.MustCompile(`<` + key + `>(.+)</` + key + `>`).FindSubmatch(text)
	if found == nil {
		return "unknown"
	}
	return string(found[1])
}

// quickStart are the flags of a JVM that lives for seconds.
func quickStart() []string {
	return []string{"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"}
}

// build returns the command that runs a class; args are the JVM's flags, the
// class and its arguments.
func (j java) build(args ...string) *exec.Cmd {
	return exec.Command(j.command, append([]string{"-cp", j.classpath, "-Dlog4j2.configurationFile=log4j2.properties"}, args...)...)
}

// A process is a JVM that ends when its standard input does.
type process struct {
	cmd   *exec.Cmd
	stdin io.Closer
	ended chan struct{} // closed once it has ended and been waited for
}

// start runs a JVM in the background, with its output appended to a file.
func (j java) start(dir, log string, args ...string) (*process, error) {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("kafkatest: %w", err)
	}
	defer func() { _ = out.Close() }() // the JVM has its own by then
	cmd := j.build(args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, out, out
	return begin(cmd, func() {})
}

// begin starts a command whose standard input stays open until it is to end.
// What read does, it does before the command is waited for.
func begin(cmd *exec.Cmd, read func()) (*process, error) {
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("kafkatest: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("kafkatest: %w", err)
	}
	p := &process{cmd: cmd, stdin: stdin, ended: make(chan struct{})}
	go func() {
		read()
		_ = cmd.Wait() // how it ended shows in its output
		close(p.ended)
	}()
	return p, nil
}

// signal asks the process to end and waits for it, in the end by force.
func (p *process) signal(with os.Signal) {
	_ = p.cmd.Process.Signal(with) // it may have ended already
	select {
	case <-p.ended:
	case <-time.After(30 * time.Second):
		p.kill()
	}
}

func (p *process) kill() {
	_ = p.cmd.Process.Signal(syscall.SIGKILL)
	<-p.ended
}
