package main

import "syscall"

// rssUnit is the unit of rusage's maxrss in bytes.
const rssUnit = 1024

// tied makes a child end with its parent.
func tied() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
