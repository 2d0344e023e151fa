package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A hostile input is a file that an untrusted plan names, or a service that an
// attacker runs.
type hostile struct {
	args  []string // file names are in the folder of the row
	stdin string   // a file's name; "" = empty
	files map[string]func() []byte
	links map[string]string // name -> target
	pipes []string
	env   []string
	code  int    // 3 unless set
	lines int    // the most lines on standard error; 1 unless set
	says  string // on standard error, once
}

// The memory in which every row has to end with one message: the limit of the
// garbage collector, and the address space, of which Go reserves more than 1 GiB
// without using it.
const (
	memory  = "512MiB"
	address = 2 << 20 // KiB
	seconds = 3       // of CPU; what takes 2 on a busy machine, and much less than work that grows with the square
)

// TestHostileInputsEndWithOneMessage runs the real program in little memory.
func TestHostileInputsEndWithOneMessage(t *testing.T) {
	program := buildProgram(t)
	for name, h := range hostileInputs(t) {
		t.Run(name, func(t *testing.T) { h.run(t, program) })
	}
}

func (h hostile) run(t *testing.T, program string) {
	dir := t.TempDir()
	for name, text := range h.files {
		noError(t, os.WriteFile(filepath.Join(dir, name), text(), 0o600))
	}
	for name, to := range h.links {
		noError(t, os.Symlink(to, filepath.Join(dir, name)))
	}
	for _, name := range h.pipes {
		noError(t, syscall.Mkfifo(filepath.Join(dir, name), 0o600))
	}
	c := exec.Command("sh", append([]string{"-c", fmt.Sprintf(`ulimit -v %d; ulimit -t 20; exec "$0" "$@"`, address), program}, h.args...)...)
	c.Dir, c.Env = dir, append([]string{"GOMEMLIMIT=" + memory, "HOME=" + dir, "PATH=" + os.Getenv("PATH")}, h.env...)
	var out, stderr bytes.Buffer
	c.Stdout, c.Stderr = &out, &stderr
	if h.stdin != "" {
		in, err := os.Open(h.stdin)
		noError(t, err)
		defer in.Close()
		c.Stdin = in
	}
	err := c.Run()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	want := 3
	if h.code != 0 {
		want = h.code
	}
	output := stderr.String()
	if got := c.ProcessState.ExitCode(); got != want || strings.Count(output, h.says) != 1 || strings.Count(output, "\n") > max(h.lines, 1) {
		t.Errorf("it exited with %d and %.600q, want %d and one message with %q", got, output, want, h.says)
	}
	if spent := c.ProcessState.UserTime() + c.ProcessState.SystemTime(); spent.Seconds() > seconds {
		t.Errorf("it used %v of CPU time", spent)
	}
}

// hostileInputs are the rows. A new format adds its own here.
func hostileInputs(t *testing.T) map[string]hostile {
	rows := map[string]hostile{
		"a plan that never ends":          {args: []string{"plan", "/dev/zero"}, says: "/dev/zero is a device"},
		"a plan to check that never ends": {args: []string{"validate", "/dev/zero"}, says: "/dev/zero: is a device"},
		"a plan to apply that never ends": {args: []string{"apply", "/dev/zero", "--auto-approve"}, says: "/dev/zero is a device"},
		"parameters that never end":       {args: []string{"plan", "p.yaml", "--params", "/dev/zero"}, files: plans(""), says: "/dev/zero is a device"},
		"a saved plan that never ends":    {args: []string{"export", "--as", "kafka-csv", "/dev/zero"}, says: "/dev/zero is a device"},
		"offsets that never end": {args: []string{"import", "--as", "kafka-csv", "--bootstrap", "b:1", "/dev/zero"},
			says: "/dev/zero is a device"},
		"standard input that never ends":    {args: []string{"plan", "-"}, stdin: "/dev/zero", says: "larger than 4 MiB"},
		"a saved plan without end, by pipe": {args: []string{"export", "--as", "kafka-csv", "-"}, stdin: "/dev/zero", says: "larger than 64 MiB"},
		"a plan of 5 MB":                    {args: []string{"plan", "p.yaml"}, files: filled("p.yaml", 5_000_000), says: "p.yaml is larger than 4 MiB"},
		"a plan of 5 MB to apply": {args: []string{"apply", "p.yaml", "--auto-approve"}, files: filled("p.yaml", 5_000_000),
			says: "p.yaml is larger than 4 MiB"},
		"parameters of 5 MB": {args: []string{"plan", "p.yaml", "--params", "v.yaml"},
			files: with(plans(""), filled("v.yaml", 5_000_000)), says: "v.yaml is larger than 4 MiB"},
		"a saved plan of 200 MB": {args: []string{"apply", "s.json", "--auto-approve"}, files: filled("s.json", 200_000_000),
			says: "s.json is larger than 64 MiB"},
		"a plan that is a folder":       {args: []string{"plan", "."}, says: "is a directory"},
		"a certificate that never ends": {args: []string{"plan", "p.yaml"}, files: plans("tls: {caFile: /dev/zero}"), says: "/dev/zero is a device"},
		"a certificate that is a pipe": {args: []string{"plan", "p.yaml"}, files: plans("tls: {caFile: pipe}"), pipes: []string{"pipe"},
			says: "pipe is a pipe"},
		"a certificate of 2 MB": {args: []string{"plan", "p.yaml"}, files: with(plans("tls: {caFile: ca}"), filled("ca", 2_000_000)),
			says: "ca is larger than 1 MiB"},
		"a client's key that never ends": {args: []string{"plan", "p.yaml"},
			files: with(plans("tls: {certFile: ca, keyFile: zero}"), filled("ca", 10)),
			links: map[string]string{"zero": "/dev/zero"}, says: "zero is a device"},
		"a credentials file that never ends": {args: []string{"plan", "p.yaml"},
			files: cloud("aliyun-sls", "region: r, project: p", "", "logstore: l, consumerGroup: g"),
			env:   []string{"ALIBABA_CLOUD_CREDENTIALS_FILE=/dev/zero"}, says: "/dev/zero is a device"},
		"credentials that are a pipe": {args: []string{"plan", "p.yaml"},
			files: cloud("tencent-dts", "region: r, subscribeId: subs-1", "", "group: g, topic: t"),
			pipes: []string{"keys"}, env: []string{"TENCENTCLOUD_CREDENTIALS_FILE=keys"}, says: "keys is a pipe"},
	}
	for name, out := range map[string]string{"a device": "/dev/null", "a link": "link", "a pipe": "pipe", "a directory": "."} {
		rows["a plan saved to "+name] = hostile{args: []string{"plan", "p.yaml", "--out", out}, files: planned(t), env: clouds()["aliyun-sls"].env,
			links: map[string]string{"link": "p.yaml"}, pipes: []string{"pipe"}, says: "--out: " + out + " is " + name}
	}
	manyFaults(rows)
	hostileServices(t, rows)
	return rows
}

