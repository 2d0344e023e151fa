//go:build integration

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// languageServer is a real yaml-language-server as an editor runs it.
type languageServer struct {
	t        *testing.T
	to       io.Writer
	settings map[string]any // the editor's, of the section yaml
	last     int
	answers  chan message
	faults   chan message // publishDiagnostics
}

type message struct {
	ID     *int            `json:"id,omitempty"`
	Method string          `json:"method,omitempty"`
	Params json.RawMessage `json:"params,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  json.RawMessage `json:"error,omitempty"`
}

type place struct {
	Line      int `json:"line"` // from 0
	Character int `json:"character"`
}

type diagnostic struct {
	Message string `json:"message"`
	Range   struct {
		Start place `json:"start"`
	} `json:"range"`
}

// startLanguageServer starts it in the folder of the edited files. It knows the
// schemas that documents name, and those of the settings: a schema -> patterns of file names.
func startLanguageServer(t *testing.T, folder string, schemas map[string][]string) *languageServer {
	t.Helper()
	program := filepath.Join(os.Getenv("RESETPLAN_NODE"), "node_modules", "yaml-language-server", "bin", "yaml-language-server")
	if _, err := os.Stat(program); err != nil {
		t.Fatalf("the language server is missing (`make integration` fetches it): %v", err)
	}
	c := exec.CommandContext(t.Context(), "node", program, "--stdio")
	c.Dir, c.Stderr = folder, os.Stderr
	to, err1 := c.StdinPipe()
	from, err2 := c.StdoutPipe()
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	settings := map[string]any{"validate": true, "hover": true, "schemaStore": map[string]any{"enable": false}, "schemas": schemas}
	l := &languageServer{t: t, to: to, settings: settings, answers: make(chan message), faults: make(chan message, 16)}
	go l.listen(from)
	t.Cleanup(func() { to.Close(); _ = c.Wait() })
	l.ask("initialize", map[string]any{"processId": os.Getpid(), "rootUri": "file://" + folder, "capabilities": map[string]any{
		"textDocument": map[string]any{"hover": map[string]any{"contentFormat": []string{"markdown"}}, "publishDiagnostics": map[string]any{}},
	}}, nil)
	l.notify("initialized", map[string]any{})
	l.notify("workspace/didChangeConfiguration", map[string]any{"settings": map[string]any{"yaml": settings}})
	return l
}

// listen delivers the server's messages, and answers its requests to an editor.
func (l *languageServer) listen(from io.Reader) {
	in := bufio.NewReader(from)
	for {
		head, err := textproto.NewReader(in).ReadMIMEHeader()
		if err != nil {
			close(l.answers)
			return
		}
		size, _ := strconv.Atoi(head.Get("Content-Length"))
		body := make([]byte, size)
		var m message
		if _, err := io.ReadFull(in, body); err != nil || json.Unmarshal(body, &m) != nil {
			close(l.answers)
			return
		}
		switch {
		case m.Method == "textDocument/publishDiagnostics":
			l.faults <- m
		case m.Method == "workspace/configuration":
			l.send(map[string]any{"id": m.ID, "result": []any{l.settings, nil, nil, nil}})
		case m.Method != "" && m.ID != nil:
			l.send(map[string]any{"id": m.ID, "result": nil})
		case m.Method == "":
			l.answers <- m
		}
	}
}

func (l *languageServer) send(m map[string]any) {
	m["jsonrpc"] = "2.0"
	text, err := json.Marshal(m)
	if err == nil {
		_, err = fmt.Fprintf(l.to, "Content-Length: %d\r\n\r\n%s", len(text), text)
	}
	if err != nil {
		l.t.Error(err)
	}
}

func (l *languageServer) notify(method string, params any) {
	l.send(map[string]any{"method": method, "params": params})
}

func (l *languageServer) ask(method string, params, into any) {
	l.t.Helper()
	l.last++
	l.send(map[string]any{"id": l.last, "method": method, "params": params})
	select {
	case m, ok := <-l.answers:
		if !ok || m.ID == nil || *m.ID != l.last || m.Error != nil {
			l.t.Fatalf("%s: answered with %s %s", method, m.Result, m.Error)
		}
		if into != nil {
			if err := json.Unmarshal(m.Result, into); err != nil {
				l.t.Fatalf("%s: %v in %s", method, err, m.Result)
			}
		}
	case <-time.After(time.Minute):
		l.t.Fatalf("%s: no answer", method)
	}
}

// open sends a document to the server and returns its diagnostics.
func (l *languageServer) open(file string) []diagnostic {
	l.t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		l.t.Fatal(err)
	}
	uri := "file://" + file
	l.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{"uri": uri, "languageId": "yaml", "version": 1,
		"text": string(text)}})
	for {
		select {
		case m := <-l.faults:
			var p struct {
				URI         string       `json:"uri"`
				Diagnostics []diagnostic `json:"diagnostics"`
			}
			if err := json.Unmarshal(m.Params, &p); err != nil {
				l.t.Fatal(err)
			}
			if p.URI == uri {
				return p.Diagnostics
			}
		case <-time.After(time.Minute):
			l.t.Fatalf("%s: no diagnostics", file)
		}
	}
}

// hover returns what an editor shows at the position of the mouse.
func (l *languageServer) hover(file string, at place) string {
	l.t.Helper()
	var shown struct {
		Contents struct{ Value string }
	}
	l.ask("textDocument/hover", map[string]any{"textDocument": map[string]any{"uri": "file://" + file}, "position": at}, &shown)
	return shown.Contents.Value
}
