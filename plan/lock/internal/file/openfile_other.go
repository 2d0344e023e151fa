//go:build !unix

package file

import "io/fs"

const openFlags = 0

// names returns 1: this system does not report the number of a file's names.
func names(fs.FileInfo) uint64 { return 1 }
