//go:build integration

package main

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The newest actionlint does not know the key queue yet, which GitHub documents; the
// schema of workflows does.
const actionlint = `actionlint -no-color -ignore 'unexpected key "queue" for "concurrency" section' `

const validated = `kubectl-validate --local-crds "$BIN/crds" `

// A checkedExample is a command, run in the folder of the examples, that passes; with the
// mistake in the file it fails.
type checkedExample struct{ command, file, right, mistake string }

func reviewChecks() map[string]checkedExample {
	return map[string]checkedExample{
		"a workflow that plans": {
			actionlint + "*/reset-plan.yml",
			"reviews/github-actions/reset-plan.yml", "github.token", "github.tokn",
		},
		"a workflow that applies": {
			actionlint + "*/reset-apply.yml",
			"reviews/github-actions/reset-apply.yml", "[ -z \"$plans\" ]", "[ -z $plans ]",
		},
		"the schema of workflows": {
			`python -m check_jsonschema --builtin-schema vendor.github-workflows github-actions/*.yml`,
			"reviews/github-actions/reset-apply.yml", "queue: max", "queue: all",
		},
		"a pipeline of GitLab": {
			`python -m check_jsonschema --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci gitlab-ci/*.yml`,
			"reviews/gitlab-ci/reset.gitlab-ci.yml", "resource_group: resets", "resource_group: [resets]",
		},
		"the script of reviews": {
			`shellcheck -x -P SCRIPTDIR/github-actions reset.sh`,
			"reviews/reset.sh", `add --all -- "$FOLDER"`, `add --all -- $FOLDER`,
		},
		"the script that installs": {
			`shellcheck install.sh`,
			"reviews/install.sh", `-C "$folder"`, `-C $folder`,
		},
		"what is special about GitHub": {
			`shellcheck github-actions/forge.sh`,
			"reviews/github-actions/forge.sh", `call POST "$REPO`, `call POST $REPO`,
		},
		"what is special about GitLab": {
			`shellcheck gitlab-ci/forge.sh`,
			"reviews/gitlab-ci/forge.sh", `call POST "$REPO`, `call POST $REPO`,
		},
		"the image of GitLab's jobs": {
			`hadolint gitlab-ci/Containerfile`,
			"reviews/gitlab-ci/Containerfile", "apt-get install --yes", "apt-get install",
		},
		"the operator's part on GitHub": {
			`RESETPLAN_CONFIG=github-actions/resetplan.config.yaml resetplan config show`,
			"reviews/github-actions/resetplan.config.yaml", "connectionsOnly", "connectionOnly",
		},
		"the operator's part on GitLab": {
			`RESETPLAN_CONFIG=gitlab-ci/resetplan.config.yaml resetplan config show`,
			"reviews/gitlab-ci/resetplan.config.yaml", "connectionsOnly", "connectionOnly",
		},
	}
}

func scheduleChecks() map[string]checkedExample {
	return map[string]checkedExample{
		"a CronJob": {
			manifest("kubernetes/overlays/production"),
			"schedules/kubernetes/base/cronjob.yaml", "startingDeadlineSeconds", "startingDeadline",
		},
		"a claim": {
			manifest("kubernetes/base"),
			"schedules/kubernetes/base/lock.yaml", "accessModes", "accessMode",
		},
		"a plan in a config map": {
			`RESETPLAN_CONFIG=kubernetes/base/resetplan.config.yaml resetplan validate kubernetes/base/plan.yaml argo-cd/plan.yaml`,
			"schedules/kubernetes/base/plan.yaml", "provider: prod", "provider: pro",
		},
		"an alert": {
			manifest("kubernetes/overlays/production"),
			"schedules/kubernetes/components/alerts/prometheusrule.yaml", "severity: critical", "severity: [critical]",
		},
		"the identity on AWS": {
			identity("aws"),
			"schedules/kubernetes/components/identity-aws/kustomization.yaml", "ServiceAccount", "Serviceaccount",
		},
		"the identity on Alibaba": {
			identity("alibaba"),
			"schedules/kubernetes/components/identity-alibaba/kustomization.yaml", "/metadata/annotations", "/metadata/annotation",
		},
		"the identity on Tencent": {
			identity("tencent"),
			"schedules/kubernetes/components/identity-tencent/kustomization.yaml", "/metadata/annotations", "/metadata/annotation",
		},
		"the identity on Huawei": {
			identity("huawei"),
			"schedules/kubernetes/components/identity-huawei/kustomization.yaml", "expirationSeconds: 7200", "expiration: 7200",
		},
		"a hook of Argo CD": {
			manifest("argo-cd"),
			"schedules/argo-cd/presync.yaml", "backoffLimit: 3", "backoffLimit: three",
		},
		"the lock of an Argo CD hook": {
			validated + "argo-cd/lock.yaml",
			"schedules/argo-cd/lock.yaml", "ReadWriteOnce", "{Read: Once}",
		},
		"a workflow of GitHub": {
			actionlint + "github-actions/replay.yml",
			"schedules/github-actions/replay.yml", "runner.temp", "runner.tmp",
		},
		"its operator's part": {
			`RESETPLAN_CONFIG=github-actions/resetplan.config.yaml resetplan config show`,
			"schedules/github-actions/resetplan.config.yaml", "connectionsOnly", "connectionOnly",
		},
		"a CronWorkflow": {
			validated + "argo-workflows/cronworkflow.yaml",
			"schedules/argo-workflows/cronworkflow.yaml", "entrypoint: replay", "entrypoint: [replay]",
		},
	}
}

