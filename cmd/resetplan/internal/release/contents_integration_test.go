//go:build integration

package release_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// name returns the path of a file of the release.
func (b built) name(end string) string {
	return filepath.Join(b.dist, "resetplan_"+version+"_linux_amd64"+end)
}

// TestIntegrationAReleaseContainsWhatItPromises unpacks the archive and the packages.
func TestIntegrationAReleaseContainsWhatItPromises(t *testing.T) {
	b := builtRelease(t)
	archive, deb := t.TempDir(), t.TempDir()
	must(t, archive, "tar", "-xzf", b.name(".tar.gz"))
	must(t, deb, "dpkg-deb", "-x", b.name(".deb"), ".")
	t.Run("the version", func(t *testing.T) { namesItsBuild(t, b, filepath.Join(archive, "resetplan")) })
	t.Run("the same program in the package", func(t *testing.T) { same(t, archive+"/resetplan", deb+"/usr/bin/resetplan") })
	t.Run("the files of the archive", func(t *testing.T) {
		want := []string{"CHANGELOG.md", "LICENSE", "README.md", "THIRD_PARTY_LICENSES.txt", "completions/_resetplan", "completions/resetplan.bash",
			"completions/resetplan.fish", "completions/resetplan.ps1", "man/resetplan.1", "resetplan"}
		if got := strings.Fields(must(t, archive, "sh", "-c", "find . -type f | sed s,^./,, | LC_ALL=C sort")); !slices.Equal(got, want) {
			t.Errorf("got %q\nwant %q", got, want)
		}
	})
	t.Run("completion", func(t *testing.T) {
		// The shell of a person who has the package: bash finds the script by the program's name.
		script := `PATH=$PWD/usr/bin:$PATH; . usr/share/bash-completion/completions/resetplan
			COMP_WORDS=(resetplan ver); COMP_CWORD=1; COMP_LINE="resetplan ver"; COMP_POINT=13
			$(complete -p resetplan | sed 's/.*-F \([^ ]*\).*/\1/'); echo "${COMPREPLY[*]}"`
		if got := must(t, deb, "bash", "-euc", script); strings.TrimSpace(got) != "version" {
			t.Errorf("it completes to %q", got)
		}
		same(t, archive+"/completions/_resetplan", deb+"/usr/share/zsh/vendor-completions/_resetplan")
		same(t, archive+"/completions/resetplan.fish", deb+"/usr/share/fish/vendor_completions.d/resetplan.fish")
		must(t, deb, "zsh", "-n", "usr/share/zsh/vendor-completions/_resetplan")
		must(t, deb, "fish", "-n", "usr/share/fish/vendor_completions.d/resetplan.fish")
	})
	t.Run("the manual page", func(t *testing.T) {
		if got := must(t, deb, "sh", "-c", "zcat usr/share/man/man1/resetplan.1.gz | man -l - | col -b"); !strings.Contains(got, "resetplan rollback") {
			t.Errorf("it does not describe rollback:\n%.400s", got)
		}
	})
	t.Run("rpm and apk", func(t *testing.T) {
		for kind, listing := range map[string]string{
			"rpm": must(t, archive, "sh", "-c", `rpm2cpio "$1" | cpio --quiet -t`, "sh", b.name(".rpm")),
			"apk": must(t, archive, "sh", "-c", `tar --warning=no-unknown-keyword -tzf "$1"`, "sh", b.name(".apk")),
		} {
			for _, file := range []string{"usr/bin/resetplan", "usr/share/bash-completion/completions/resetplan", "usr/share/doc/resetplan/THIRD_PARTY_LICENSES.txt",
				"usr/share/fish/vendor_completions.d/resetplan.fish", "usr/share/licenses/resetplan/LICENSE", "usr/share/man/man1/resetplan.1.gz",
				"usr/share/zsh/site-functions/_resetplan"} {
				if !strings.Contains(listing, file+"\n") {
					t.Errorf("%s has no %s:\n%s", kind, file, listing)
				}
			}
		}
	})
}

