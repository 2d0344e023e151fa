package huaweirocketmq

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/huaweirocketmq/internal/api"
	"github.com/resetplan/resetplan/providers/internal/credsearch"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
	"gopkg.in/ini.v1"
)

// found are credentials, and the place that has them, for messages.
type found struct {
	api.Credentials
	from string
}

// permitted refuses an endpoint, or an address that issues keys, if the operator does
// not permit it.
func (f found) permitted(endpoint string, env providers.Process) error {
	issuer := f.IdentityProvider.Endpoint
	switch {
	case f.Agency:
		issuer = api.Metadata
	case f.Pod:
		issuer = env.Getenv("HC_CONTAINER_CREDENTIALS_FULL_URI")
	}
	for _, at := range []string{endpoint, issuer} {
		u, err := url.Parse(at)
		if at == "" || err != nil {
			continue // nothing is contacted, or the request will fail
		}
		if err := httpcall.Permitted(Type, u, env); err != nil {
			return err
		}
	}
	return nil
}

// credentials searches where the vendor's SDKs do, in their order: variables, then the
// credentials file, then the variables of a pod; last the variables of the samples in
// its manual. A key is never combined from two places.
//
// Unlike the SDKs, it uses the agency of an ECS only if the file says so. On any other
// host, the address of the metadata service belongs to another machine.
func credentials(c providers.Credentials, region string, env providers.Process) (found, error) {
	if err := credsearch.Permit(Type, "credentials.env", c.Env, vendors, env); err != nil {
		return found{}, err
	}
	s := credsearch.New(c, env)
	var places []func() (found, error)
	add := func(in func(*credsearch.Search, string) (found, error)) {
		places = append(places, func() (found, error) { return in(s, region) })
	}
	switch {
	case s.Named():
		add(inNamedVariables)
	case s.Profile() != "":
		add(inFile)
	default:
		for _, in := range []func(*credsearch.Search, string) (found, error){inIdentityVariables, inVariables, inFile, inPodVariables,
			inSampleVariables} {
			add(in)
		}
	}
	for _, in := range places {
		f, err := in()
		if err != nil {
			return found{}, &providers.Error{Provider: Type, Op: "connect", Kind: providers.ErrDenied, Message: err.Error()}
		}
		if f.Credentials != (api.Credentials{}) {
			s.Found(f.Key.Access, f.Key.Secret, f.Key.Token, f.Key.AuthToken)
			return f, nil
		}
	}
	err := s.Missing(Type, "Huawei Cloud access key (accessKeyId, accessKeySecret)")
	var e *providers.Error
	if !s.Named() && errors.As(err, &e) {
		e.Message += "; on an ECS with an agency, write mode = ecsAgency in that file"
	}
	return found{}, err
}

// vendors are the variables that a plan may name without permission. A token of IAM
// has none: it is sent to the endpoint as it is, and a host that receives it can use it.
var vendors = map[string][]string{
	"accessKeyId":     {"HUAWEICLOUD_SDK_AK", "CLOUD_SDK_AK"},
	"accessKeySecret": {"HUAWEICLOUD_SDK_SK", "CLOUD_SDK_SK"},
	"securityToken":   {"HUAWEICLOUD_SDK_SECURITY_TOKEN"},
}

// places are the variables and files that are searched, in their order.
func places() []string {
	return []string{"HUAWEICLOUD_SDK_IDP_ID", "HUAWEICLOUD_SDK_ID_TOKEN_FILE", "HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK",
		"HUAWEICLOUD_SDK_SECURITY_TOKEN", "~/.huaweicloud/credentials", "HC_CONTAINER_CREDENTIALS_FULL_URI",
		"HC_CONTAINER_AUTHORIZATION_TOKEN_FILE"}
}

// keyOf returns a permanent or temporary key, or nothing if a half is missing.
func keyOf(access, secret, token, from string) found {
	if access == "" || secret == "" {
		return found{}
	}
	return found{api.Credentials{Key: api.Key{Access: access, Secret: secret, Token: token}}, from}
}

func inNamedVariables(s *credsearch.Search, _ string) (found, error) {
	if token := s.Field("authToken"); token != "" {
		return found{api.Credentials{Key: api.Key{AuthToken: token}}, "the variable that credentials.env.authToken names"}, nil
	}
	return keyOf(s.Field("accessKeyId"), s.Field("accessKeySecret"), s.Field("securityToken"), "the variables that credentials.env names"), nil
}

