package providertest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Provenance is how an answer of the real service is known. Names, accounts and request
// ids in an answer are replaced.
type Provenance struct {
	Evidence string // "recorded", "documented" or "from an SDK"
	Source   string // what it was taken from
	Shows    string // what is special about it
}

func (p Provenance) valid() bool {
	return slices.Contains([]string{"recorded", "documented", "from an SDK"}, p.Evidence) && p.Source != "" && p.Shows != ""
}

// Samples returns the answers in the folder testdata/real of a provider, by name. S is
// the provider's form of them, and embeds Provenance. least is how many there are at
// least.
func Samples[S interface{ valid() bool }](t *testing.T, least int) map[string]S {
	t.Helper()
	files, err := filepath.Glob("testdata/real/*.json")
	if err != nil || len(files) < least {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	out := map[string]S{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		var s S
		if err := d.Decode(&s); err != nil || !s.valid() {
			t.Fatalf("%s: the sample has no evidence, no source, or nothing that it shows: %+v, %v", file, s, err)
		}
		out[strings.TrimSuffix(filepath.Base(file), ".json")] = s
	}
	return out
}

// A Response is an answer of HTTP.
type Response struct {
	Status int // 0 = 200
	Header map[string]string
	Body   json.RawMessage // JSON, or a string with another body
}

// Send sends the answer.
func (r Response) Send(w http.ResponseWriter) {
	for _, key := range slices.Sorted(maps.Keys(r.Header)) {
		w.Header().Set(key, r.Header[key])
	}
	w.WriteHeader(cmp.Or(r.Status, http.StatusOK))
	_, _ = w.Write(r.Text())
}

// Text returns the body as it is sent.
func (r Response) Text() []byte {
	if text := ""; json.Unmarshal(r.Body, &text) == nil {
		return []byte(text)
	}
	return r.Body
}
