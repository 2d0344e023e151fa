//go:build linux && amd64

package killpoint

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"syscall"
)

// The parts of a seccomp filter. Package syscall has no names for these.
const (
	noNewPrivileges = 38         // PR_SET_NO_NEW_PRIVS
	seccomp         = 317        // the system call
	setFilter       = 1          // SECCOMP_SET_MODE_FILTER
	allow           = 0x7fff0000 // SECCOMP_RET_ALLOW
	stop            = 0x7ff00000 // SECCOMP_RET_TRACE
	load            = 0x20       // BPF_LD | BPF_W | BPF_ABS
	equal           = 0x15       // BPF_JMP | BPF_JEQ | BPF_K
	result          = 0x06       // BPF_RET | BPF_K
)

// filterProgram returns a filter that stops at the calls that count and allows all others at full speed.
func filterProgram() []byte {
	numbers := slices.Sorted(maps.Keys(calls))
	var out []byte
	add := func(code uint16, yes byte, k uint32) {
		out = binary.NativeEndian.AppendUint16(out, code)
		out = append(out, yes, 0)
		out = binary.NativeEndian.AppendUint32(out, k)
	}
	add(load, 0, 0) // the number of the call
	for i, n := range numbers {
		add(equal, byte(len(numbers)-i), uint32(n))
	}
	add(result, 0, allow)
	add(result, 0, stop)
	return out
}

// installFilter makes a program that has just been loaded install the filter for itself: a stop at every system call would
// make it several times slower. The program's registers and memory are restored afterwards.
func installFilter(pid int) error {
	var saved syscall.PtraceRegs
	if err := syscall.PtraceGetRegs(pid, &saved); err != nil {
		return fmt.Errorf("read the program's registers: %w", err)
	}
	code := make([]byte, 8)
	if _, err := syscall.PtracePeekText(pid, uintptr(saved.Rip), code); err != nil {
		return fmt.Errorf("read the program's code: %w", err)
	}
	if _, err := syscall.PtracePokeText(pid, uintptr(saved.Rip), []byte{0x0f, 0x05, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc}); err != nil { // syscall; int3
		return fmt.Errorf("write the program's code: %w", err)
	}
	bpf := filterProgram()
	at := (saved.Rsp - 4096) &^ 15 // free: below the stack's end, beyond the red zone
	header := binary.NativeEndian.AppendUint64(nil, uint64(len(bpf)/8))
	header = binary.NativeEndian.AppendUint64(header, at+16)
	if _, err := syscall.PtracePokeData(pid, uintptr(at), append(header, bpf...)); err != nil {
		return fmt.Errorf("write the filter: %w", err)
	}
	if err := makeCall(pid, saved, syscall.SYS_PRCTL, noNewPrivileges, 1, 0); err != nil {
		return err
	}
	if err := makeCall(pid, saved, seccomp, setFilter, 0, at); err != nil {
		return err
	}
	if _, err := syscall.PtracePokeText(pid, uintptr(saved.Rip), code); err != nil {
		return fmt.Errorf("restore the program's code: %w", err)
	}
	return syscall.PtraceSetRegs(pid, &saved)
}

// makeCall lets the program make one system call.
func makeCall(pid int, saved syscall.PtraceRegs, number, first, second, third uint64) error {
	regs := saved
	regs.Rax, regs.Rdi, regs.Rsi, regs.Rdx, regs.R10, regs.R8 = number, first, second, third, 0, 0
	regs.Orig_rax = ^uint64(0)
	if err := syscall.PtraceSetRegs(pid, &regs); err != nil {
		return fmt.Errorf("set the program's registers: %w", err)
	}
	if err := syscall.PtraceCont(pid, 0); err != nil {
		return fmt.Errorf("continue the program: %w", err)
	}
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(pid, &status, wall, nil); err != nil {
		return fmt.Errorf("wait for the program: %w", err)
	}
	if !status.Stopped() || status.StopSignal() != syscall.SIGTRAP {
		return fmt.Errorf("the program did not stop after system call %d: %v", number, status)
	}
	if err := syscall.PtraceGetRegs(pid, &regs); err != nil {
		return fmt.Errorf("read the program's registers: %w", err)
	}
	if regs.Rax != 0 {
		return fmt.Errorf("system call %d: %w", number, syscall.Errno(-int64(regs.Rax)))
	}
	return nil
}
