package kafkatest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A Broker is a running Kafka. Its methods may be called from any goroutine.
type Broker struct {
	Addresses Addresses
	Files     Files
	Proxy     *Proxy // in front of Addresses.Proxied

	java    java
	dir     string
	options Options
	ports   ports
	node    int    // its number in the cluster, from 1
	nodes   int    // of the cluster
	voters  string // the controllers of the cluster; "" = this node alone

	mu      sync.Mutex
	process *process
}

// startTimeout bounds a start on a busy machine; a quiet one needs seconds.
const startTimeout = 90 * time.Second

var errPortTaken = errors.New("another process took a port between its choice and its use")

// Launch starts a broker and returns once it answers. The caller closes it.
func Launch(ctx context.Context, o Options) (*Broker, error) {
	j, err := findJava(o.Release)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "kafkatest-")
	if err != nil {
		return nil, fmt.Errorf("kafkatest: %w", err)
	}
	b := &Broker{java: j, dir: dir, options: o, node: 1, nodes: 1}
	if b.Files, err = writeCertificates(dir); err != nil {
		b.Close()
		return nil, fmt.Errorf("kafkatest: write certificates: %w", err)
	}
	for try := 0; ; try++ {
		if err = b.choosePorts(); err == nil {
			err = b.Restart(ctx)
		}
		if err == nil {
			return b, nil
		}
		if try == 2 || !errors.Is(err, errPortTaken) {
			b.Close()
			return nil, err
		}
	}
}

// choosePorts picks free ports and puts the proxy before one of them.
func (b *Broker) choosePorts() (err error) {
	if b.ports, err = freePorts(); err != nil {
		return err
	}
	if b.Proxy != nil {
		b.Proxy.close()
	}
	if b.Proxy, err = newProxy(local(b.ports.proxied)); err != nil {
		return err
	}
	b.Addresses = Addresses{
		Plain: local(b.ports.plain), Proxied: b.Proxy.Address(), SASL: local(b.ports.sasl),
		TLS: local(b.ports.tls), MTLS: local(b.ports.mtls),
	}
	return nil
}

// Restart starts the broker again after Stop or Kill, at the same addresses
// and with the same data, and returns once it answers.
func (b *Broker) Restart(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	file := filepath.Join(b.dir, "server.properties")
	if err := os.WriteFile(file, b.properties(), 0o600); err != nil {
		return fmt.Errorf("kafkatest: %w", err)
	}
	flags := b.options.JVM
	if flags == nil {
		flags = append([]string{"-Xmx512m"}, quickStart()...)
	}
	flags = append(flags, "-Dkafkatest.log=INFO", "-Dkafka.logs.dir="+b.dir)
	args := []string{"Leash", "Broker", file, "--cluster-id", "a2Fma2F0ZXN0LWNsdXN0ZQ"}
	for _, mechanism := range []string{"SCRAM-SHA-256", "SCRAM-SHA-512"} {
		for _, user := range []string{Super, Limited} {
			args = append(args, "--add-scram", fmt.Sprintf("%s=[name=%s,password=%s]", mechanism, user, Password))
		}
	}
	p, err := b.java.start(b.dir, b.logFile(), append(flags, args...)...)
	if err != nil {
		return err
	}
	b.process = p
	if err := b.answers(ctx, p); err != nil {
		p.kill()
		if strings.Contains(b.LogTail(200), "Address already in use") {
			err = errors.Join(errPortTaken, err)
		}
		return fmt.Errorf("kafkatest: start the broker: %w; the end of its log:\n%s", err, b.LogTail(25))
	}
	return nil
}

// answers waits until the broker is a registered member of its own cluster.
func (b *Broker) answers(ctx context.Context, p *process) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(b.Addresses.Plain), kgo.DialTimeout(time.Second), kgo.RequestRetries(0))
	if err != nil {
		return err
	}
	defer client.Close()
	for {
		listed, err := kadm.NewClient(client).ListBrokers(ctx)
		if err == nil && len(listed) == b.nodes {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("no answer within %s", startTimeout)
		case <-p.ended:
			return errors.New("it ended by itself")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Stop ends the broker as an administrator does and waits for its end.
func (b *Broker) Stop() { b.end(syscall.SIGTERM) }

// Kill ends the broker at once, as a power cut does.
func (b *Broker) Kill() { b.end(syscall.SIGKILL) }

func (b *Broker) end(with os.Signal) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.process != nil {
		b.process.signal(with)
		b.process = nil
	}
}

// Close kills the broker and removes its data.
func (b *Broker) Close() {
	b.Kill()
	if b.Proxy != nil {
		b.Proxy.close()
	}
	_ = os.RemoveAll(b.dir)
}

func (b *Broker) logFile() string { return filepath.Join(b.dir, "broker.log") }

// LogTail returns the last lines of the broker's log.
func (b *Broker) LogTail(lines int) string {
	text, err := os.ReadFile(b.logFile())
	if err != nil {
		return err.Error() + "\n"
	}
	all := bytes.SplitAfter(bytes.TrimSpace(text), []byte("\n"))
	return string(bytes.Join(all[max(0, len(all)-lines):], nil)) + "\n"
}
