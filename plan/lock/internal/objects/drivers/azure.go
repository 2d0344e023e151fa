package drivers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
)

// An azureContainer is a container of Azure Blob Storage.
type azureContainer struct {
	client      *azblob.Client
	name        string
	connections *http.Client
}

// openAzure opens a container with the credentials from the environment, or with those
// that the SDK finds.
func openAzure(u *url.URL) (Bucket, error) {
	c := connections()
	client, err := azureClient(u.Query(), c)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	return &azureContainer{client, u.Host, c}, nil
}

func (c *azureContainer) Close() error {
	c.connections.CloseIdleConnections()
	return nil
}

func (c *azureContainer) Create(ctx context.Context, key string, body []byte) error {
	every := azcore.ETagAny
	_, err := c.client.UploadBuffer(ctx, c.name, key, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: &every}}})
	if bloberror.HasCode(err, bloberror.BlobAlreadyExists, bloberror.ConditionNotMet) {
		return ErrExists
	}
	return azureError(err)
}

func (c *azureContainer) Read(ctx context.Context, key string, limit int64) ([]byte, error) {
	answer, err := c.client.DownloadStream(ctx, c.name, key, nil)
	if err != nil {
		return nil, azureError(err)
	}
	return readBody(key, answer.Body, limit)
}

func (c *azureContainer) List(ctx context.Context, prefix string, most int) ([]Object, error) {
	o := &azblob.ListBlobsFlatOptions{Prefix: &prefix}
	if most > 0 {
		size := int32(min(most, 5000)) //nolint:gosec // at most 5000
		o.MaxResults = &size
	}
	var all []Object
	for pages := c.client.NewListBlobsFlatPager(c.name, o); pages.More() && (most == 0 || len(all) < most); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, azureError(err)
		}
		for _, b := range page.Segment.BlobItems {
			all = append(all, Object{*b.Name, *b.Properties.LastModified})
		}
	}
	return all, nil
}

func (c *azureContainer) Now(ctx context.Context, prefix string) (time.Time, error) {
	one := int32(1)
	page, err := c.client.NewListBlobsFlatPager(c.name, &azblob.ListBlobsFlatOptions{Prefix: &prefix, MaxResults: &one}).NextPage(ctx)
	if err != nil || page.Date == nil {
		return time.Time{}, azureError(err)
	}
	return *page.Date, nil
}

func (c *azureContainer) Delete(ctx context.Context, key string) error {
	_, err := c.client.DeleteBlob(ctx, c.name, key, nil)
	if err = azureError(err); errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// azureError marks an error of the service. The address in an error of the network has
// the token of a shared access signature.
func azureError(err error) error {
	var answer *azcore.ResponseError
	var unsent *url.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &unsent):
		at, _, _ := strings.Cut(unsent.URL, "?")
		return &url.Error{Op: unsent.Op, URL: at, Err: unsent.Err}
	case bloberror.HasCode(err, bloberror.BlobNotFound):
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	case errors.As(err, &answer) && answer.StatusCode/100 == 4 && !passing(answer.StatusCode):
		return fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	return err
}
