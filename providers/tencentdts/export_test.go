package tencentdts

import "github.com/resetplan/resetplan/providers"

// NewWith returns the provider with other issuers of temporary keys than the
// vendor's.
func NewWith(metadata, sts string) providers.Provider { return provider{metadata: metadata, sts: sts} }
