package aliyunsls

import (
	sls "github.com/aliyun/aliyun-log-go-sdk"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/aliyun"
)

// credentials returns the access keys in the SDK's own form, which by itself
// looks nowhere for them.
func credentials(c providers.Credentials, env providers.Process) (sls.CredentialsProvider, error) {
	keys, err := aliyun.Find(Type, c, env)
	if err != nil {
		return nil, err
	}
	return sls.NewStaticCredentialsProvider(keys.AccessKeyID, keys.AccessKeySecret, keys.SecurityToken), nil
}