// manyFaults adds plans with very many keys, items and errors. The message, or the
// number of errors, shows how much was examined.
func manyFaults(rows map[string]hostile) {
	const providers = "providers: {k: {type: kafka, bootstrapServers: b:1}}\n"
	const steps = "steps: [{id: s, provider: k, target: {group: g, topic: t}, to: latest}]\n"
	text := func(parts ...string) map[string]func() []byte {
		return map[string]func() []byte{"p.yaml": func() []byte { return []byte("version: 1\nname: p\n" + strings.Join(parts, "")) }}
	}
	many := func(format string, n int) string {
		var out strings.Builder
		for i := range n {
			fmt.Fprintf(&out, format, i)
		}
		return out.String()
	}
	step := func(target, to string) string {
		return "steps: [{id: s, provider: k, target: {" + target + "}, to: " + to + "}]\n"
	}
	sentences := map[string]struct {
		text map[string]func() []byte
		says string
	}{
		"240000 unknown keys":  {text(providers, steps, many("k%06d: 123\n", 240_000)), "p.yaml:1:1: more than 10000 keys, the limit"},
		"one key 240000 times": {text(providers, steps, many("name: %d\n", 240_000)), "p.yaml:1:1: more than 10000 keys, the limit"},
		"60000 bad provider names": {text("providers:\n", many("  \"k %d\": {type: kafka, bootstrapServers: [\"b:1\"]}\n", 60_000), steps),
			"providers: more than 10000 keys, the limit"},
		"60000 unknown types": {text("providers:\n", many("  k%d: {type: kafke}\n", 60_000), steps), "providers: more than 10000 keys, the limit"},
		"60000 parameters": {text("params:\n", many("  p%d: {type: integer}\n", 60_000), providers, steps),
			"params: more than 1000 keys, the limit"},
		"20000 long patterns": {text("params:\n", many("  p%d: {type: string, pattern: \"a{999}b{999}\", default: a}\n", 20_000), providers,
			steps), "params: more than 1000 keys, the limit"},
		"200000 numbers in octal":    {text("labels:\n", many("  l%d: 01\n", 200_000), providers, steps), "labels: more than 10000 keys, the limit"},
		"200000 keys without values": {text("labels:\n", many("  l%d:\n", 200_000), providers, steps), "labels: more than 10000 keys, the limit"},
		"200000 brokers": {text("providers: {k: {type: kafka, bootstrapServers: [", many("b%d,", 200_000), "]}}\n", steps),
			"bootstrapServers: more than 10000 items, the limit"},
		"200000 partitions": {text(providers, step("group: g, topic: t, partitions: ["+many("x%d,", 200_000)+"]", "latest")),
			"partitions: more than 10000 items, the limit"},
		"60000 topics": {text(providers, step("group: g, topics: ["+many("\"t%d*\",", 60_000)+"]", "latest")),
			"topics: more than 10000 items, the limit"},
		"200000 offsets": {text(providers, step("group: g, topic: t", "{offsets: {"+many("x%d: 1,", 110_000)+"}}")),
			"offsets: more than 100000 keys, the limit"},
		"an alias of aliases": {text("labels: {a: &a [x, x], b: &b [*a, *a], c: &c [*b, *b]}\nx: ", strings.Repeat("[", 300),
			strings.Repeat("]", 300), "\n"), "too deeply nested"},
		"a line of 4 MB":       {text(providers, steps, strings.Repeat("x", 4_000_000)), "a key without a colon"},
		"a quote of 4 MB":      {text(providers, steps, "x: \"", strings.Repeat("x", 4_000_000)), "this quote is not closed"},
		"blanks without end":   {text(strings.Repeat(" ", 4_000_000), "a: ["), "too deeply nested"},
		"brackets without end": {text("x: ", strings.Repeat("[", 200_000)), "too deeply nested"},
	}
	for name, s := range sentences {
		rows[name] = hostile{args: []string{"validate", "p.yaml", "--format", "json"}, files: s.text, says: "not valid: "}
		rows[name+", to plan"] = hostile{args: []string{"plan", "p.yaml"}, files: s.text, says: s.says, lines: 4}
	}
	for name, lines := range map[string]string{
		"10000 steps with three errors each": "  - {id: s%d, provider: q, target: {grp: g}, to: lst, foo: 1}\n",
		"10000 steps that need unknown steps": "  - {id: s%[1]d, provider: k, target: {group: g%[1]d}, to: latest, " +
			"needs: [x%[1]d, y%[1]d, z%[1]d]}\n",
		"10000 steps of one target":   "  - {id: s%d, provider: k, target: {group: g}, to: latest}\n",
		"10000 unknown keys in steps": "  - {id: s%[1]d, provider: k, target: {group: g%[1]d}, to: latest, foo: {a: 1, b: 2, c: 3}}\n",
		"10000 unknown time zones": "  - {id: s%[1]d, provider: k, target: {group: g%[1]d}, to: {timestamp: 2026-11-18T00:00:00, " +
			"timezone: Zone/Z%[1]d}}\n",
		"10000 steps that restore from a missing lock": "  - {id: s%[1]d, provider: k, target: {group: g%[1]d}, to: {lock: x.lock.yaml}}\n",
	} {
		rows[name] = hostile{args: []string{"validate", "p.yaml", "--format", "json"}, files: text(providers, "steps:\n", many(lines, 10_000)),
			says: "not valid: 101 errors"}
	}
}

