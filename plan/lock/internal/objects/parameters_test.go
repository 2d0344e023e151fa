package objects

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// portable has every query parameter that gocloud.dev/blob v0.47.0 accepts, with a value that
// is valid there: those of blob.OpenBucket, and of s3blob with gocloud.dev/aws, gcsblob,
// azureblob, fileblob and memblob. The value of one that a lock refuses begins with "!".
var portable = map[string]map[string]string{
	"": {"prefix": "locks/", "key": "!k"},
	"s3": {"region": "eu-west-1", "anonymous": "true", "profile": "p", "role": "arn:aws:iam::1:role/r", "endpoint": "https://h", "hostname_immutable": "true",
		"dualstack": "true", "fips": "1", "rate_limiter_capacity": "10", "request_checksum_calculation": "when_required",
		"response_checksum_validation": "when_supported", "awssdk": "v2", "ssetype": "aws:kms", "kmskeyid": "alias/k", "accelerate": "T",
		"use_path_style": "true", "s3ForcePathStyle": "true", "disable_https": "false"},
	"gs":     {"anonymous": "true", "access_id": "!id", "private_key_path": "!/key", "universe_domain": "apis.example", "grpc": "!true", "zonal": "!true"},
	"azblob": {"domain": "blob.core.windows.net", "protocol": "https", "cdn": "true", "localemu": "true", "storage_account": "acme"},
	"file":   {"create_dir": "y", "dir_file_mode": "0o700", "no_tmp_dir": "y", "base_url": "!/show", "secret_key_path": "!/key", "metadata": "skip"},
	"mem":    {"nomd5": ""},
}

func TestEveryParameterOfThePortableLibraryIsAcceptedOrRefusedWithAReason(t *testing.T) {
	places := map[string]string{"s3": "s3://b/p", "gs": "gs://b/p", "azblob": "azblob://c/p", "file": "file:///tmp/p", "mem": "mem://b/p"}
	for scheme, at := range places {
		all := maps.Clone(portable[scheme])
		maps.Copy(all, portable[""])
		for key, value := range all {
			value, refused := strings.CutPrefix(value, "!")
			err := Check(at + "?" + key + "=" + value)
			if refused != (err != nil) || refused && strings.Contains(err.Error(), "unknown") {
				t.Errorf("%s: %s=%s: got %v", scheme, key, value, err)
			}
		}
		if err := Check(at + "?no_such_parameter=1"); err == nil || !strings.Contains(err.Error(), "is unknown") {
			t.Errorf("%s: got %v", scheme, err)
		}
		own := slices.Collect(maps.Keys(parametersOf(scheme)))
		for _, key := range own {
			if _, known := portable[scheme][key]; !known {
				t.Errorf("%s: %s is a parameter only here", scheme, key)
			}
		}
	}
}
