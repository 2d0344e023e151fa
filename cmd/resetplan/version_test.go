package main

import (
	"runtime/debug"
	"testing"
)

// TestTheVersionIsThatOfTheBuild describes each way to build the program.
func TestTheVersionIsThatOfTheBuild(t *testing.T) {
	linux := []debug.BuildSetting{{Key: "GOARCH", Value: "arm64"}, {Key: "GOOS", Value: "linux"}}
	clone := func(modified string) []debug.BuildSetting {
		return append([]debug.BuildSetting{{Key: "vcs", Value: "git"}, {Key: "vcs.revision", Value: "9ad8245a"},
			{Key: "vcs.time", Value: "2026-11-28T12:00:00Z"}, {Key: "vcs.modified", Value: modified}}, linux...)
	}
	built := func(version string, settings []debug.BuildSetting) *debug.BuildInfo {
		return &debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Version: version}, Settings: settings}
	}
	for _, c := range []struct {
		name    string
		info    *debug.BuildInfo
		release buildRecord
		want    buildRecord
		line    string
	}{
		{"a release", built("v0.1.0", clone("false")), buildRecord{Version: "v0.1.0", Commit: "9ad8245a", Date: "2026-11-28T12:00:00Z"},
			buildRecord{"v0.1.0", "9ad8245a", "2026-11-28T12:00:00Z", false, "go1.26.8", "linux/arm64"}, "v0.1.0"},
		{"a release that is packaged from an archive of the source", built("(devel)", linux), buildRecord{Version: "v0.1.0", Commit: "9ad8245a"},
			buildRecord{"v0.1.0", "9ad8245a", "", false, "go1.26.8", "linux/arm64"}, "v0.1.0"},
		{"go install of a module", built("v0.1.0", linux), buildRecord{},
			buildRecord{"v0.1.0", "", "", false, "go1.26.8", "linux/arm64"}, "v0.1.0"},
		{"a clone", built("v0.1.1-0.20261128120000-9ad8245aaaaa", clone("false")), buildRecord{},
			buildRecord{"v0.1.1-0.20261128120000-9ad8245aaaaa", "9ad8245a", "2026-11-28T12:00:00Z", false, "go1.26.8", "linux/arm64"},
			"v0.1.1-0.20261128120000-9ad8245aaaaa"},
		{"a clone with changes", built("v0.1.1-0.20261128120000-9ad8245aaaaa+dirty", clone("true")), buildRecord{},
			buildRecord{"v0.1.1-0.20261128120000-9ad8245aaaaa+dirty", "9ad8245a", "2026-11-28T12:00:00Z", true, "go1.26.8", "linux/arm64"},
			"v0.1.1-0.20261128120000-9ad8245aaaaa+dirty"},
		{"a clone whose version is not recorded", built("(devel)", clone("false")), buildRecord{},
			buildRecord{"devel", "9ad8245a", "2026-11-28T12:00:00Z", false, "go1.26.8", "linux/arm64"}, "devel 9ad8245a"},
		{"files without a repository", built("(devel)", linux), buildRecord{}, buildRecord{"devel", "", "", false, "go1.26.8", "linux/arm64"}, "devel"},
		{"another tool", nil, buildRecord{}, buildRecord{Version: "unknown"}, "unknown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := recordOf(c.info, c.release)
			if got != c.want || got.line() != c.line {
				t.Errorf("got  %+v, %q\nwant %+v, %q", got, got.line(), c.want, c.line)
			}
		})
	}
}
