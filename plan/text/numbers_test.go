package text

import (
	"testing"
	"time"
)

func TestFiguresForPeople(t *testing.T) {
	for want, got := range map[string]string{
		"1 byte": Bytes(1), "1,023 bytes": Bytes(1023), "1.0 KiB": Bytes(1024), "1.2 GiB": Bytes(1288490189), "1.0 MiB": Bytes(1<<20 - 1),
		"1s": About(0), "14m": About(14 * time.Minute), "3h20m": About(200 * time.Minute), "12d": About(300 * time.Hour),
		"2,000": Rate(2000), "0.4": Rate(0.4), "0.1": Rate(0.001), "3": Rate(3),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
