package kafkatest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWhatIsMissingIsNamedWithItsRemedy(t *testing.T) {
	cases := []struct {
		name     string
		java     bool
		madeFrom string // "" = nothing was prepared
		want     string // part of the message; "" = found
	}{
		{"no Java", false, "pom java", `"java": executable file not found`},
		{"no jars", true, "", "jars are missing"},
		{"jars of another pom.xml", true, "older pom java", "built from another pom.xml"},
		{"everything is there", true, "pom java", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			top := t.TempDir()
			write := func(path, text string, mode os.FileMode) {
				path = filepath.Join(top, path)
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), mode); err != nil {
					t.Fatal(err)
				}
			}
			write(source+"/pom.xml", "pom ", 0o600)
			write(source+"/jvm/Leash.java", "java", 0o600)
			write("deep/inside/file", "", 0o600)
			write("bin/other", "", 0o700)
			if c.java {
				write("bin/java", "", 0o700)
			}
			if c.madeFrom != "" {
				write(".cache/kafka/made-from", c.madeFrom, 0o600)
			}
			t.Setenv("PATH", filepath.Join(top, "bin"))
			t.Chdir(filepath.Join(top, "deep", "inside"))
			_, err := findJava(Newest)
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "make kafka-jars") {
				t.Fatalf("%v", err)
			}
		})
	}
}

// TestDocumentsNameTheReleases expects the pages that name the supported releases of Kafka
// to name those that the tests run on, and the range between them.
func TestDocumentsNameTheReleases(t *testing.T) {
	minor := func(r Release) string { return r.Version()[:strings.LastIndexByte(r.Version(), '.')] }
	for _, file := range []string{"../../../README.md", "../../../docs/zh/README.md", "../../../docs/services/README.md", "../../../docs/services/kafka.md"} {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{Oldest.Version(), Newest.Version(), "Apache Kafka " + minor(Oldest) + " to " + minor(Newest)} {
			if !strings.Contains(strings.ReplaceAll(string(raw), " 到 ", " to "), want) {
				t.Errorf("%s does not name %s", file, want)
			}
		}
	}
}
