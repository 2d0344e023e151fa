package drivers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// An amazonBucket is a bucket of S3, or of another service with its API.
type amazonBucket struct {
	client      *s3.Client
	connections interface{ CloseIdleConnections() }
	name        string
	encryption  types.ServerSideEncryption
	key         *string // of the encryption
}

// openAmazon opens a bucket with the credentials that the SDK finds.
func openAmazon(ctx context.Context, u *url.URL) (Bucket, error) {
	found, err := amazonConfig(ctx, u.Query())
	if err != nil {
		return nil, err
	}
	b := &amazonBucket{name: u.Host, connections: &http.Client{}}
	if own, ok := found.HTTPClient.(*awshttp.BuildableClient); ok {
		found.HTTPClient = own.Freeze()
	}
	if own, ok := found.HTTPClient.(interface{ CloseIdleConnections() }); ok {
		b.connections = own
	}
	b.client = s3.NewFromConfig(found, amazonClient(u.Query()))
	b.encryption, b.key = amazonEncryption(u.Query())
	return b, nil
}

func (b *amazonBucket) Close() error {
	b.connections.CloseIdleConnections()
	return nil
}

func (b *amazonBucket) Create(ctx context.Context, key string, body []byte) error {
	_, err := b.client.PutObject(ctx, &s3.PutObjectInput{Bucket: &b.name, Key: &key, Body: bytes.NewReader(body), IfNoneMatch: aws.String("*"),
		ServerSideEncryption: b.encryption, SSEKMSKeyId: b.key, ContentType: aws.String("text/plain; charset=utf-8")})
	if status(err) == http.StatusPreconditionFailed {
		return ErrExists
	}
	return amazonError(err)
}

func (b *amazonBucket) Read(ctx context.Context, key string, limit int64) ([]byte, error) {
	answer, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: &key})
	if err != nil {
		return nil, amazonError(err)
	}
	return readBody(key, answer.Body, limit)
}

func (b *amazonBucket) List(ctx context.Context, prefix string, most int) ([]Object, error) {
	in := &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: &prefix}
	if most > 0 {
		in.MaxKeys = aws.Int32(int32(min(most, 1000))) //nolint:gosec // at most 1000
	}
	var all []Object
	for {
		page, err := b.client.ListObjectsV2(ctx, in)
		if err != nil {
			return nil, amazonError(err)
		}
		for _, o := range page.Contents {
			all = append(all, Object{aws.ToString(o.Key), aws.ToTime(o.LastModified)})
		}
		if most > 0 && len(all) >= most || page.NextContinuationToken == nil {
			return all, nil
		}
		in.ContinuationToken = page.NextContinuationToken
	}
}

func (b *amazonBucket) Now(ctx context.Context, prefix string) (time.Time, error) {
	page, err := b.client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: &prefix, MaxKeys: aws.Int32(1)})
	if err != nil {
		return time.Time{}, amazonError(err)
	}
	now, _ := middleware.GetServerTime(page.ResultMetadata)
	return now, nil
}

func (b *amazonBucket) Delete(ctx context.Context, key string) error {
	_, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.name, Key: &key})
	if err = amazonError(err); errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// status returns the HTTP status of an error, 0 if there was no answer.
func status(err error) int {
	var answer interface{ HTTPStatusCode() int }
	if !errors.As(err, &answer) {
		return 0
	}
	return answer.HTTPStatusCode()
}

// amazonError marks an error of the service.
func amazonError(err error) error {
	var named interface{ ErrorCode() string }
	switch code := status(err); {
	case err == nil:
		return nil
	case errors.As(err, &named) && named.ErrorCode() == "NoSuchKey":
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	case code/100 == 4 && !passing(code), code/100 == 3:
		return fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	return err
}

// passing reports whether a refusal may be another one later.
func passing(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusConflict || status == http.StatusTooManyRequests
}
