package drivers

import (
	"net"
	"net/url"
	"strings"
	"testing"
)

func azureURL(query string) *url.URL { return &url.URL{Scheme: "azblob", Host: "c", RawQuery: query} }

const someKey = "c2VjcmV0" // any base64

// TestTheEnvironmentChoosesTheCredentialsOfAzure has the addresses that result.
func TestTheEnvironmentChoosesTheCredentialsOfAzure(t *testing.T) {
	for name, c := range map[string]struct {
		variables, query string
		address          string // without a shared access signature
		refused          string
	}{
		"a key":                           {"AZURE_STORAGE_KEY=" + someKey, "storage_account=acme", "https://acme.blob.core.windows.net/", ""},
		"an account of the environment":   {"AZURE_STORAGE_ACCOUNT=acme AZURE_STORAGE_KEY=" + someKey, "", "https://acme.blob.core.windows.net/", ""},
		"a domain of the environment":     {"AZURE_STORAGE_ACCOUNT=acme AZURE_STORAGE_DOMAIN=blob.core.usgovcloudapi.net AZURE_STORAGE_KEY=" + someKey, "", "https://acme.blob.core.usgovcloudapi.net/", ""},
		"an emulator by its domain":       {"AZURE_STORAGE_KEY=" + someKey, "storage_account=acme&protocol=http&domain=localhost:10000", "http://localhost:10000/acme/", ""},
		"an emulator of the environment":  {"AZURE_STORAGE_ACCOUNT=acme AZURE_STORAGE_IS_LOCAL_EMULATOR=true AZURE_STORAGE_DOMAIN=emulator AZURE_STORAGE_KEY=" + someKey, "", "https://emulator/acme/", ""},
		"a content network":               {"AZURE_STORAGE_ACCOUNT=acme AZURE_STORAGE_IS_CDN=true AZURE_STORAGE_DOMAIN=cdn.example AZURE_STORAGE_KEY=" + someKey, "", "https://cdn.example/", ""},
		"the URL comes first":             {"AZURE_STORAGE_ACCOUNT=acme AZURE_STORAGE_IS_CDN=true AZURE_STORAGE_KEY=" + someKey, "cdn=false&storage_account=other", "https://other.blob.core.windows.net/", ""},
		"a signature":                     {"AZURE_STORAGE_ACCOUNT=acme AZURE_STORAGE_SAS_TOKEN=?sig=x", "", "https://acme.blob.core.windows.net/", ""},
		"a key comes before a signature":  {"AZURE_STORAGE_ACCOUNT=acme AZURE_STORAGE_KEY=" + someKey + " AZURE_STORAGE_SAS_TOKEN=sig=x", "domain=d", "https://acme.d/", ""},
		"a signature for another host":    {"AZURE_STORAGE_ACCOUNT=acme AZURE_STORAGE_SAS_TOKEN=sig=x", "domain=d", "", "would be sent"},
		"a signature for another account": {"AZURE_STORAGE_ACCOUNT=acme AZURE_STORAGE_SAS_TOKEN=sig=x", "storage_account=other", "", "would be sent"},
		"a signature without an account":  {"AZURE_STORAGE_SAS_TOKEN=sig=x", "storage_account=other", "", "without a valid AZURE_STORAGE_ACCOUNT"},
		"a connection string":             {"AZURE_STORAGE_CONNECTION_STRING=AccountName=acme;AccountKey=" + someKey, "", "https://acme.blob.core.windows.net/", ""},
		"its other name":                  {"AZURE_STORAGEBLOB_CONNECTIONSTRING=AccountName=acme;AccountKey=" + someKey, "storage_account=acme", "https://acme.blob.core.windows.net/", ""},
		"of another account":              {"AZURE_STORAGE_CONNECTION_STRING=AccountName=acme;AccountKey=" + someKey, "storage_account=other", "", "is for another account"},
		"no connection string":            {"AZURE_STORAGE_CONNECTION_STRING=AccountKey=" + someKey, "", "", "is not valid"},
		"no key":                          {"AZURE_STORAGE_KEY=%%%", "storage_account=acme", "", "is not a valid key"},
		"no account":                      {"", "", "", "the storage account is unknown"},
		"no protocol":                     {"AZURE_STORAGE_ACCOUNT=acme AZURE_STORAGE_PROTOCOL=ftp", "", "", "neither https nor http"},
	} {
		t.Run(name, func(t *testing.T) {
			for v := range strings.FieldsSeq(c.variables) {
				name, value, _ := strings.Cut(v, "=")
				t.Setenv(name, value)
			}
			client, err := azureClient(azureURL(c.query).Query(), connections())
			if c.refused != "" {
				if err == nil || !strings.Contains(err.Error(), c.refused) || strings.Contains(err.Error(), someKey) || strings.Contains(err.Error(), "sig=") {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if at, _, _ := strings.Cut(client.URL(), "?"); strings.TrimSuffix(at, "/") != strings.TrimSuffix(c.address, "/") || strings.Contains(client.URL(), "??") {
				t.Errorf("got %s", client.URL())
			}
		})
	}
}

// TestASignatureIsNotInAnError uses an address that refuses connections.
func TestASignatureIsNotInAnError(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AZURE_STORAGE_ACCOUNT", "acme")
	t.Setenv("AZURE_STORAGE_DOMAIN", l.Addr().String())
	t.Setenv("AZURE_STORAGE_PROTOCOL", "http")
	t.Setenv("AZURE_STORAGE_SAS_TOKEN", "sv=2024-01-01&sig=hidden")
	b, err := Open(t.Context(), azureURL(""))
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Create(t.Context(), "p/log/1", nil); err == nil || strings.Contains(err.Error(), "hidden") || !strings.Contains(err.Error(), "refused") {
		t.Errorf("got %v", err)
	}
}
