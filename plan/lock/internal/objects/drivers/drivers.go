// Package drivers opens the places in which objects are kept: buckets of S3 and Azure,
// which package plan/lock/vendors links, buckets of Google Cloud Storage, folders, and
// the memory of this process.
//
// The invariant: Create is atomic. Of several callers that create the same key, one
// succeeds and the others get ErrExists.
package drivers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"
	"gocloud.dev/gcerrors"
)

// The errors of a bucket, besides those of its service.
var (
	ErrExists   = errors.New("the object exists")
	ErrNotFound = errors.New("the object does not exist")
	// ErrPermanent means that trying again does not help: a denied request, a bucket
	// that does not exist.
	ErrPermanent = errors.New("not accepted")
)

// An Object is an entry of a list.
type Object struct {
	Key     string
	ModTime time.Time // by the clock of the store
}

// A Bucket keeps objects by key. Its methods may be called from several goroutines.
type Bucket interface {
	// Create creates an object; ErrExists if the key has one.
	Create(ctx context.Context, key string, body []byte) error
	// Read returns an object of at most limit bytes, or ErrNotFound.
	Read(ctx context.Context, key string, limit int64) ([]byte, error)
	// List returns the first objects with a prefix, by key; most = 0: all of them.
	List(ctx context.Context, prefix string, most int) ([]Object, error)
	// Delete deletes an object. One that does not exist is no error.
	Delete(ctx context.Context, key string) error
	Close() error
}

// memory has the buckets of mem://, by name; they end with the process.
var memory sync.Map

// Open opens the bucket of a URL, which has no path unless it names a folder.
func Open(ctx context.Context, u *url.URL) (Bucket, error) {
	switch u.Scheme {
	case "file":
		return openFolder(u.Path)
	case "gs":
		return openGoogle(ctx, u)
	case "mem":
		b, _ := memory.LoadOrStore(u.Host, memblob.OpenBucket(nil))
		return &bucket{b.(*blob.Bucket), false}, nil
	}
	b, err := blob.OpenBucket(ctx, u.String())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	return &bucket{b, true}, nil
}

// A bucket is one of a vendor.
type bucket struct {
	*blob.Bucket
	own bool // Close closes it
}

func (b *bucket) Close() error {
	if !b.own {
		return nil
	}
	return b.Bucket.Close() //nolint:wrapcheck // callers add the lock's name
}

// minPart is the smallest part of an upload; larger objects are sent in one request too.
const minPart = 8 << 20

func (b *bucket) Create(ctx context.Context, key string, body []byte) error {
	o := &blob.WriterOptions{IfNotExist: true, ContentType: "text/plain; charset=utf-8", BufferSize: max(minPart, len(body)+1)}
	err := b.WriteAll(ctx, key, body, o)
	if gcerrors.Code(err) == gcerrors.FailedPrecondition {
		return ErrExists
	}
	return kind(err)
}

func (b *bucket) Read(ctx context.Context, key string, limit int64) ([]byte, error) {
	r, err := b.NewReader(ctx, key, nil)
	if err != nil {
		return nil, kind(err)
	}
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, kind(err)
	}
	if int64(len(body)) > limit {
		return nil, fmt.Errorf("%w: %s exceeds the limit of %d MiB", ErrPermanent, key, limit>>20)
	}
	return body, nil
}

func (b *bucket) List(ctx context.Context, prefix string, most int) ([]Object, error) {
	const page = 1000
	var all []Object
	for token := blob.FirstPageToken; token != nil; {
		size := page
		if most > 0 {
			size = most - len(all)
		}
		found, next, err := b.ListPage(ctx, token, size, &blob.ListOptions{Prefix: prefix})
		if err != nil {
			return nil, kind(err)
		}
		for _, o := range found {
			all = append(all, Object{o.Key, o.ModTime})
		}
		if token = next; most > 0 && len(all) >= most {
			break
		}
	}
	return all, nil
}

func (b *bucket) Delete(ctx context.Context, key string) error {
	err := kind(b.Bucket.Delete(ctx, key))
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// kind marks the errors of services.
func kind(err error) error {
	if err == nil {
		return nil
	}
	var answer interface{ HTTPStatusCode() int }
	status := 0
	if errors.As(err, &answer) {
		status = answer.HTTPStatusCode()
	}
	switch code := gcerrors.Code(err); {
	case code == gcerrors.NotFound && status != http.StatusMovedPermanently && !missingBucket(err):
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	case code == gcerrors.NotFound, code == gcerrors.PermissionDenied, code == gcerrors.InvalidArgument, code == gcerrors.Unimplemented:
		return fmt.Errorf("%w: %w", ErrPermanent, err)
	case status >= 400 && status < 500 && status != http.StatusRequestTimeout && status != http.StatusConflict && status != http.StatusTooManyRequests:
		return fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	return err
}

// missingBucket reports whether a service has no such bucket.
func missingBucket(err error) bool {
	var named interface{ ErrorCode() string }
	return errors.As(err, &named) && named.ErrorCode() == "NoSuchBucket"
}
