package plan_test

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// What the program for Linux may consist of, at most. Each package has to be compiled by
// every user who builds the program, and each module to be downloaded: a new one needs a
// reason.
const (
	mostForeignPackages = 442 // 96 of them for locks in object stores
	mostForeignModules  = 101
)

// notLinked are packages that must not be a part of the program: those of tests, and
// parts of libraries that it has no use for.
var notLinked = []string{
	"github.com/chromedp", "github.com/rogpeppe/go-internal", "github.com/yuin/goldmark", "mvdan.cc/sh", "pgregory.net/rapid",
	"golang.org/x/tools", "github.com/resetplan/resetplan/plan/plantest", "github.com/resetplan/resetplan/plan/view/viewtest",
	"github.com/resetplan/resetplan/providers/providertest", "github.com/resetplan/resetplan/providers/kafka/kafkatest",
	"github.com/aliyun/alibaba-cloud-sdk-go/services", // the types of all actions: 2.4 s to compile
	"net/http/pprof", "expvar",
}

// TestVendorsSDKsAreLinked checks that the program reaches each cloud through the SDK of
// its vendor: it follows what the service changes, which own code would not.
func TestVendorsSDKsAreLinked(t *testing.T) {
	packages, _ := linked(t)
	for _, sdk := range []string{
		"github.com/aliyun/alibaba-cloud-sdk-go/sdk/auth", "github.com/aliyun/aliyun-log-go-sdk", "github.com/huaweicloud/huaweicloud-sdk-go-v3/core",
		"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common",
	} {
		if !slices.Contains(packages, sdk) {
			t.Errorf("the program does not have the package %s", sdk)
		}
	}
}

// TestProgramLinksLittle lists what the program consists of.
func TestProgramLinksLittle(t *testing.T) {
	packages, modules := linked(t)
	foreign := slices.DeleteFunc(slices.Clone(packages), func(name string) bool {
		first, _, _ := strings.Cut(name, "/")
		return !strings.Contains(first, ".") || strings.HasPrefix(name, module)
	})
	if len(foreign) > mostForeignPackages || len(foreign) < 100 {
		t.Errorf("the program has %d packages of other modules, want at most %d", len(foreign), mostForeignPackages)
	}
	if len(modules) > mostForeignModules || len(modules) < 20 {
		t.Errorf("the program has packages of %d other modules, want at most %d: %s", len(modules), mostForeignModules, strings.Join(modules, " "))
	}
	for _, name := range packages {
		for _, refused := range notLinked {
			if name == refused || strings.HasPrefix(name, refused+"/") {
				t.Errorf("the program has the package %s", name)
			}
		}
	}
}

// TestDocumentsGeneratorIsLeftOut checks the build tag of the Makefile: the library for
// command lines leaves out its generator of documents.
func TestDocumentsGeneratorIsLeftOut(t *testing.T) {
	with, _ := linked(t)
	without, _ := linked(t, "-tags", "urfave_cli_no_docs")
	for _, name := range []string{"github.com/cpuguy83/go-md2man/v2/md2man", "github.com/russross/blackfriday/v2"} {
		if !slices.Contains(with, name) {
			t.Errorf("the program does not have the package %s without the tag: remove the tag", name)
		}
		if slices.Contains(without, name) {
			t.Errorf("the program has the package %s", name)
		}
	}
	text, err := os.ReadFile("../Makefile")
	if err != nil || !strings.Contains(string(text), "-tags urfave_cli_no_docs") {
		t.Errorf("%v; the Makefile builds without the tag", err)
	}
}

// linked returns the packages of the program, and the modules that they are from,
// without this one.
func linked(t *testing.T, options ...string) (packages, modules []string) {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", append(append([]string{"list", "-deps", "-f", "{{.ImportPath}} {{with .Module}}{{.Path}}{{end}}"}, options...),
		module+"cmd/resetplan")...)
	list.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		packages = append(packages, words[0])
		if len(words) > 1 && words[1]+"/" != module {
			modules = append(modules, words[1])
		}
	}
	slices.Sort(modules)
	return packages, slices.Compact(modules)
}
