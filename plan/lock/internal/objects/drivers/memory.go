package drivers

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// memory has the buckets of mem://, by name; they end with the process.
var memory sync.Map

// A memoryBucket keeps objects in this process, for tests.
type memoryBucket struct {
	mu      sync.Mutex
	objects map[string]memoryObject
}

type memoryObject struct {
	body []byte
	at   time.Time
}

func openMemory(name string) Bucket {
	b, _ := memory.LoadOrStore(name, &memoryBucket{objects: map[string]memoryObject{}})
	return b.(*memoryBucket)
}

func (*memoryBucket) Close() error { return nil }

func (b *memoryBucket) Create(_ context.Context, key string, body []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, exists := b.objects[key]; exists {
		return ErrExists
	}
	b.objects[key] = memoryObject{bytes.Clone(body), time.Now()} //nolint:forbidigo // it is the clock of this store
	return nil
}

func (b *memoryBucket) Read(_ context.Context, key string, limit int64) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o, exists := b.objects[key]
	if !exists {
		return nil, ErrNotFound
	}
	return limited(key, bytes.Clone(o.body), limit)
}

func (b *memoryBucket) List(_ context.Context, prefix string, most int) (all []Object, _ error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, key := range slices.Sorted(maps.Keys(b.objects)) {
		if strings.HasPrefix(key, prefix) && (most == 0 || len(all) < most) {
			all = append(all, Object{key, b.objects[key].at})
		}
	}
	return all, nil
}

func (*memoryBucket) Now(context.Context, string) (time.Time, error) {
	return time.Now(), nil //nolint:forbidigo // it is the clock of this store
}

func (b *memoryBucket) Delete(_ context.Context, key string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.objects, key)
	return nil
}
