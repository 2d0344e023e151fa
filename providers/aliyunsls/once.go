package aliyunsls

import (
	"sync"

	"golang.org/x/sync/errgroup"
)

// once asks each question of a reading a single time, whoever asks it first.
type once[K comparable, V any] struct {
	mu    sync.Mutex
	asked map[K]func() (V, error)
}

func (o *once[K, V]) ask(question K, how func() (V, error)) (V, error) {
	o.mu.Lock()
	if o.asked == nil {
		o.asked = map[K]func() (V, error){}
	}
	answer, known := o.asked[question]
	if !known {
		answer = sync.OnceValues(how)
		o.asked[question] = answer
	}
	o.mu.Unlock()
	return answer()
}

// sideBySide does n things, a few of them at once.
func sideBySide(n int, do func(int)) {
	var g errgroup.Group
	g.SetLimit(8)
	for i := range n {
		g.Go(func() error {
			do(i)
			return nil
		})
	}
	_ = g.Wait() // nothing that is done returns an error
}