func inVariables(s *credsearch.Search, _ string) (found, error) {
	return keyOf(s.Field("accessKeyId", "HUAWEICLOUD_SDK_AK"), s.Field("accessKeySecret", "HUAWEICLOUD_SDK_SK"),
		s.Field("securityToken", "HUAWEICLOUD_SDK_SECURITY_TOKEN"), "the variables HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK"), nil
}

func inSampleVariables(s *credsearch.Search, _ string) (found, error) {
	return keyOf(s.Field("accessKeyId", "CLOUD_SDK_AK"), s.Field("accessKeySecret", "CLOUD_SDK_SK"), "",
		"the variables CLOUD_SDK_AK and CLOUD_SDK_SK"), nil
}

// inPodVariables finds what CCE gives to a pod whose service account has an agency.
func inPodVariables(s *credsearch.Search, _ string) (found, error) {
	if s.Variable("HC_CONTAINER_CREDENTIALS_FULL_URI") == "" || s.Variable("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE") == "" {
		return found{}, nil
	}
	return found{api.Credentials{Pod: true}, "the agency of this pod (HC_CONTAINER_CREDENTIALS_FULL_URI)"}, nil
}

func inIdentityVariables(s *credsearch.Search, region string) (found, error) {
	return identity(s.Variable("HUAWEICLOUD_SDK_IDP_ID"), s.Variable("HUAWEICLOUD_SDK_ID_TOKEN_FILE"),
		s.Variable("HUAWEICLOUD_SDK_IAM_ENDPOINT"), region, "the identity provider in HUAWEICLOUD_SDK_IDP_ID and HUAWEICLOUD_SDK_ID_TOKEN_FILE")
}

// inFile reads the section [basic], or the profile that the document names.
func inFile(s *credsearch.Search, region string) (found, error) {
	path := cmp.Or(s.Variable("HUAWEICLOUD_SDK_CREDENTIALS_FILE"), "~/.huaweicloud/credentials")
	text := s.File(path)
	if text == "" {
		return found{}, nil
	}
	file, err := ini.Load([]byte(text))
	if err != nil { // other places are searched; the parser's message quotes a line
		s.Broken(path, errors.New("not an INI file"))
		return found{}, nil //nolint:nilerr // Missing reports it if there is no other key
	}
	name := cmp.Or(s.Profile(), "basic")
	value := func(key string) string { return file.Section(name).Key(key).String() }
	from := fmt.Sprintf("the profile %q of %s", name, path)
	switch mode := value("mode"); {
	case strings.EqualFold(mode, "ecsAgency"):
		return found{api.Credentials{Agency: true}, "the agency of this ECS (mode = ecsAgency in " + from + ")"}, nil
	case mode != "" && !strings.EqualFold(mode, "AKSK"):
		return found{}, fmt.Errorf("%s has an unknown mode: use ecsAgency or AKSK", from)
	}
	f, err := identity(value("idp_id"), value("id_token_file"), cmp.Or(value("iam_endpoint"), s.Variable("HUAWEICLOUD_SDK_IAM_ENDPOINT")), region, from)
	if err != nil || f.Credentials != (api.Credentials{}) {
		return f, err
	}
	return keyOf(value("ak"), value("sk"), value("security_token"), from), nil
}

// identity returns an identity provider, or nothing if a half is missing.
func identity(id, file, endpoint, region, from string) (found, error) {
	if id == "" || file == "" {
		return found{}, nil
	}
	if !filepath.IsAbs(file) {
		return found{}, fmt.Errorf("%s: the path of the token's file is not absolute: write it in full", from)
	}
	at, err := iamEndpoint(endpoint, region)
	if err != nil {
		return found{}, fmt.Errorf("%s: %w", from, err)
	}
	return found{api.Credentials{IdentityProvider: api.IdentityProvider{ID: id, TokenFile: file, Endpoint: at}}, from}, nil
}

// iamEndpoint returns IAM's URL. Without a scheme, https is used, as the SDK does.
func iamEndpoint(given, region string) (string, error) {
	if given == "" {
		return "https://iam." + region + "." + domain(region), nil
	}
	if !strings.Contains(given, "://") {
		given = "https://" + given
	}
	u, err := url.Parse(given)
	if err != nil || u.Host == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return "", errors.New("invalid IAM endpoint: use a URL without a path, such as https://iam.cn-north-4.myhuaweicloud.com")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !text.Loopback(u.Hostname())) {
		return "", errors.New("invalid IAM endpoint: it must begin with https://")
	}
	return given, nil
}
