package main

import (
	"cmp"
	"fmt"
	"runtime/debug"

	"github.com/resetplan/resetplan/plan/view"
	"github.com/urfave/cli/v2"
)

// A release sets these with -ldflags "-X main.releaseVersion=…". Other builds leave
// them empty: the go command records what it knows.
var releaseVersion, releaseCommit, releaseDate string

// A buildRecord describes how this program was built. What is unknown is empty.
type buildRecord struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Date     string `json:"date,omitempty"`     // of the commit
	Modified bool   `json:"modified,omitempty"` // the files differed from the commit
	Go       string `json:"go,omitempty"`
	Platform string `json:"platform,omitempty"` // GOOS/GOARCH
}

func versionCommand(proc process) *cli.Command {
	return &cli.Command{
		Name: "version", Usage: "print the version",
		Description: "With --format json: the version, the commit and its date, the release of Go, and the platform, as far as the build knows them.\n\n" +
			"Example: resetplan version",
		Flags: []cli.Flag{formatFlag("text", "json")},
		Action: func(c *cli.Context) error {
			if wantsJSON(c) {
				return view.JSON(proc.stdout, thisBuild())
			}
			_, err := fmt.Fprintln(proc.stdout, "resetplan", version())
			return err
		},
	}
}

// version is the version of this program in one word or two.
func version() string { return thisBuild().line() }

func thisBuild() buildRecord {
	info, _ := debug.ReadBuildInfo()
	return recordOf(info, buildRecord{Version: releaseVersion, Commit: releaseCommit, Date: releaseDate})
}

// line is the version for a person. A build without a version is named by its commit.
func (b buildRecord) line() string {
	if b.Version == "devel" && b.Commit != "" {
		return b.Version + " " + b.Commit
	}
	return b.Version
}

// recordOf completes what a release has set with what the go command recorded; there
// is none in a program that was built by another tool.
func recordOf(info *debug.BuildInfo, release buildRecord) buildRecord {
	if info == nil {
		release.Version = cmp.Or(release.Version, "unknown")
		return release
	}
	set := map[string]string{}
	for _, s := range info.Settings {
		set[s.Key] = s.Value
	}
	version := info.Main.Version
	if version == "(devel)" || version == "" {
		version = "devel"
	}
	b := buildRecord{
		Version: cmp.Or(release.Version, version), Commit: cmp.Or(release.Commit, set["vcs.revision"]), Date: cmp.Or(release.Date, set["vcs.time"]),
		Modified: set["vcs.modified"] == "true", Go: info.GoVersion,
	}
	if set["GOOS"] != "" {
		b.Platform = set["GOOS"] + "/" + set["GOARCH"]
	}
	return b
}