func machineChecks() map[string]checkedExample {
	return map[string]checkedExample{
		"a service": {
			`systemd-analyze verify "$PWD"/systemd/resetplan@.service`,
			"schedules/systemd/resetplan@.service", "TimeoutStartSec=1h", "TimeoutStartSec=later",
		},
		"a service's hardening": {
			`systemd-analyze security --offline=true --threshold=13 "$PWD"/systemd/resetplan@.service >&2`,
			"schedules/systemd/resetplan@.service", "PrivateUsers=yes", "PrivateUsers=no",
		},
		"the alert's hardening": {
			`systemd-analyze security --offline=true --threshold=13 "$PWD"/systemd/resetplan-alert@.service >&2`,
			"schedules/systemd/resetplan-alert@.service", "PrivateUsers=yes", "PrivateUsers=no",
		},
		"an alert's service": {
			`systemd-analyze verify "$PWD"/systemd/resetplan-alert@.service`,
			"schedules/systemd/resetplan-alert@.service", "Type=oneshot", "Type=once",
		},
		"a timer": {
			`systemd-analyze verify "$PWD"/systemd/resetplan@.timer`,
			"schedules/systemd/resetplan@.timer", "03:00:00 UTC", "25:00:00 UTC",
		},
		"an image from source": {
			`hadolint container/Containerfile`,
			"schedules/container/Containerfile", "WORKDIR /plan", "WORKDIR plan",
		},
	}
}

// TestIntegrationExamplesPassTheirOwnCheckers lints each file with the checker for
// its format, which also has to find a mistake that the test adds.
func TestIntegrationExamplesPassTheirOwnCheckers(t *testing.T) {
	all := reviewChecks()
	maps.Copy(all, scheduleChecks())
	maps.Copy(all, machineChecks())
	for name, c := range all {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS("../../examples")); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(dir, c.file)
			for _, wrong := range []bool{false, true} {
				text := strings.ReplaceAll(example(t, c.file), "/usr/bin/resetplan", "/bin/true") // systemd looks for the program
				if wrong && !strings.Contains(text, c.right) {
					t.Fatalf("%q not found in it", c.right)
				}
				if wrong {
					text = strings.Replace(text, c.right, c.mistake, 1)
				}
				writeAll(t, map[string]string{file: text})
				code, output := typedIn(t, filepath.Join(dir, strings.SplitN(c.file, "/", 2)[0]), checkers(t), "bash", "-eo", "pipefail", "-c", c.command)
				// systemd only warns of what it ignores, with the name of the file.
				found := code != 0 || strings.HasPrefix(c.command, "systemd-analyze verify") && strings.Contains(output, filepath.Base(file))
				if found != wrong {
					t.Errorf("with a mistake: %v; it found one: %v (exit %d)\n%s", wrong, found, code, output)
				}
				if code > 120 {
					t.Errorf("it does not run (`make integration` fetches it): %s", output)
				}
			}
		})
	}
}

// manifest validates what kustomize makes of a folder.
func manifest(folder string) string {
	return "kustomize build " + folder + " > built.yaml; " + validated + "built.yaml"
}

// identity is manifest for the base with the identity of one cloud.
func identity(cloud string) string {
	return "mkdir -p kubernetes/overlays/x; printf 'resources: [../../base]\\ncomponents: [../../components/identity-%s]\\n' " + cloud +
		" > kubernetes/overlays/x/kustomization.yaml; " + manifest("kubernetes/overlays/x") +
		"; grep -E 'role-arn|role-name|ID_TOKEN_FILE' built.yaml"
}

// checkers is an environment in which they are found.
func checkers(t *testing.T) map[string]string {
	bin, err := filepath.Abs("../../.bin")
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{"BIN": bin, "PATH": bin + ":" + filepath.Dir(os.Getenv("RESETPLAN_PYTHON"))}
}

// TestIntegrationOwnersOfWhatDecides reads CODEOWNERS with git, which has the same
// patterns. The last one that matches a file counts.
func TestIntegrationOwnersOfWhatDecides(t *testing.T) {
	dir, lines := t.TempDir(), strings.Split(example(t, "reviews/github-actions/CODEOWNERS"), "\n")
	for file, want := range map[string]string{
		".github/workflows/reset-apply.yml":       "@your-org/platform",
		".github/resetplan/reset.sh":              "@your-org/platform",
		".github/resetplan/checksums.txt":         "@your-org/platform",
		".github/resetplan/resetplan.config.yaml": "@your-org/platform",
		".github/CODEOWNERS":                      "@your-org/platform",
		"resets/orders.yaml":                      "@your-org/data",
		"resets/orders.params.yaml":               "@your-org/data",
		"resets/billing/2026/orders.yaml":         "@your-org/billing",
		"resets/billing/2026/orders.lock.yaml":    "@your-org/platform",
	} {
		owner := ""
		for _, line := range lines {
			fields := strings.Fields(line)
			if len(fields) != 2 || fields[0] == "#" {
				continue
			}
			writeAll(t, map[string]string{filepath.Join(dir, "pattern"): fields[0]})
			code, _ := typedIn(t, dir, nil, "bash", "-euc",
				`[ -d .git ] || git init --quiet; git -c core.excludesFile="$PWD/pattern" check-ignore --no-index --quiet "$1"`, "bash", file)
			if code == 0 {
				owner = fields[1]
			}
		}
		if owner != want {
			t.Errorf("%s belongs to %q, want %q", file, owner, want)
		}
	}
}
