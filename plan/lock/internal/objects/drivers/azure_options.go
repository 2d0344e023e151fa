package drivers

import (
	"cmp"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/resetplan/resetplan/plan/text"
)

// An azureService is an account of Azure Blob Storage, as the URL of a lock and the
// environment name it.
type azureService struct {
	account, domain, protocol string
	cdn, local                bool
}

// azureEnvironment returns the account that the environment names.
func azureEnvironment() azureService {
	s := azureService{account: variable("AZURE_STORAGE_ACCOUNT"), domain: variable("AZURE_STORAGE_DOMAIN"), protocol: variable("AZURE_STORAGE_PROTOCOL")}
	s.cdn, _ = strconv.ParseBool(variable("AZURE_STORAGE_IS_CDN"))
	s.local, _ = strconv.ParseBool(variable("AZURE_STORAGE_IS_LOCAL_EMULATOR"))
	return s
}

// with returns the account with the parameters of a URL, which come first.
func (s azureService) with(q url.Values) azureService {
	s.account = cmp.Or(q.Get("storage_account"), s.account)
	s.domain = cmp.Or(q.Get("domain"), s.domain)
	s.protocol = cmp.Or(q.Get("protocol"), s.protocol)
	if q.Has("cdn") {
		s.cdn = On(q, "cdn")
	}
	if q.Has("localemu") {
		s.local = On(q, "localemu")
	}
	return s
}

// url returns the address of the account, without credentials.
func (s azureService) url() (string, error) {
	protocol, domain := cmp.Or(s.protocol, "https"), cmp.Or(s.domain, "blob.core.windows.net")
	switch {
	case s.account == "":
		return "", errors.New("the storage account is unknown: add storage_account=NAME to the URL, or set AZURE_STORAGE_ACCOUNT")
	case protocol != "https" && protocol != "http":
		return "", errors.New("AZURE_STORAGE_PROTOCOL is neither https nor http: set it to https, or unset it")
	case s.local || loopback(domain):
		return protocol + "://" + domain + "/" + s.account, nil
	case s.cdn:
		return protocol + "://" + domain, nil
	}
	return protocol + "://" + s.account + "." + domain, nil
}

// loopback reports whether a host, with or without a port, is this machine.
func loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return text.Loopback(host)
}

// azureConnection returns the connection string of the environment.
func azureConnection() string {
	return cmp.Or(variable("AZURE_STORAGE_CONNECTION_STRING"), variable("AZURE_STORAGEBLOB_CONNECTIONSTRING"))
}

// The ways to open an account, in the order in which the environment decides.
type azureWay int

const (
	azureKey azureWay = iota
	azureSignature
	azureConnectionString
	azureIdentity
)

func chosenWay() azureWay {
	signature, connection := variable("AZURE_STORAGE_SAS_TOKEN") != "", azureConnection() != ""
	switch {
	case variable("AZURE_STORAGE_KEY") != "" && (variable("AZURE_STORAGE_ACCOUNT") != "" || !signature && !connection):
		return azureKey
	case signature:
		return azureSignature
	case connection:
		return azureConnectionString
	}
	return azureIdentity
}

// azureClient opens an account with its key, a shared access signature, a connection
// string, or the credentials that the SDK finds.
func azureClient(q url.Values, c *http.Client) (*azblob.Client, error) {
	service, way, once := azureEnvironment().with(q), chosenWay(), &azblob.ClientOptions{}
	once.Transport = c
	once.Retry.MaxRetries = -1 // requests are repeated, with shorter pauses, until half of a lease has passed
	if way == azureConnectionString {
		return azureConnected(service, once)
	}
	at, err := service.url()
	if err != nil {
		return nil, err
	}
	switch way {
	case azureKey:
		shared, err := azblob.NewSharedKeyCredential(service.account, variable("AZURE_STORAGE_KEY"))
		if err != nil {
			return nil, errors.New("AZURE_STORAGE_KEY is not a valid key: copy an access key of the account again") // its error can quote it
		}
		return azblob.NewClientWithSharedKeyCredential(at, shared, once) //nolint:wrapcheck // callers add the lock's name
	case azureSignature:
		return azureSigned(at, once)
	}
	found, err := azidentity.NewDefaultAzureCredential(nil)
	if err != nil {
		return nil, err //nolint:wrapcheck // as above
	}
	return azblob.NewClient(at, found, once) //nolint:wrapcheck // as above
}

// azureSigned opens an account with a shared access signature. The signature is part of
// each address, so the URL of a lock must not send it to another host.
func azureSigned(at string, o *azblob.ClientOptions) (*azblob.Client, error) {
	own, err := azureEnvironment().url()
	if err != nil {
		return nil, errors.New("AZURE_STORAGE_SAS_TOKEN is set without a valid AZURE_STORAGE_ACCOUNT: set the account of the token in the environment")
	}
	if !sameOrigin(own, at) {
		return nil, errors.New("the URL names another host than AZURE_STORAGE_ACCOUNT, to which AZURE_STORAGE_SAS_TOKEN would be sent: " +
			"name the account only in the environment")
	}
	return azblob.NewClientWithNoCredential(at+"?"+strings.TrimPrefix(variable("AZURE_STORAGE_SAS_TOKEN"), "?"), o) //nolint:wrapcheck // as above
}

func sameOrigin(a, b string) bool {
	first, failed := url.Parse(a)
	second, err := url.Parse(b)
	return failed == nil && err == nil && first.Scheme == second.Scheme && strings.EqualFold(first.Host, second.Host)
}

// azureConnected opens the account of a connection string.
func azureConnected(service azureService, o *azblob.ClientOptions) (*azblob.Client, error) {
	client, err := azblob.NewClientFromConnectionString(azureConnection(), o)
	if err != nil {
		return nil, errors.New("AZURE_STORAGE_CONNECTION_STRING is not valid: copy the connection string of the account again") // its error can quote it
	}
	at, err := url.Parse(client.URL())
	if err != nil {
		return nil, errors.New("AZURE_STORAGE_CONNECTION_STRING has no valid address: copy the connection string of the account again")
	}
	named, _, _ := strings.Cut(at.Host, ".")
	if service.account != "" && service.account != named && service.account != strings.Trim(at.Path, "/") {
		return nil, errors.New("AZURE_STORAGE_CONNECTION_STRING is for another account than the lock: remove storage_account from the URL, or the variable")
	}
	return client, nil
}

// azureAddress returns the host and port of the account; if the account is unknown,
// those of the domain.
func azureAddress(q url.Values) string {
	service := azureEnvironment().with(q)
	if chosenWay() == azureConnectionString {
		if client, err := azureConnected(service, nil); err == nil {
			return address(client.URL())
		}
	}
	if at, err := service.url(); err == nil {
		return address(at)
	}
	return address("https://" + cmp.Or(service.domain, "blob.core.windows.net"))
}
