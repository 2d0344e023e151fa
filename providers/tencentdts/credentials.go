package tencentdts

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/credsearch"
	"github.com/resetplan/resetplan/providers/tencentdts/internal/api"
	"gopkg.in/ini.v1"
)

// credentials looks where the vendor's own tools look, and in their order: in the
// variables, among them those of a pod with an identity; in the SDKs' file; in the
// file of tccli, the command line client; and last, if a variable names a role of
// this virtual machine, in its metadata. A named profile is a section of the SDKs'
// file or a file of tccli; the variables, which belong to no profile, are then
// ignored.
//
// Nothing is contacted here, and the metadata service only if a variable or a
// profile says so: elsewhere than on a virtual machine of the vendor another
// machine could answer in its place.
func credentials(c providers.Credentials, env providers.Process) (api.Keys, error) {
	if err := credsearch.Permit(Type, "credentials.env", c.Env, vendors, env); err != nil {
		return api.Keys{}, err
	}
	s := search{credsearch.New(c, env), c}
	ways := []func(search) (api.Keys, bool){inVariables, inPod, inFile, inCommandLine, inMachine}
	switch {
	case s.Named():
		ways = ways[:1]
	case s.Profile() != "":
		ways = ways[2:4]
	}
	for _, way := range ways {
		if found, ok := way(s); ok {
			return withRole(s, found), nil
		}
	}
	return api.Keys{}, s.missing()
}

// missing returns the error of a search without a result. It names the ways that are
// used only if a variable says so.
func (s search) missing() error {
	err := s.Missing(Type, "secretId and secretKey")
	var own *providers.Error
	if !s.Named() && s.Profile() == "" && errors.As(err, &own) {
		own.Message += "; for the role of a virtual machine set TENCENTCLOUD_CAM_ROLE_NAME, for that of a pod all TKE_ variables"
	}
	return err
}

// A search is one for a document's credentials.
type search struct {
	*credsearch.Search
	named providers.Credentials
}

// variable names the variable from which a field was read.
func (s search) variable(field, vendors string) string {
	return "$" + cmp.Or(s.named.Env[field], vendors)
}

// A key is a credential as the files write it. It comes from one place: parts of
// two accounts are never combined.
type key struct {
	ID      string `json:"secretId" ini:"secret_id"`
	Secret  string `json:"secretKey" ini:"secret_key"`
	Token   string `json:"token" ini:"token"`
	Type    string `json:"type" ini:"-"`
	Role    string `json:"role-arn" ini:"-"`
	Session string `json:"role-session-name" ini:"-"`
}

// keys returns how to use a key that was found in a place.
func (k key) keys(s search, place string) (api.Keys, bool) {
	if k.ID == "" || k.Secret == "" {
		return api.Keys{}, false
	}
	s.Found(k.ID, k.Secret, k.Token)
	found := api.Keys{Key: api.Key{ID: k.ID, Secret: k.Secret, Token: k.Token, From: place}}
	if k.Role != "" {
		found.Role, found.Session, found.RoleFrom = k.Role, cmp.Or(k.Session, session), place
	}
	return found, true
}

// session is the name under which a role is assumed, if none is given: CAM's log
// of calls shows it.
const session = "resetplan"

// vendors are the variables that a plan may name without permission.
var vendors = map[string][]string{"secretId": {"TENCENTCLOUD_SECRET_ID"}, "secretKey": {"TENCENTCLOUD_SECRET_KEY"}, "token": {"TENCENTCLOUD_TOKEN"}}

func inVariables(s search) (api.Keys, bool) {
	id, secret := "TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY"
	k := key{ID: s.Field("secretId", id), Secret: s.Field("secretKey", secret), Token: s.Field("token", "TENCENTCLOUD_TOKEN")}
	return k.keys(s, s.variable("secretId", id)+" and "+s.variable("secretKey", secret))
}

// inPod is the identity that a cluster of the vendor gives to a pod.
func inPod(s search) (api.Keys, bool) {
	const file = "TKE_WEB_IDENTITY_TOKEN_FILE"
	var all [4]string
	for i, name := range []string{"TKE_REGION", "TKE_PROVIDER_ID", "TKE_ROLE_ARN", file} {
		all[i] = s.Variable(name)
	}
	region, provider, role, path := all[0], all[1], all[2], all[3]
	if region == "" || provider == "" || role == "" || path == "" {
		return api.Keys{}, false
	}
	token := func() (string, error) {
		text, err := files.Read(path, files.Credentials)
		if err == nil && len(bytes.TrimSpace(text)) == 0 {
			err = fmt.Errorf("%s is empty", path)
		}
		if err != nil {
			return "", fmt.Errorf("the token of the pod's identity could not be read: %w; $%s names its file", err, file)
		}
		return string(text), nil
	}
	return api.Keys{Role: role, Session: session, RoleFrom: "$TKE_ROLE_ARN, with the token of $" + file,
		Web: &api.Web{Region: region, Provider: provider, Token: token}}, true
}

// inFile reads the first of the SDKs' files that exists.
func inFile(s search) (api.Keys, bool) {
	paths := []string{"~/.tencentcloud/credentials", "/etc/tencentcloud/credentials"}
	if given := s.Variable("TENCENTCLOUD_CREDENTIALS_FILE"); given != "" {
		paths = []string{given}
	}
	for _, path := range paths {
		text := s.File(path)
		if text == "" {
			continue
		}
		var found key
		section := cmp.Or(s.Profile(), "default")
		f, err := ini.LoadSources(ini.LoadOptions{IgnoreInlineComment: true, SkipUnrecognizableLines: true}, []byte(text))
		if err == nil {
			err = f.Section(section).MapTo(&found)
		}
		if err != nil {
			s.Broken(path, errors.New("not an INI file")) // the parser's own message quotes a line
		}
		return found.keys(s, "the section "+section+" of "+path)
	}
	return api.Keys{}, false
}

// inCommandLine reads the file that `tccli configure` writes. It holds a key, a key
// with a role to assume, or the wish to use the role of the virtual machine.
func inCommandLine(s search) (api.Keys, bool) {
	path := "~/.tccli/" + cmp.Or(s.Profile(), s.Variable("TCCLI_PROFILE"), "default") + ".credential"
	var found key
	if text := s.File(path); text != "" {
		if json.Unmarshal([]byte(text), &found) != nil {
			s.Broken(path, errors.New("not the JSON that `tccli configure` writes")) // the decoder's own message may quote a key
		}
	}
	switch found.Type {
	case "cvm-role":
		return api.Keys{Machine: true}, true
	case "sso", "oauth":
		path += ", written by tccli's login (to renew it, log in again)"
	}
	return found.keys(s, path)
}

// inMachine is the role of the virtual machine, if a variable names it.
func inMachine(s search) (api.Keys, bool) {
	role := s.Variable("TENCENTCLOUD_CAM_ROLE_NAME")
	return api.Keys{Machine: true, MachineRole: role}, role != ""
}

// withRole adds the role that the variables name, unless the document names a
// profile or variables of its own.
func withRole(s search, found api.Keys) api.Keys {
	role := s.Variable("TENCENTCLOUD_ROLE_ARN")
	if role == "" || s.Named() || s.Profile() != "" || found.Key.ID == "" {
		return found
	}
	found.Role, found.RoleFrom = role, "$TENCENTCLOUD_ROLE_ARN"
	found.Session = cmp.Or(s.Variable("TENCENTCLOUD_ROLE_SESSION_NAME"), session)
	return found
}
