//go:build !unix

package lock

import "errors"

// fillTheDisk needs a limit on the size of a process's files, which only Unix has.
func fillTheDisk(string, string) error { return errors.ErrUnsupported }
