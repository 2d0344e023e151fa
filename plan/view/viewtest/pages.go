package viewtest

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Elements returns the elements of a page by tag, in their order.
func Elements(n *html.Node, tag string) (found []*html.Node) {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.Data == tag {
			found = append(found, d)
		}
	}
	return found
}

// Text is the text of an element.
func Text(n *html.Node) string {
	var out strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			out.WriteString(d.Data)
		}
	}
	return out.String()
}

// blocks are the elements of a page, and the text of those that hold a
// paragraph.
func blocks(page *html.Node) (tags, texts []string) {
	const paragraphs = " p h1 h2 h3 td th summary title dt dd li pre "
	for n := range page.Descendants() {
		switch {
		case n.Type != html.ElementNode:
		case n.Data == "span" && len(n.Attr) == 0 && Text(n) == "$": // keeps Markdown from reading a formula
		default:
			tags = append(tags, n.Data+fmt.Sprint(n.Attr))
			if strings.Contains(paragraphs, " "+n.Data+" ") {
				texts = append(texts, Spaced(Text(n)))
			}
		}
	}
	return tags, texts
}

// SamePage checks that a page with a name has the elements and texts of the
// page with the harmless name.
func SamePage(t *testing.T, name string, got, want *html.Node) {
	t.Helper()
	tags, texts := blocks(got)
	wantTags, wantTexts := blocks(want)
	for i := range wantTexts {
		wantTexts[i] = Renamed(wantTexts[i], name)
	}
	if !reflect.DeepEqual(tags, wantTags) {
		t.Errorf("%q: got elements\n%q\nwant\n%q", name, tags, wantTags)
	}
	if !reflect.DeepEqual(texts, wantTexts) {
		t.Errorf("%q: got texts\n%q\nwant\n%q", name, texts, wantTexts)
	}
}
