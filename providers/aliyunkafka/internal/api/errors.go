package api

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/http"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/aliyun"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// refusal returns the error that an answer reports, or nil. A refusal may come
// with an HTTP status of its own, or with 200 and "Success": false.
func (c *Client) refusal(call *httpcall.Call, op string) error {
	var a struct{ Success, Code, Message scalar }
	if call.Status < 200 || call.Status > 299 {
		code, message := refused(call.Body) // if it cannot be decoded, the status decides
		return c.failure(call, op, code, message)
	}
	if err := call.Decode(op, &a); err != nil {
		return err
	}
	switch {
	case a.Success == "false" || a.Code != "" && a.Code != "200":
		return c.failure(call, op, string(a.Code), string(a.Message))
	case a.Success == "" && a.Code == "":
		return call.Unclear(op, "it has neither Success nor Code")
	}
	return nil
}

// failure returns the error of a refusal, with what to check.
func (c *Client) failure(call *httpcall.Call, op, code, message string) error {
	a := httpcall.Answer{Kind: c.options.Classify(code), Code: code, Message: message}
	a.Advice = c.options.Keys.Advice(code, message, aliyun.Permission(call.Body))
	if a.Kind == nil && call.Status == http.StatusNotFound {
		// Only a code says that something is missing in the instance: the service's
		// requests have no paths. Another server answers.
		a.Kind = providers.ErrInvalid
	}
	if misdirected[code] || errors.Is(a.Kind, providers.ErrInvalid) && call.Status == http.StatusNotFound {
		a.Advice = "check endpoint and region: " + c.options.Endpoint.Host + " does not serve this request for region " + c.options.Region +
			"; the region's endpoint is alikafka." + c.options.Region + ".aliyuncs.com"
	}
	return call.Failure(op, a, nil)
}

// misdirected are the codes of a gateway that does not serve the requested action,
// version or region.
var misdirected = map[string]bool{
	"InvalidAction.NotFound": true, "InvalidVersion": true, "InvalidApi.NotFound": true, "InvalidProduct.NotFound": true,
	"InvalidRegionId": true, "InvalidRegion.NotFound": true, "BIZ_REGION_NOT_FOUND": true, "UnsupportedRegion": true,
}

// refused returns the code and message of an error's body. At the edge of the
// service, it can be XML.
func refused(body []byte) (code, message string) {
	var a struct {
		Code, Message scalar
	}
	if json.Unmarshal(body, &a) == nil {
		return string(a.Code), string(a.Message)
	}
	x := inXML(body)
	return x.Code, x.Message
}

// xmlError is an error's body in XML, under any root.
type xmlError struct {
	Code      string
	Message   string
	RequestID string `xml:"RequestId"`
}

// inXML reads an error's body in XML; the zero xmlError if it is none. A page of a
// web server is XML, too, and has no code.
func inXML(body []byte) (x xmlError) {
	if !bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) || xml.Unmarshal(body, &x) != nil {
		return xmlError{}
	}
	return x
}
