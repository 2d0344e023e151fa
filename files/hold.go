package files

import "errors"

// ErrHeld means that another holder has a file.
var ErrHeld = errors.New("the file is held by another process")
