package api

import (
	"net/url"
	"testing"
)

// TestSignature checks the signature with the example of the manual's Chinese
// edition; the English edition prints the same digest with another body.
func TestSignature(t *testing.T) {
	query, err := url.ParseQuery("k3=v3&k1=v1&k2=v2")
	if err != nil {
		t.Fatal(err)
	}
	body := "{\n  \"count\": 20,\n  \"page\": 1,\n  \"desc\": \"描述\"\n}"
	want := "59828328f6c1f9771015dc74e4929ae30f518a35a3d2353972c2ea46556fc981"
	if got := signature("xxxxaaaxxxx", query, []byte(body), "1572574909697", "xxxappSecretxxx"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
