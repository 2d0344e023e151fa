//go:build unix && !linux

package main

import "syscall"

// rssUnit is the unit of rusage's maxrss in bytes.
const rssUnit = 1

// tied is nothing here: what is measured ends by itself.
func tied() *syscall.SysProcAttr { return nil }
