package drivers

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
)

// A googleBucket is a bucket of Google Cloud Storage, through its JSON API. Google's own
// library needs gRPC, which adds 20 MB to the program and doubles the work of every
// start, whatever the command. Credentials are found by Google's library for them.
type googleBucket struct {
	client      *http.Client // with credentials
	connections *http.Client
	base        string // of all addresses
	name        string
}

// The scope of the credentials: objects are read, created and deleted.
const googleScope = "https://www.googleapis.com/auth/devstorage.read_write"

// googleBase returns the start of the addresses of a bucket, and whether an emulator
// serves it.
func googleBase(q url.Values) (base string, emulated bool) {
	emulator := strings.TrimSuffix(variable("STORAGE_EMULATOR_HOST"), "/")
	switch {
	case emulator == "":
		return "https://storage." + cmp.Or(q.Get("universe_domain"), "googleapis.com"), false
	case !strings.Contains(emulator, "://"):
		return "http://" + emulator, true
	}
	return emulator, true
}

func googleAddress(q url.Values) string {
	base, _ := googleBase(q)
	return address(base)
}

// openGoogle opens a bucket with Application Default Credentials, or with none, or that
// of an emulator, which needs none.
func openGoogle(ctx context.Context, u *url.URL) (Bucket, error) {
	q := u.Query()
	base, emulated := googleBase(q)
	b := &googleBucket{name: u.Host, base: base, connections: connections()}
	b.client = b.connections
	if emulated || On(q, "anonymous") || q.Get("access_id") == "-" {
		return b, nil
	}
	domain := q.Get("universe_domain")
	ctx = context.WithValue(context.WithoutCancel(ctx), oauth2.HTTPClient, b.connections)
	found, err := google.FindDefaultCredentialsWithParams(ctx, google.CredentialsParams{Scopes: []string{googleScope}, UniverseDomain: domain})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	if own := googleDomain(found); domain == "" && own != "" && own != "googleapis.com" {
		return nil, fmt.Errorf("%w: the credentials are for the domain %q: add universe_domain=%s to the URL", ErrPermanent, own, own)
	}
	b.client = oauth2.NewClient(ctx, found.TokenSource)
	return b, nil
}

// googleDomain returns the domain that the file of credentials names, if there is one.
func googleDomain(found *google.Credentials) string {
	if len(found.JSON) == 0 {
		return ""
	}
	domain, err := found.GetUniverseDomain()
	if err != nil {
		return ""
	}
	return domain
}

func (b *googleBucket) Close() error {
	b.connections.CloseIdleConnections()
	return nil
}

// object returns the address of an object, or of all of them.
func (b *googleBucket) object(key string, query url.Values) string {
	at := b.base + "/storage/v1/b/" + url.PathEscape(b.name) + "/o"
	if key != "" {
		at += "/" + url.PathEscape(key)
	}
	return at + "?" + query.Encode()
}

func (b *googleBucket) Create(ctx context.Context, key string, body []byte) error {
	query := url.Values{"uploadType": {"media"}, "name": {key}, "ifGenerationMatch": {"0"}}
	_, err := b.call(ctx, http.MethodPost, b.base+"/upload/storage/v1/b/"+url.PathEscape(b.name)+"/o?"+query.Encode(), body, 1<<20)
	var answer *googleError
	if errors.As(err, &answer) && answer.status == http.StatusPreconditionFailed {
		return ErrExists
	}
	return err
}

func (b *googleBucket) Read(ctx context.Context, key string, limit int64) ([]byte, error) {
	return b.call(ctx, http.MethodGet, b.object(key, url.Values{"alt": {"media"}}), nil, limit)
}

func (b *googleBucket) List(ctx context.Context, prefix string, most int) ([]Object, error) {
	query := url.Values{"prefix": {prefix}, "fields": {"items(name,timeCreated),nextPageToken"}}
	if most > 0 {
		query.Set("maxResults", strconv.Itoa(most))
	}
	var all []Object
	for {
		answer, err := b.call(ctx, http.MethodGet, b.object("", query), nil, 32<<20)
		if err != nil {
			if errors.Is(err, ErrNotFound) { // the bucket itself
				err = fmt.Errorf("%w: the bucket: %v", ErrPermanent, err) //nolint:errorlint // it is no longer ErrNotFound
			}
			return nil, err
		}
		var page struct {
			Items []struct {
				Name        string    `json:"name"`
				TimeCreated time.Time `json:"timeCreated"`
			} `json:"items"`
			Next string `json:"nextPageToken"`
		}
		if err := json.Unmarshal(answer, &page); err != nil {
			return nil, fmt.Errorf("the list of objects cannot be read: %w", err)
		}
		for _, o := range page.Items {
			all = append(all, Object{o.Name, o.TimeCreated})
		}
		if most > 0 && len(all) >= most || page.Next == "" {
			return all, nil
		}
		query.Set("pageToken", page.Next)
	}
}

func (b *googleBucket) Now(ctx context.Context, prefix string) (time.Time, error) {
	query := url.Values{"prefix": {prefix}, "fields": {"nextPageToken"}, "maxResults": {"1"}}
	answer, err := b.send(ctx, http.MethodGet, b.object("", query), nil)
	if err != nil {
		return time.Time{}, err
	}
	if _, err := received(answer, 32<<20); err != nil {
		return time.Time{}, err
	}
	now, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil {
		return time.Time{}, nil //nolint:nilerr // it reports none
	}
	return now, nil
}

func (b *googleBucket) Delete(ctx context.Context, key string) error {
	_, err := b.call(ctx, http.MethodDelete, b.object(key, nil), nil, 1<<20)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// A googleError is an answer other than success.
type googleError struct {
	status  int
	message string
}

func (e *googleError) Error() string { return fmt.Sprintf("%d %s", e.status, e.message) }

// call sends a request and returns its answer.
func (b *googleBucket) call(ctx context.Context, method, address string, body []byte, limit int64) ([]byte, error) {
	answer, err := b.send(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	return received(answer, limit)
}

func (b *googleBucket) send(ctx context.Context, method, address string, body []byte) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "text/plain; charset=utf-8")
	}
	response, err := b.client.Do(r)
	var denied *oauth2.RetrieveError
	if errors.As(err, &denied) && denied.Response != nil && denied.Response.StatusCode/100 == 4 && !passing(denied.Response.StatusCode) {
		return nil, fmt.Errorf("%w: the credentials were refused: %w", ErrPermanent, err)
	}
	return response, err //nolint:wrapcheck // it names the address
}

// received reads an answer.
func received(response *http.Response, limit int64) ([]byte, error) {
	answer, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return nil, err
	}
	if response.StatusCode/100 == 2 {
		if int64(len(answer)) > limit {
			return nil, fmt.Errorf("%w: the object exceeds the limit of %d MiB", ErrPermanent, limit>>20)
		}
		return answer, nil
	}
	return nil, refusal(response.StatusCode, answer)
}

// refusal returns the error of an answer, with the service's own message.
func refusal(status int, answer []byte) error {
	var said struct {
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	_ = json.Unmarshal(answer, &said) // any other answer has no message
	failed := &googleError{status, cmp.Or(said.Error.Message, http.StatusText(status))}
	switch {
	case status == http.StatusNotFound:
		return fmt.Errorf("%w: %w", ErrNotFound, failed)
	case status >= 500, status == http.StatusTooManyRequests, status == http.StatusRequestTimeout, status == http.StatusPreconditionFailed:
		return failed
	}
	return fmt.Errorf("%w: %w", ErrPermanent, failed)
}
