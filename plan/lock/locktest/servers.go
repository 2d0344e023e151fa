package locktest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"
)

// Amazon starts versitygw, a server with the API of S3 that keeps a folder.
func Amazon(t testing.TB) *Server {
	t.Helper()
	const program = "versitygw-v1.8.0"
	host, port := freePort(t)
	folder := t.TempDir()
	check(t, os.Mkdir(filepath.Join(folder, Bucket), 0o755))
	file := filepath.Join(root(t), ".bin", program)
	s := &Server{Address: net.JoinHostPort(host, port), Refusal: "SignatureDoesNotMatch", NoBucket: "NoSuchBucket",
		Wrong: []string{"AWS_SECRET_ACCESS_KEY=wrong-secret"}}
	start(t, file, "s3-server", s.Address, nil, file, "--port", s.Address, "--access", "tester", "--secret", "not-a-secret", "--quiet", "posix", folder)
	s.URL = func(address, path string) string {
		return "s3://" + Bucket + "/" + path + "?region=us-east-1&use_path_style=true&endpoint=http://" + address
	}
	s.Env = func(string) []string {
		return []string{"AWS_ACCESS_KEY_ID=tester", "AWS_SECRET_ACCESS_KEY=not-a-secret", "AWS_EC2_METADATA_DISABLED=true"}
	}
	credentials := filepath.Join(t.TempDir(), "credentials")
	check(t, os.WriteFile(credentials, []byte("[resets]\naws_access_key_id = tester\naws_secret_access_key = not-a-secret\n"), 0o600))
	s.Other = map[string][]string{"a file of credentials": {"AWS_SHARED_CREDENTIALS_FILE=" + credentials, "AWS_PROFILE=resets", "AWS_REGION=us-east-1",
		"AWS_ENDPOINT_URL_S3=http://" + s.Address, "AWS_EC2_METADATA_DISABLED=true"}}
	s.Keys = func() (all []string, err error) {
		bucket := filepath.Join(folder, Bucket)
		err = filepath.WalkDir(bucket, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				all = append(all, strings.TrimPrefix(filepath.ToSlash(path[len(bucket):]), "/"))
			}
			return nil // files can be deleted meanwhile
		})
		return all, err
	}
	return s
}

// Google starts fake-gcs-server, a server with the JSON API of Google Cloud Storage. It
// checks no credentials.
func Google(t testing.TB) *Server {
	t.Helper()
	const program = "fake-gcs-server-v1.56.1"
	host, port := freePort(t)
	file := filepath.Join(root(t), ".bin", program)
	s := &Server{Address: net.JoinHostPort(host, port), NoBucket: "404"}
	start(t, file, "google-server", s.Address, nil, file, "-scheme", "http", "-host", host, "-port", port, "-backend", "memory", "-log-level", "warn")
	answer, err := http.Post("http://"+s.Address+"/storage/v1/b?project=acme", "application/json", strings.NewReader(`{"name": "`+Bucket+`"}`))
	check(t, err)
	check(t, answer.Body.Close())
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("the bucket was not created: %s", answer.Status)
	}
	s.URL = func(_, path string) string { return "gs://" + Bucket + "/" + path + "?universe_domain=" }
	s.Env = func(address string) []string { return []string{"STORAGE_EMULATOR_HOST=" + address} }
	s.Keys = func() (all []string, err error) {
		answer, err := http.Get("http://" + s.Address + "/storage/v1/b/" + Bucket + "/o?maxResults=1000")
		if err != nil {
			return nil, err
		}
		defer answer.Body.Close() //nolint:errcheck // it was read
		var page struct {
			Items []struct {
				Name string `json:"name"`
			} `json:"items"`
		}
		if err := json.NewDecoder(answer.Body).Decode(&page); err != nil {
			return nil, fmt.Errorf("the list of objects: %w", err)
		}
		for _, o := range page.Items {
			all = append(all, o.Name)
		}
		return all, nil
	}
	return s
}

// Azure starts Azurite, Microsoft's emulator of its storage.
func Azure(t testing.TB) *Server {
	t.Helper()
	host, port := freePort(t)
	file := filepath.Join(root(t), ".cache", "azurite", "node_modules", "azurite", "dist", "src", "blob", "main.js")
	key, wrong := base64.StdEncoding.EncodeToString([]byte("not-a-secret")), base64.StdEncoding.EncodeToString([]byte("wrong-secret"))
	s := &Server{Address: net.JoinHostPort(host, port), Refusal: "AuthorizationFailure", NoBucket: "ContainerNotFound",
		Wrong: []string{"AZURE_STORAGE_KEY=" + wrong}}
	start(t, file, "azure-server", s.Address, []string{"AZURITE_ACCOUNTS=tester:" + key}, "node", file, "--blobHost", host, "--blobPort", port,
		"--location", t.TempDir(), "--silent", "--disableTelemetry", "--skipApiVersionCheck")
	shared, err := azblob.NewSharedKeyCredential("tester", key)
	check(t, err)
	client, err := azblob.NewClientWithSharedKeyCredential("http://"+s.Address+"/tester", shared, nil)
	check(t, err)
	_, err = client.CreateContainer(t.Context(), Bucket, nil)
	check(t, err)
	s.URL = func(address, path string) string {
		return "azblob://" + Bucket + "/" + path + "?storage_account=tester&protocol=http&domain=" + address
	}
	s.Env = func(string) []string { return []string{"AZURE_STORAGE_KEY=" + key} }
	signed, err := client.ServiceClient().GetSASURL(sas.AccountResourceTypes{Service: true, Container: true, Object: true},
		sas.AccountPermissions{Read: true, Write: true, Delete: true, List: true, Create: true},
		time.Now().Add(time.Hour), nil) //nolint:forbidigo // only tests use this package
	check(t, err)
	_, token, _ := strings.Cut(signed, "?")
	s.Other = map[string][]string{
		"a shared access signature": {"AZURE_STORAGE_ACCOUNT=tester", "AZURE_STORAGE_DOMAIN=" + s.Address, "AZURE_STORAGE_PROTOCOL=http",
			"AZURE_STORAGE_SAS_TOKEN=" + token},
		"a connection string": {"AZURE_STORAGE_CONNECTION_STRING=DefaultEndpointsProtocol=http;AccountName=tester;AccountKey=" + key +
			";BlobEndpoint=http://" + s.Address + "/tester;"},
		"a key": {"AZURE_STORAGE_ACCOUNT=tester", "AZURE_STORAGE_KEY=" + key, "AZURE_STORAGE_DOMAIN=" + s.Address, "AZURE_STORAGE_PROTOCOL=http"},
	}
	s.Keys = func() (all []string, err error) {
		for pages := client.NewListBlobsFlatPager(Bucket, nil); pages.More(); {
			page, err := pages.NextPage(context.Background())
			if err != nil {
				return nil, fmt.Errorf("the list of objects: %w", err)
			}
			for _, b := range page.Segment.BlobItems {
				all = append(all, *b.Name)
			}
		}
		return all, nil
	}
	return s
}