// planned is a plan with a minimal service of its own.
func planned(t *testing.T) map[string]func() []byte {
	s := httptest.NewServer(sls())
	t.Cleanup(s.Close)
	return cloud("aliyun-sls", "region: r, project: p", s.URL, "logstore: l, consumerGroup: g")
}

// hostileServices adds services of every kind that answer with too much.
func hostileServices(t *testing.T, rows map[string]hostile) {
	long := packed(t) // once: to pack it takes seconds with the race detector
	answers := map[string]func(http.ResponseWriter){
		"longer than 32 MiB": func(w http.ResponseWriter) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(long)
		},
		"more than 500000 values": func(w http.ResponseWriter) {
			_, _ = w.Write([]byte(`{"Success":true,"Code":200,"Response":{"Items":[`))
			_, _ = w.Write(bytes.Repeat([]byte("{},"), 2_000_000))
		},
	}
	for says, answer := range answers {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			answer(w)
		}))
		t.Cleanup(s.Close)
		for kind, k := range clouds() {
			if kind == "aliyun-kafka" && says == "longer than 32 MiB" {
				continue // its client neither requests nor accepts compression
			}
			rows[kind+" that answers "+says] = hostile{args: []string{"plan", "p.yaml"}, files: patiently(cloud(kind, k.keys, s.URL, k.target)), env: k.env,
				code: 1, says: says}
		}
	}
}

// patiently sets timeouts that are long enough for a busy machine.
func patiently(files map[string]func() []byte) map[string]func() []byte {
	out := map[string]func() []byte{}
	for name, text := range files {
		out[name] = func() []byte { return bytes.ReplaceAll(text(), []byte("timeout: 5s"), []byte("timeout: 60s")) }
	}
	return out
}

// packed is 64 MiB of an answer in 64 KiB.
func packed(t *testing.T) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	for range 64 {
		_, err := z.Write(bytes.Repeat([]byte(" "), 1<<20))
		noError(t, err)
	}
	noError(t, z.Close())
	return out.Bytes()
}

// plans is a plan whose Kafka provider also has these keys.
func plans(keys string) map[string]func() []byte {
	return map[string]func() []byte{"p.yaml": func() []byte {
		return []byte("version: 1\nname: p\nproviders: {k: {type: kafka, bootstrapServers: [\"127.0.0.1:1\"], timeout: 1s, " + keys + "}}\n" +
			"steps: [{id: s, provider: k, target: {group: g, topic: t}, to: latest}]\n")
	}}
}

func filled(name string, size int) map[string]func() []byte {
	return map[string]func() []byte{name: func() []byte { return bytes.Repeat([]byte("#\n"), size/2) }}
}

func with(all ...map[string]func() []byte) map[string]func() []byte {
	out := map[string]func() []byte{}
	for _, files := range all {
		for name, text := range files {
			out[name] = text
		}
	}
	return out
}
