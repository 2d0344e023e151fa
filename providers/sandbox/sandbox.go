// Package sandbox serves every kind of service on loopback, emulated and
// seeded: to try plans on, to show the program, and for tests of clients that
// know nothing of it.
//
// Each service speaks its vendor's own protocol; an embedded Kafka, or a real
// one, holds the records of the services that are based on Kafka. services.go lists
// once what is served, at which addresses and with which data.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
)

// AccessKey and Secret are the credentials of all services.
const (
	AccessKey = "sandbox-ak"
	Secret    = "sandbox-sk"
)

// Options configure what is served. The zero value of each is its default.
type Options struct {
	Listen map[string]string // by type: HOST:PORT on loopback; port 0 picks a free one
	Kafka  string            // the bootstrap server of a real cluster to use, seeded, instead of the embedded one
	Faults []string          // NAME for every service that has it, or TYPE:NAME for one
	Now    func() time.Time
}

// A Service is one that is served.
type Service struct {
	Type    string
	Address string // host:port of Kafka, a URL of the others
	Holds   string // what is there to move, in words
	emulated
}

// A Sandbox is all services while they run.
type Sandbox struct {
	services []Service
	closers  []func()
}

// emulated is what every service's fake can do.
type emulated interface {
	Inject(fault string) error
	Close()
}

// Start serves everything until Close. If one service cannot be served, none is.
func Start(ctx context.Context, o Options) (*Sandbox, error) {
	s := &Sandbox{}
	if err := s.start(ctx, o); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Sandbox) start(ctx context.Context, o Options) error {
	if err := knownFaults(o.Faults); err != nil {
		return err
	}
	broker := o.Kafka
	for _, k := range kinds() {
		one := Service{Type: k.name, Holds: k.holds}
		listen := k.listen
		if given := o.Listen[k.name]; given != "" {
			listen = given
		}
		var err error
		if k.name == kafkaType {
			one.Address, one.emulated, err = s.kafka(ctx, listen, o)
			broker = one.Address
		} else {
			one.Address, one.emulated, err = s.cloud(ctx, k, listen, broker, o)
		}
		if err != nil {
			return err
		}
		s.services = append(s.services, one)
	}
	for _, one := range s.services { // once all are seeded: some seed through another
		if err := one.fail(o.Faults); err != nil {
			return err
		}
	}
	return nil
}

// kafka runs the embedded broker, or seeds a real cluster.
func (s *Sandbox) kafka(ctx context.Context, listen string, o Options) (string, emulated, error) {
	if o.Kafka != "" {
		return o.Kafka, nil, kafkafake.Seed(ctx, o.Kafka, o.Now())
	}
	f, err := kafkafake.Start(listen)
	if err != nil {
		return "", nil, err
	}
	s.closers = append(s.closers, f.Close)
	return f.Address(), f, kafkafake.Seed(ctx, f.Address(), o.Now())
}

// cloud serves one of the services that speak HTTP.
func (s *Sandbox) cloud(ctx context.Context, k kind, listen, broker string, o Options) (string, emulated, error) {
	if host, _, err := net.SplitHostPort(listen); err != nil || host != "127.0.0.1" && host != "localhost" {
		return "", nil, fmt.Errorf("%s sandbox: %q is not allowed: only 127.0.0.1:PORT is", k.name, listen)
	}
	f, err := k.open(ctx, broker, o.Now)
	if err != nil {
		return "", nil, err
	}
	s.closers = append(s.closers, f.Close)
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return "", nil, fmt.Errorf("%s sandbox: %w", k.name, err)
	}
	server := &http.Server{Handler: f, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(l) }() // ends with Close
	s.closers = append(s.closers, func() { _ = server.Close() })
	return "http://" + l.Addr().String(), f, nil
}

// fail injects the faults that are this service's.
func (s Service) fail(faults []string) error {
	for _, f := range faults {
		of, name, one := strings.Cut(f, ":")
		if !one {
			of, name = s.Type, f
		}
		if of != s.Type || s.emulated == nil || Faults()[s.Type][name] == "" {
			continue
		}
		if err := s.Inject(name); err != nil {
			return err
		}
	}
	return nil
}

// knownFaults refuses a fault that no service has.
func knownFaults(faults []string) error {
	for _, f := range faults {
		of, name, one := strings.Cut(f, ":")
		if !one {
			name = of
		}
		if !slices.ContainsFunc(kinds(), func(k kind) bool { return (!one || k.name == of) && k.faults[name] != "" }) {
			return &UnknownFault{f}
		}
	}
	return nil
}

// An UnknownFault is a fault that no service has.
type UnknownFault struct{ Name string }

func (e *UnknownFault) Error() string {
	return fmt.Sprintf("there is no fault %q", e.Name)
}

// Services are those that are served, in the order in which users see them.
func (s *Sandbox) Services() []Service { return slices.Clone(s.services) }

// Address is the address of the service of a type.
func (s *Sandbox) Address(kind string) (string, error) {
	for _, one := range s.services {
		if one.Type == kind {
			return one.Address, nil
		}
	}
	return "", errors.New("sandbox: it serves no " + kind)
}

// Close ends everything, the last first.
func (s *Sandbox) Close() {
	for _, end := range slices.Backward(s.closers) {
		end()
	}
	s.closers = nil
}