// namesItsBuild compares the version of a program with the tag and the commit.
func namesItsBuild(t *testing.T, b built, program string) {
	var got map[string]string
	if err := json.Unmarshal([]byte(must(t, b.clone, program, "version", "--format", "json")), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"version": "v" + version, "commit": strings.TrimSpace(must(t, b.clone, "git", "rev-parse", "HEAD")),
		"date": strings.TrimSpace(must(t, b.clone, "env", "TZ=UTC", "git", "log", "-1", "--date=format-local:%Y-%m-%dT%H:%M:%SZ", "--format=%cd")),
		"go":   runtime.Version(), "platform": "linux/amd64"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// same compares two files.
func same(t *testing.T, one, other string) {
	t.Helper()
	if read(t, one) != read(t, other) {
		t.Errorf("%s and %s differ", one, other)
	}
}

// TestIntegrationChecksumsAndSBOMAreThoseOfTheFiles checks each line of checksums.txt,
// and that the SBOM lists each module that is linked into the program.
func TestIntegrationChecksumsAndSBOMAreThoseOfTheFiles(t *testing.T) {
	b := builtRelease(t)
	listed := map[string]string{}
	for l := range strings.Lines(read(t, filepath.Join(b.dist, "checksums.txt"))) {
		sum, file, _ := strings.Cut(strings.TrimSpace(l), "  ")
		listed[file] = sum
	}
	for _, end := range []string{".tar.gz", ".deb", ".rpm", ".apk", ".cdx.json"} {
		file := b.name(end)
		if sum := fmt.Sprintf("%x", sha256.Sum256([]byte(read(t, file)))); listed[filepath.Base(file)] != sum {
			t.Errorf("%s has the SHA-256 %s, checksums.txt has %q", filepath.Base(file), sum, listed[filepath.Base(file)])
		}
	}
	var bom struct {
		Format   string `json:"bomFormat"`
		Metadata struct {
			Component struct{ Version string }
		}
		Components []struct {
			Name, Version string
			Evidence      struct{ Licenses []any }
		}
	}
	if err := json.Unmarshal([]byte(read(t, b.name(".cdx.json"))), &bom); err != nil || bom.Format != "CycloneDX" ||
		bom.Metadata.Component.Version != "v"+version {
		t.Fatalf("not an SBOM of this release: %v, %+v", err, bom.Metadata)
	}
	licensed := map[string]bool{}
	for _, c := range bom.Components {
		licensed[c.Name+"@"+c.Version] = len(c.Evidence.Licenses) > 0
	}
	linked := must(t, b.clone, "sh", "-c", `go version -m "$1" | awk '$1 == "dep" {print $2 "@" $3}'`, "sh",
		filepath.Join(b.dist, "resetplan_linux_amd64_v1/resetplan"))
	modules := strings.Fields(linked)
	if len(modules) < 30 {
		t.Fatalf("only %d modules are linked: %s", len(modules), linked)
	}
	for _, m := range modules {
		if has, known := licensed[m]; !known || !has {
			t.Errorf("the SBOM lists %s: %v, with a licence: %v", m, known, has)
		}
	}
}

// TestIntegrationTheSameCommitGivesTheSameBytes builds the release again in another
// folder.
func TestIntegrationTheSameCommitGivesTheSameBytes(t *testing.T) {
	first := builtRelease(t)
	second, err := build("second-in-a-longer-folder", first.clone, true)
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(second.dist, "resetplan_linux_amd64_v1/resetplan")
	same(t, filepath.Join(first.dist, "resetplan_linux_amd64_v1/resetplan"), program)
	same(t, filepath.Join(first.dist, "checksums.txt"), filepath.Join(second.dist, "checksums.txt"))
	for file, command := range map[string][]string{"resetplan.1": {"man"}, "completions/resetplan.bash": {"completion", "bash"},
		"completions/_resetplan": {"completion", "zsh"}, "completions/resetplan.fish": {"completion", "fish"},
		"completions/resetplan.ps1": {"completion", "powershell"}} {
		if must(t, second.clone, append([]string{program}, command...)...) != read(t, filepath.Join(first.clone, ".cache/release", file)) {
			t.Errorf("%s is not what the program prints", file)
		}
	}
	raw, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	if m := regexp.MustCompile(regexp.QuoteMeta(temporary) + `[^\x00 ]*`).Find(raw); m != nil {
		t.Errorf("the program contains a path of the machine that built it: %s", m)
	}
}
