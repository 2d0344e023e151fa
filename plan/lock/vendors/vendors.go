// Package vendors links the SDKs of the object stores of vendors, and registers them
// for their URLs. Each finds its credentials in its own variables and files, and
// contacts nothing before a URL of its own is opened.
package vendors

import (
	_ "gocloud.dev/blob/azureblob" // azblob://
	_ "gocloud.dev/blob/s3blob"    // s3://
)
