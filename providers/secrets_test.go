package providers_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
)

const planted = "LTAI5t/Hx+Vq=9 w%~*" // every character that some encoding changes

func secrets(values ...string) *providers.Secrets {
	s := &providers.Secrets{}
	s.Add(values...)
	return s
}

func TestASecretIsHiddenInEveryFormInWhichServicesRepeatIt(t *testing.T) {
	inJSON, _ := json.Marshal(planted)
	for name, text := range map[string]string{
		"plain":                planted,
		"in a query":           url.QueryEscape(planted),
		"in a path":            url.PathEscape(planted),
		"in a string to sign":  url.QueryEscape("AccessKeyId=" + strings.NewReplacer("+", "%20", "*", "%2A", "%7E", "~").Replace(url.QueryEscape(planted))),
		"small hex digits":     strings.NewReplacer("%2F", "%2f", "%2B", "%2b", "%3D", "%3d", "%2A", "%2a").Replace(url.QueryEscape(planted)),
		"in JSON":              string(inJSON),
		"quoted by Go":         fmt.Sprintf("%q", planted),
		"in hexadecimal":       fmt.Sprintf("%x", planted),
		"in base64":            base64.StdEncoding.EncodeToString([]byte(planted)),
		"first in base64":      base64.StdEncoding.EncodeToString([]byte(planted + ":x")),
		"second in base64":     base64.StdEncoding.EncodeToString([]byte("u:" + planted)),
		"third in base64":      base64.StdEncoding.EncodeToString([]byte("u" + planted + "z")),
		"in capitals":          strings.ToUpper(planted),
		"broken into lines":    planted[:5] + "\n  " + planted[5:],
		"in groups":            planted[:7] + " " + planted[7:14] + " " + planted[14:],
		"in base64 of its own": base64.RawURLEncoding.EncodeToString([]byte("us:" + planted)),
	} {
		t.Run(name, func(t *testing.T) {
			got := secrets(planted).Hide("ak " + text + " not exist")
			if !strings.Contains(got, providers.Hidden) || strings.Contains(got, planted) || strings.Contains(got, text) ||
				!strings.HasPrefix(got, "ak ") || !strings.HasSuffix(got, " not exist") {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestEachLineOfASecretIsHidden(t *testing.T) {
	if got := secrets("tokABCDEFGHIJ\r\nX: y").Hide("SecurityToken=tokABCDEFGHIJ X:+y"); strings.Contains(got, "tokABC") {
		t.Errorf("got %q", got)
	}
}

func TestShortValuesGarbleNothing(t *testing.T) {
	s := secrets("", "a", "pw", "1234", "admin", "  ")
	for in, want := range map[string]string{
		"a group of admins spawned 12345 pwsh":   "a group of admins spawned 12345 pwsh",
		"password pw of user admin":              "password (hidden) of user (hidden)",
		"x=admin&y=1234":                         "x=(hidden)&y=(hidden)",
		"admin-2 administers my-admin and admin": "admin-2 administers my-admin and (hidden)",
	} {
		if got := s.Hide(in); got != want {
			t.Errorf("%q: got %q", in, got)
		}
	}
}

func TestAWriterFindsASecretInTwoPieces(t *testing.T) {
	const secret = "abcabcabd"
	for i := range len(secret) + 1 {
		for j := i; j <= len(secret); j++ {
			var out strings.Builder
			w := secrets(secret).Writer(&out)
			for _, piece := range []string{"x abc ab", "c " + secret[:i], secret[i:j], secret[j:] + " end", "abca"} {
				if n, err := w.Write([]byte(piece)); n != len(piece) || err != nil {
					t.Fatal(n, err)
				}
			}
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			if got := out.String(); got != "x abc abc (hidden) endabca" {
				t.Errorf("split at %d and %d: %q", i, j, got)
			}
		}
	}
}

func TestAWriterHoldsNoQuestionBack(t *testing.T) {
	var out strings.Builder
	w := secrets("s3cret-value").Writer(&out)
	if _, err := w.Write([]byte("Only 'yes' applies this plan: ")); err != nil || out.String() != "Only 'yes' applies this plan: " {
		t.Errorf("got %q, %v", out.String(), err)
	}
}

func TestNumbersOfTheOutputStay(t *testing.T) {
	var out strings.Builder
	w := secrets("1200", "300", "none").Writer(&out)
	if _, err := w.Write([]byte(`{"before": "offset:1200", "lag": 300, "why": "none"}`)); err != nil ||
		out.String() != `{"before": "offset:1200", "lag": 300, "why": "(hidden)"}` {
		t.Errorf("got %q, %v", out.String(), err)
	}
}

func TestAnErrorKeepsItsKindWithoutItsSecret(t *testing.T) {
	err := secrets("s3cret-value").HideError(&providers.Error{Provider: "p", Kind: providers.ErrDenied, Message: "ak s3cret-value not exist"})
	var e *providers.Error
	if err.Error() != "p: ak (hidden) not exist" || !errors.Is(err, providers.ErrDenied) || !errors.As(err, &e) {
		t.Errorf("got %v", err)
	}
}

func TestASnapshotAndAReceiptShowNoSecret(t *testing.T) {
	known := []string{"s3cret-value"}
	snap := providers.Snapshot{Err: errors.New("s3cret-value"), Notes: known,
		Activity: providers.Activity{Why: "s3cret-value", Members: []providers.Member{{ID: "s3cret-value", Client: "s3cret-value", Host: "s3cret-value"}}},
		Missing:  []providers.Missing{{Name: "s3cret-value", Known: known}}}
	receipt := providers.Receipt{RequestID: "s3cret-value", Parts: []providers.PartResult{{Err: errors.New("s3cret-value")}}}
	s := secrets("s3cret-value")
	s.HideSnapshot(&snap)
	s.HideReceipt(&receipt)
	if text := fmt.Sprintf("%v %v %v", snap, receipt, receipt.Parts[0].Err); strings.Contains(text, "s3cret") {
		t.Error(text)
	}
	if known[0] != "s3cret-value" {
		t.Error("a list of the provider's own was changed")
	}
	var none *providers.Secrets
	none.Add("x")
	none.HideSnapshot(&snap)
	if none.Hide("x") != "x" {
		t.Error("nothing was to be hidden")
	}
}

// TestASnapshotHasNoSecretWhereverAServicePutsIt plants a secret in each field
// of a Snapshot that a service fills with a text.
func TestASnapshotHasNoSecretWhereverAServicePutsIt(t *testing.T) {
	const planted = "Pl4nted/secret+value=="
	secrets := &providers.Secrets{}
	secrets.Add(planted)
	cursor := providers.AtCursor(planted)
	part := providers.PartReading{Part: providers.Part{Topic: "orders", Broker: planted}, Low: cursor, High: cursor, Committed: cursor,
		Resolved: []providers.Resolution{{Asked: providers.At(providers.Latest), Found: cursor}}}
	s := providers.Snapshot{
		Err: errors.New(planted), Notes: []string{planted}, Parts: []providers.PartReading{part}, Orphans: []providers.PartReading{part},
		Activity: providers.Activity{Why: planted, Members: []providers.Member{{ID: planted, Client: planted, Host: planted}}},
		Missing:  []providers.Missing{{What: "topic", Name: planted, Known: []string{planted}, Fresh: []string{planted}}},
	}
	secrets.HideSnapshot(&s)
	if text := fmt.Sprintf("%+v", s); strings.Contains(text, planted) || !s.Parts[0].Committed.IsZero() || s.Parts[0].Part.Topic != "orders" {
		t.Errorf("got %s", text)
	}
	later := providers.Snapshot{Load: func(to []providers.PartReading) []providers.PartReading { return append(to, part) }}
	secrets.HideSnapshot(&later)
	if text := fmt.Sprintf("%+v", later.Readings()); strings.Contains(text, planted) || len(later.Readings()) != 1 {
		t.Errorf("parts that are loaded later are %s", text)
	}
	if part.Committed != cursor {
		t.Error("the reading of the provider was changed")
	}
}

// TestEachTextOfAPartIsSearchedForSecrets plants a secret in one text of a part at a time.
func TestEachTextOfAPartIsSearchedForSecrets(t *testing.T) {
	const planted = "Pl4nted/secret+value=="
	secrets := &providers.Secrets{}
	secrets.Add(planted)
	cursor := providers.AtCursor(planted)
	for name, part := range map[string]providers.PartReading{
		"broker":    {Part: providers.Part{Topic: "orders", Broker: planted}},
		"low":       {Low: cursor},
		"high":      {High: cursor},
		"committed": {Committed: cursor},
		"found":     {Resolved: []providers.Resolution{{}, {Found: cursor}}},
		"upTo":      {Resolved: []providers.Resolution{{UpTo: cursor}}},
	} {
		s := providers.Snapshot{Parts: []providers.PartReading{{Committed: providers.AtOffset(1)}, part}}
		secrets.HideSnapshot(&s)
		if text := fmt.Sprintf("%+v", s.Parts); strings.Contains(text, planted) || s.Parts[0].Committed != providers.AtOffset(1) {
			t.Errorf("%s: got %s", name, text)
		}
	}
}
