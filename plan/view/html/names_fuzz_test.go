package html

import (
	"encoding/json"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/viewtest"
	"golang.org/x/net/html"
)

// pageOf reads a page as a browser without scripts does, and the data that its
// script would show.
func pageOf(t *testing.T, source string) (*html.Node, any) {
	t.Helper()
	page, err := html.ParseWithOptions(strings.NewReader(source), html.ParseOptionEnableScripting(false))
	if err != nil {
		t.Fatal(err)
	}
	var data any
	for _, s := range viewtest.Elements(page, "script") {
		if len(s.Attr) == 2 {
			if err := json.Unmarshal([]byte(viewtest.Text(s)), &data); err != nil {
				t.Fatal(err)
			}
		}
	}
	if data == nil {
		t.Fatal("the page has no data")
	}
	return page, data
}

// replaced is the data of the harmless name with another name in its place.
func replaced(v any, name string) any {
	switch v := v.(type) {
	case string:
		return strings.ReplaceAll(v, viewtest.Harmless, text.Safe(name))
	case []any:
		for i := range v {
			v[i] = replaced(v[i], name)
		}
	case map[string]any:
		for k := range v {
			v[k] = replaced(v[k], name)
		}
	}
	return v
}

func FuzzNamesInHTML(f *testing.F) {
	viewtest.FuzzNames(f, func(t *testing.T, name string) {
		if view.Columns(text.Safe(name)+"/0") > view.NameWidth {
			return // the text for readers without scripts shortens the name
		}
		for _, write := range []func(io.Writer, string) error{
			func(w io.Writer, name string) error {
				return Plan(w, viewtest.ReviewNamed(name), view.Options{Version: name})
			},
			func(w io.Writer, name string) error { return Status(w, viewtest.StatusNamed(name), view.Options{}) },
		} {
			got, data := pageOf(t, viewtest.Render(t, func(w io.Writer) error { return write(w, name) }))
			want, wantData := pageOf(t, viewtest.Render(t, func(w io.Writer) error { return write(w, viewtest.Harmless) }))
			viewtest.SamePage(t, name, got, want)
			if wantData = replaced(wantData, name); !reflect.DeepEqual(data, wantData) {
				t.Errorf("%q: got data\n%q\nwant\n%q", name, data, wantData)
			}
		}
	})
}
