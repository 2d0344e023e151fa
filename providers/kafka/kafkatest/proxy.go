package kafkatest

import (
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"net"
	"sync"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// A Proxy passes Kafka's requests and answers on, counts them, and breaks a
// connection on request.
type Proxy struct {
	listener net.Listener
	broker   string

	mu     sync.Mutex
	counts map[string]int
	judge  func(Request) Verdict
	open   map[net.Conn]bool
}

// A Request describes a request before the proxy passes it on.
type Request struct {
	Name    string // "OffsetCommit"
	Version int16
	Seen    int // how many of this name came before it, since ResetCounts
}

// A Verdict is what becomes of a request.
type Verdict uint8

// The verdicts.
const (
	Pass       Verdict = iota
	Lose               // the connection ends; the broker never sees the request
	LoseAnswer         // the broker applies it; the connection ends instead of the answer
)

func newProxy(broker string) (*Proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{listener: l, broker: broker, counts: map[string]int{}, open: map[net.Conn]bool{}}
	go p.accept()
	return p, nil
}

// Address is the proxy's address: Addresses.Proxied.
func (p *Proxy) Address() string { return p.listener.Addr().String() }

// Judge sets who decides on each request; nil passes all. It is called
// before the request is passed on and may block: stop the broker,
// join a member, move a commit.
func (p *Proxy) Judge(judge func(Request) Verdict) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.judge = judge
}

// Counts returns how many requests of each name came since ResetCounts.
func (p *Proxy) Counts() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.counts)
}

// ResetCounts counts from zero again.
func (p *Proxy) ResetCounts() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.counts)
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.serve(client)
	}
}

// serve passes one connection's frames until either side or a verdict ends it.
func (p *Proxy) serve(client net.Conn) {
	defer func() { _ = client.Close() }()
	broker, err := net.Dial("tcp", p.broker)
	if err != nil {
		return
	}
	defer func() { _ = broker.Close() }()
	if !p.remember(client) {
		return
	}
	defer p.forget(client)

	var lost sync.Map // correlation id, uint32, of each request whose answer is lost
	go func() {
		defer func() { _, _ = client.Close(), broker.Close() }()
		for {
			frame, err := readFrame(broker)
			if err != nil {
				return
			}
			if _, is := lost.Load(binary.BigEndian.Uint32(frame[4:])); is {
				return
			}
			if _, err := client.Write(frame); err != nil {
				return
			}
		}
	}()
	for {
		frame, err := readFrame(client)
		if err != nil {
			return
		}
		switch p.verdict(frame) {
		case Lose:
			return
		case LoseAnswer:
			lost.Store(binary.BigEndian.Uint32(frame[8:]), true)
		case Pass:
		}
		if _, err := broker.Write(frame); err != nil {
			return
		}
	}
}

// verdict counts a request and asks the judge. A request's frame is its size,
// its key and version, its correlation id and more.
func (p *Proxy) verdict(frame []byte) Verdict {
	name := kmsg.NameForKey(int16(binary.BigEndian.Uint16(frame[4:]))) //nolint:gosec // keys are small
	p.mu.Lock()
	r := Request{Name: name, Version: int16(binary.BigEndian.Uint16(frame[6:])), Seen: p.counts[name]} //nolint:gosec // so are versions
	p.counts[name]++
	judge := p.judge
	p.mu.Unlock()
	if judge == nil {
		return Pass
	}
	return judge(r)
}

// maxFrame is the broker's own limit, socket.request.max.bytes.
const maxFrame = 100 << 20

// readFrame reads a frame with its size in front.
func readFrame(r io.Reader) ([]byte, error) {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(size[:])
	if n < 4 || n > maxFrame {
		return nil, errors.New("kafkatest: not a frame of Kafka's protocol")
	}
	frame := make([]byte, 4+n)
	copy(frame, size[:])
	_, err := io.ReadFull(r, frame[4:])
	return frame, err
}

// remember keeps a connection for close and reports whether there is still a
// proxy to serve it.
func (p *Proxy) remember(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open == nil {
		return false
	}
	p.open[c] = true
	return true
}

func (p *Proxy) forget(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, c)
}

// close ends the proxy and all its connections.
func (p *Proxy) close() {
	_ = p.listener.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		_ = c.Close()
	}
	p.open = nil
}
