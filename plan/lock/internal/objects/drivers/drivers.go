// Package drivers opens the places in which objects are kept: buckets of S3, Google
// Cloud Storage and Azure, folders, and the memory of this process. The libraries of
// the vendors find credentials as they always do, and contact nothing before a URL of
// theirs is opened.
//
// The invariant: Create is atomic. Of several callers that create the same key, one
// succeeds and the others get ErrExists.
//
// The portable library for object stores is not used: it brings gRPC, and its driver
// for folders checks and creates in two steps.
package drivers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"
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
	// Now returns the time of the store without changing anything; zero if the store does
	// not report it. A prefix is one for which List is permitted.
	Now(ctx context.Context, prefix string) (time.Time, error)
	// Delete deletes an object. One that does not exist is no error.
	Delete(ctx context.Context, key string) error
	Close() error
}

// variable returns a variable of a store. The libraries of the stores read such
// variables themselves, some of them only in their command line tools.
func variable(name string) string { return os.Getenv(name) } //nolint:forbidigo // as the libraries do

// Open opens the bucket of a URL, which has no path unless it names a folder.
func Open(ctx context.Context, u *url.URL) (Bucket, error) {
	switch u.Scheme {
	case "s3":
		return openAmazon(ctx, u)
	case "gs":
		return openGoogle(ctx, u)
	case "azblob":
		return openAzure(u)
	case "file":
		return openFolder(u)
	case "mem":
		return openMemory(u.Host), nil
	}
	return nil, fmt.Errorf("%w: unknown scheme %q", ErrPermanent, u.Scheme)
}

// Address returns the host and port that a bucket is reached at; "" if nothing is
// contacted. It contacts nothing itself.
func Address(u *url.URL) string {
	switch u.Scheme {
	case "s3":
		return amazonAddress(u)
	case "gs":
		return googleAddress(u.Query())
	case "azblob":
		return azureAddress(u.Query())
	}
	return ""
}

// connections returns a client whose idle connections end with the bucket, and soon in
// any case.
func connections() *http.Client {
	c := &http.Client{}
	if own, ok := http.DefaultTransport.(*http.Transport); ok {
		t := own.Clone()
		t.IdleConnTimeout, t.MaxIdleConnsPerHost = 10*time.Second, 16
		c.Transport = t
	}
	return c
}

// readBody reads the body of an answer, which is an object, and closes it.
func readBody(key string, body io.ReadCloser, limit int64) ([]byte, error) {
	read, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err = errors.Join(err, body.Close()); err != nil {
		return nil, err
	}
	return limited(key, read, limit)
}

// limited refuses an object that exceeds a limit.
func limited(key string, body []byte, limit int64) ([]byte, error) {
	if int64(len(body)) > limit {
		return nil, fmt.Errorf("%w: %s exceeds the limit of %d MiB", ErrPermanent, key, limit>>20)
	}
	return body, nil
}
