//go:build linux && amd64

package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// kafkaFront is a separate broker behind a front that sees each request and response.
func kafkaFront(t testing.TB, l *ledger) service {
	t.Helper()
	f := &front{closableListener: newListener(t)}
	f.throttle = func(bool) {}
	w := &wiretap{front: f}
	c := newBroker(t, kfake.ListenFn(func(string, string) (net.Listener, error) { return w, nil }))
	w.fail = func(key int16, how failure) { c.fail(key, how) }
	s := c.kafka(t, l, 300, 120)
	s.front = f
	return s
}

// fail answers the next request of a key with an error.
func (c *cluster) fail(key int16, how failure) {
	code := kerr.CoordinatorNotAvailable
	switch how {
	case errorAfter:
		code = kerr.RequestTimedOut // the embedded broker does its work before it answers with this
	case throttled:
		code = kerr.ThrottlingQuotaExceeded
	}
	if key == int16(kmsg.OffsetCommit) && how != errorAfter {
		c.mu.Lock()
		c.skipped++
		c.mu.Unlock()
	}
	c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Key(key)}, Err: code, Count: 1})
}

// A wiretap listens for a broker.
type wiretap struct {
	*front
	fail func(key int16, how failure)

	mu    sync.Mutex
	conns []*tapped
}

func (w *wiretap) Accept() (net.Conn, error) {
	c, err := w.closableListener.Accept()
	if err != nil {
		return nil, err
	}
	out := &tapped{Conn: c, tap: w, under: map[int32]underway{}}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conns = append(w.conns, out)
	return out, nil
}

// hangUp closes all connections, like a broker that shuts down.
func (w *wiretap) hangUp() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		_ = c.Close()
	}
	w.conns = nil
}

// A tapped connection passes complete requests to the broker.
type tapped struct {
	net.Conn
	tap  *wiretap
	left []byte // of a request, still to be read by the broker

	mu    sync.Mutex
	under map[int32]underway // by correlation id
}

// An underway is a request without a response yet.
type underway struct {
	request
	how failure
}

func (c *tapped) Read(b []byte) (int, error) {
	if len(c.left) == 0 {
		frame, err := c.next()
		if err != nil {
			return 0, err
		}
		c.left = frame
	}
	n := copy(b, c.left)
	c.left = c.left[n:]
	return n, nil
}

// next reads a request.
func (c *tapped) next() ([]byte, error) {
	frame := make([]byte, 4)
	if _, err := io.ReadFull(c.Conn, frame); err != nil {
		return nil, err
	}
	length := binary.BigEndian.Uint32(frame)
	if length < 8 || length > 1<<24 {
		return nil, fmt.Errorf("a request of %d bytes", length)
	}
	frame = append(frame, make([]byte, length)...)
	if _, err := io.ReadFull(c.Conn, frame[4:]); err != nil {
		return nil, err
	}
	key, id := int16(binary.BigEndian.Uint16(frame[4:])), int32(binary.BigEndian.Uint32(frame[8:]))
	made, how := c.tap.begin(kmsg.NameForKey(key), key == int16(kmsg.OffsetCommit))
	switch how {
	case lostBefore:
		_ = c.Close()
		return nil, io.EOF
	case errorBefore, errorAfter, throttled:
		c.tap.fail(key, how)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.under[id] = underway{made, how}
	return frame, nil
}

// Write is called once per response.
func (c *tapped) Write(b []byte) (int, error) {
	if len(b) < 8 {
		return c.Conn.Write(b)
	}
	id := int32(binary.BigEndian.Uint32(b[4:]))
	c.mu.Lock()
	u := c.under[id]
	delete(c.under, id)
	c.mu.Unlock()
	switch u.how {
	case lostAfter:
		return 0, c.Close()
	case truncated:
		_, _ = c.Conn.Write(b[:4+(len(b)-4)/2])
		return 0, c.Close()
	case garbageAfter:
		spoilt := append([]byte(nil), b...)
		for i := 8; i < len(spoilt); i++ {
			spoilt[i] = 0xff
		}
		_, err := c.Conn.Write(spoilt)
		return len(b), err
	case late:
		time.Sleep(lateBy)
	}
	n, err := c.Conn.Write(b)
	c.tap.answered(u.request)
	if c.tap.isShut() {
		c.tap.hangUp()
	}
	return n, err
}
