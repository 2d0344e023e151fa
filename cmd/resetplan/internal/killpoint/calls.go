//go:build linux && amd64

package killpoint

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const renameat2 = 316 // package syscall has no name for it

// A kind is the place of a call's object in its arguments.
type kind uint8

const (
	byDescriptor kind = iota // the first argument is a file descriptor
	byPath                   // the first argument is a path
	byPathAt                 // the second argument is a path
	byOpen                   // as byPathAt; it counts if it creates or truncates
	byAddress                // connect: recorded, but not a point
)

type call struct {
	name string
	kind kind
}

// calls are the system calls that write, sync, rename, remove or send.
var calls = map[uint64]call{
	syscall.SYS_WRITE:     {"write", byDescriptor},
	syscall.SYS_PWRITE64:  {"pwrite", byDescriptor},
	syscall.SYS_WRITEV:    {"writev", byDescriptor},
	syscall.SYS_SENDTO:    {"sendto", byDescriptor},
	syscall.SYS_SENDMSG:   {"sendmsg", byDescriptor},
	syscall.SYS_FSYNC:     {"fsync", byDescriptor},
	syscall.SYS_FDATASYNC: {"fdatasync", byDescriptor},
	syscall.SYS_FTRUNCATE: {"ftruncate", byDescriptor},
	syscall.SYS_RENAME:    {"rename", byPath},
	syscall.SYS_RENAMEAT:  {"rename", byPathAt},
	renameat2:             {"rename", byPathAt},
	syscall.SYS_LINK:      {"link", byPath},
	syscall.SYS_LINKAT:    {"link", byPathAt},
	syscall.SYS_UNLINK:    {"unlink", byPath},
	syscall.SYS_UNLINKAT:  {"unlink", byPathAt},
	syscall.SYS_OPENAT:    {"create", byOpen},
	syscall.SYS_CONNECT:   {"connect", byAddress},
}

// identify returns the call that a thread is about to make and its object, or "" if the call does not count.
func (t *tracer) identify(tid int, r *syscall.PtraceRegs) (name, on string) {
	c, ok := calls[r.Orig_rax]
	if !ok {
		return "", ""
	}
	switch c.kind {
	case byAddress:
		t.connect(tid, r)
		return "", ""
	case byDescriptor:
		on = t.descriptor(tid, r)
	case byPath:
		on = t.file(t.text(tid, r.Rdi))
	case byOpen:
		if r.Rdx&(syscall.O_CREAT|syscall.O_TRUNC) == 0 {
			return "", ""
		}
		on = t.file(t.text(tid, r.Rsi))
	default:
		on = t.file(t.text(tid, r.Rsi))
	}
	if on == "" {
		return "", ""
	}
	return c.name, on
}

// connect records the port that a descriptor is connected to.
func (t *tracer) connect(tid int, r *syscall.PtraceRegs) {
	address := make([]byte, 4)
	if _, err := syscall.PtracePeekData(tid, uintptr(r.Rsi), address); err != nil {
		return
	}
	family := binary.NativeEndian.Uint16(address)
	delete(t.ports, int(int32(r.Rdi)))
	if family == syscall.AF_INET || family == syscall.AF_INET6 {
		t.ports[int(int32(r.Rdi))] = int(binary.BigEndian.Uint16(address[2:]))
	}
}

// descriptor names the object of a file descriptor, or returns "" if it does not count: a standard stream, an event, a pipe.
func (t *tracer) descriptor(tid int, r *syscall.PtraceRegs) string {
	fd := int(int32(r.Rdi))
	if fd < 3 {
		return ""
	}
	link, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", t.pid, fd))
	switch {
	case err != nil:
		return ""
	case strings.HasPrefix(link, "socket:"):
		return t.sent(tid, t.command.Peers[t.ports[fd]], r)
	case strings.HasPrefix(link, "/"):
		return t.file(link)
	}
	return ""
}

// sent names what is sent to a peer.
func (t *tracer) sent(tid int, peer string, r *syscall.PtraceRegs) string {
	plain := r.Orig_rax == syscall.SYS_WRITE || r.Orig_rax == syscall.SYS_SENDTO
	if peer == "" || t.command.Sent == nil || !plain {
		return peer
	}
	head := make([]byte, min(r.Rdx, 1024))
	if _, err := syscall.PtracePeekData(tid, uintptr(r.Rsi), head); err != nil {
		return peer
	}
	return peer + " " + t.command.Sent(peer, head)
}

// file names a file below the working directory. Random names become one name: digits in a row are one #.
func (t *tracer) file(path string) string {
	if !filepath.IsAbs(path) {
		path = filepath.Join(t.command.Dir, path)
	}
	inside, err := filepath.Rel(t.command.Dir, strings.TrimSuffix(path, " (deleted)"))
	if err != nil || inside == ".." || strings.HasPrefix(inside, "../") {
		return ""
	}
	var out strings.Builder
	last := rune(0)
	for _, r := range inside {
		if r >= '0' && r <= '9' {
			r = '#'
		}
		if r != '#' || last != '#' {
			out.WriteRune(r)
		}
		last = r
	}
	return out.String()
}

// text reads a string from the memory of the program.
func (t *tracer) text(tid int, at uint64) string {
	var out []byte
	word := make([]byte, 8)
	for len(out) < syscall.PathMax {
		if _, err := syscall.PtracePeekData(tid, uintptr(at)+uintptr(len(out)), word); err != nil {
			return string(out)
		}
		for _, b := range word {
			if b == 0 {
				return string(out)
			}
			out = append(out, b)
		}
	}
	return string(out)
}
