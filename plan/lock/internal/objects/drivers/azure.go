package drivers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
)

// An azureContainer is a container of Azure Blob Storage.
type azureContainer struct {
	client *azblob.Client
	name   string
}

// openAzure opens a container with a connection string or a key from the environment,
// or with the credentials that the SDK finds.
func openAzure(u *url.URL) (Bucket, error) {
	client, err := azureClient(u.Query())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	return &azureContainer{client, u.Host}, nil
}

func azureClient(q url.Values) (*azblob.Client, error) {
	if connection := variable("AZURE_STORAGE_CONNECTION_STRING"); connection != "" {
		if _, err := azblob.NewClientFromConnectionString(connection, nil); err != nil {
			return nil, errors.New("AZURE_STORAGE_CONNECTION_STRING is not valid") // its error can quote it
		}
		return azblob.NewClientFromConnectionString(connection, nil) //nolint:wrapcheck // it was read above
	}
	account := cmp.Or(q.Get("storage_account"), variable("AZURE_STORAGE_ACCOUNT"))
	if account == "" {
		return nil, errors.New("the storage account is unknown: add storage_account=NAME to the URL, or set AZURE_STORAGE_ACCOUNT")
	}
	service := "https://" + account + "." + cmp.Or(q.Get("domain"), "blob.core.windows.net") + "/"
	if secret := variable("AZURE_STORAGE_KEY"); secret != "" {
		shared, err := azblob.NewSharedKeyCredential(account, secret)
		if err != nil {
			return nil, errors.New("AZURE_STORAGE_KEY is not a valid key")
		}
		return azblob.NewClientWithSharedKeyCredential(service, shared, nil) //nolint:wrapcheck // callers add the lock's name
	}
	found, err := azidentity.NewDefaultAzureCredential(nil)
	if err != nil {
		return nil, err //nolint:wrapcheck // as above
	}
	return azblob.NewClient(service, found, nil) //nolint:wrapcheck // as above
}

func (*azureContainer) Close() error { return nil }

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

func (c *azureContainer) Delete(ctx context.Context, key string) error {
	_, err := c.client.DeleteBlob(ctx, c.name, key, nil)
	if err = azureError(err); errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// azureError marks an error of the service.
func azureError(err error) error {
	var answer *azcore.ResponseError
	switch {
	case err == nil:
		return nil
	case bloberror.HasCode(err, bloberror.BlobNotFound):
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	case errors.As(err, &answer) && answer.StatusCode/100 == 4 && !passing(answer.StatusCode):
		return fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	return err
}
