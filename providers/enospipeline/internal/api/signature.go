package api

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// signature signs a request: its query, sorted by name and decoded, its body
// verbatim, and the time, between the token and the secret. The path is not
// signed.
func signature(token string, query url.Values, body []byte, stamp, secret string) string {
	var params strings.Builder
	for _, name := range slices.Sorted(maps.Keys(query)) {
		for _, value := range query[name] {
			params.WriteString(name + value)
		}
	}
	return digest(token, params.String(), string(body), stamp, secret)
}

// digest returns the lower-case hex SHA-256 of the concatenated texts.
func digest(texts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(texts, "")))
	return hex.EncodeToString(sum[:])
}
