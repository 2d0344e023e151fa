package aliyunkafka

import (
	sdk "github.com/aliyun/alibaba-cloud-sdk-go/sdk/auth/credentials"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/aliyun"
)

// A signer holds keys in the form in which the SDK signs with them.
type signer = sdk.CredentialsProvider

// credentials finds the keys. The SDK's own search, which reads the process's
// environment, is never asked.
func credentials(c providers.Credentials, env providers.Process) (signer, error) {
	keys, err := aliyun.Find(Type, c, env)
	switch {
	case err != nil:
		return nil, err
	case keys.SecurityToken != "":
		return sdk.NewStaticSTSCredentialsProvider(keys.AccessKeyID, keys.AccessKeySecret, keys.SecurityToken), nil
	}
	return sdk.NewStaticAKCredentialsProvider(keys.AccessKeyID, keys.AccessKeySecret), nil
}
