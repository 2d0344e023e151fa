package docs_test

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPictures checks that each picture has its content in words, fits a dark page, loads
// nothing, and is on a page.
func TestPictures(t *testing.T) {
	files, err := filepath.Glob("pictures/*.svg")
	if err != nil || len(files) == 0 {
		t.Fatalf("no pictures were found: %v", err)
	}
	pages := ""
	for _, lines := range prose(t) {
		pages += strings.Join(lines, "\n")
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var picture struct {
			Title string   `xml:"title"`
			Desc  string   `xml:"desc"`
			Style string   `xml:"style"`
			Text  []string `xml:"text"`
		}
		if err := xml.Unmarshal(raw, &picture); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		if picture.Title == "" || len(picture.Desc) < 40 || len(picture.Text) == 0 {
			t.Errorf("%s needs a title, a description of what it shows, and texts", file)
		}
		if !strings.Contains(picture.Style, "prefers-color-scheme: dark") {
			t.Errorf("%s has no colours for dark pages", file)
		}
		if n := strings.Count(string(raw), "http"); n != 1 {
			t.Errorf("%s has %d addresses, want only its namespace", file, n)
		}
		if !strings.Contains(pages, "]("+filepath.ToSlash(file)+")") {
			t.Errorf("no page shows %s", file)
		}
	}
}

// TestIncidentsAreComplete checks that each incident of 3am.md has all that a person
// needs without another page.
func TestIncidentsAreComplete(t *testing.T) {
	raw, err := os.ReadFile("3am.md")
	if err != nil {
		t.Fatal(err)
	}
	incidents := strings.Split(string(raw), "\n## ")[1:]
	if len(incidents) != 5 {
		t.Errorf("%d incidents, want 5", len(incidents))
	}
	for _, text := range incidents {
		title, _, _ := strings.Cut(text, "\n")
		for _, part := range []string{"**Check first.**", "**Look.**", "**Do", "**Verify.**", "**Undo.**", "**Other services.**"} {
			if !strings.Contains(text, part) {
				t.Errorf("%s: %s is missing", title, part)
			}
		}
	}
}
