package dataset

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

// lockName is the file that stands for the right to write into a directory. It is empty, and stays.
const lockName = ".lock"

// lockPatience is how long a program waits for another one; writing one dataset takes far less.
var lockPatience = 30 * time.Second

// ErrBusy is the error if another program does not stop writing.
var ErrBusy = errors.New("another program is writing into the dataset directory")

// lock waits for the right to write into the directory at path. The system takes it back when the program ends, however it ends.
func lock(path string) (unlock func(), err error) {
	name := filepath.Join(path, lockName)
	for until := time.Now().Add(lockPatience); ; {
		file, err := tryLock(name)
		switch {
		case err == nil:
			return func() { file.Close() }, nil
		case !errors.Is(err, errHeld):
			return nil, fmt.Errorf("lock dataset directory: %w", err)
		case !time.Now().Before(until):
			return nil, ErrBusy
		}
		time.Sleep(10 * time.Millisecond)
	}
}

var errHeld = errors.New("held by another")
