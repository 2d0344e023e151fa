package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
)

// A drawing is a picture of terminals, one below the other. Its text is text: it can
// be searched, selected and read by a screen reader. It needs no font of its own, and
// follows the reader's choice of light or dark.
type drawing struct {
	title, description string
	panels             []panel
}

type panel struct {
	caption string
	lines   []string // with the escape sequences of colours
}

const (
	dollar     = "\x1b[2m$\x1b[0m "
	lineHeight = 18
	margin     = 16
	header     = 34 // of a panel: its caption
	fontWidth  = 79 // of ten characters; the widest of the usual fonts has 78.3
)

const pictureStyle = `  text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace; fill: #1f2328; white-space: pre }
  .caption { font: 600 14px system-ui, -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif }
  .frame { fill: #f6f8fa; stroke: #d1d9e0 }
  .bold { font-weight: 600 } .faint { fill: #59636e } .red { fill: #b3261e; font-weight: 600 } .green { fill: #116329 } .yellow { fill: #7d4e00 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .frame { fill: #151b23; stroke: #3d444d }
    .faint { fill: #9198a1 } .red { fill: #ff8e86 } .green { fill: #5fd572 } .yellow { fill: #e3b341 }
  }
`

// svg draws it.
func (d drawing) svg() string {
	var body strings.Builder
	width, y := pictureWidth*fontWidth/10+2*margin, 1
	for _, p := range d.panels {
		height := header + len(p.lines)*lineHeight + margin
		fmt.Fprintf(&body, "<rect class=\"frame\" x=\"1\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\"/>\n", y, width-2, height)
		fmt.Fprintf(&body, "<text class=\"caption\" x=\"%d\" y=\"%d\">%s</text>\n", margin, y+22, escaped(p.caption))
		for i, l := range p.lines {
			if l != "" {
				fmt.Fprintf(&body, "<text x=\"%d\" y=\"%d\">%s</text>\n", margin, y+header+(i+1)*lineHeight-4, spans(l))
			}
		}
		y += height + margin
	}
	y += 1 - margin
	return fmt.Sprintf("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"title desc\">\n"+
		"<title id=\"title\">%s</title>\n<desc id=\"desc\">%s</desc>\n<!-- made by `make generate` from what both programs print -->\n<style>\n%s</style>\n%s</svg>\n",
		width, y, width, y, escaped(d.title), escaped(d.description), pictureStyle, body.String())
}

// classes are the classes of the escape sequences that the program writes.
func classes() map[string]string {
	return map[string]string{"1": "bold", "2": "faint", "31": "red", "32": "green", "33": "yellow"}
}

// unknownStyle is what the escape character of a colour without a class becomes.
const unknownStyle = "\uFFFD"

var styled = regexp.MustCompile("\x1b\\[([0-9]+)m(.*?)\x1b\\[0m")

// spans is a line with its colours as elements. A sequence without a class becomes
// a replacement character, which TestReadmePicture refuses.
func spans(line string) string {
	var out strings.Builder
	rest := line
	for m := styled.FindStringSubmatchIndex(rest); m != nil; m = styled.FindStringSubmatchIndex(rest) {
		class, known := classes()[rest[m[2]:m[3]]]
		if !known {
			break
		}
		fmt.Fprintf(&out, "%s<tspan class=\"%s\">%s</tspan>", escaped(rest[:m[0]]), class, escaped(rest[m[4]:m[5]]))
		rest = rest[m[1]:]
	}
	return out.String() + escaped(strings.TrimRight(rest, " "))
}

func escaped(text string) string {
	var out strings.Builder
	_ = xml.EscapeText(&out, []byte(text)) // a Builder does not fail
	return strings.ReplaceAll(out.String(), "&#34;", `"`)
}

// fixedColumns is the width of the picture's terminal.
func fixedColumns(io.Writer) int { return pictureWidth }

// TestReadmePictureIsValid reads a picture as a browser does, and checks that every colour
// has a class in light and in dark.
func TestReadmePictureIsValid(t *testing.T) {
	before := []string{dollar + "a & b", "\x1b[31m- skip 1\x1b[0m  \x1b[1mbold\x1b[0m <x>"}
	text := drawing{title: "t", description: "d", panels: []panel{{caption: "c", lines: before}}}.svg()
	decoder := xml.NewDecoder(strings.NewReader(text))
	var shown []string
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if data, ok := token.(xml.CharData); ok {
			shown = append(shown, string(data))
		}
	}
	for _, want := range []string{"$", " a & b", "- skip 1", "bold", " <x>"} {
		if !strings.Contains(strings.Join(shown, "\n"), want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	light, dark, _ := strings.Cut(pictureStyle, "@media")
	for _, class := range []string{"faint", "red", "green", "yellow", "frame"} {
		if !strings.Contains(light, "."+class+" {") || !strings.Contains(dark, "."+class+" {") {
			t.Errorf("the class %s needs a colour in light and in dark", class)
		}
	}
	if !strings.Contains(spans("\x1b[45mviolet\x1b[0m"), unknownStyle) {
		t.Error("a colour without a class is drawn as if it had none")
	}
}
