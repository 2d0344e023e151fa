//go:build integration && linux && amd64

package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/lock/locktest"
)

// A nightlyJob is the workflow of GitHub and the CronJob of Kubernetes, which share a lock in
// a real S3 server. Both get their identity from a service that issues tokens.
type nightlyJob struct {
	t        *testing.T
	server   *locktest.Server
	identity *httptest.Server
	releases *review
	dir      string // the checkout
}

// moved replaces the bucket and the region of the examples by those of the server.
var moved = strings.NewReplacer("acme-resets", locktest.Bucket, "eu-west-1", "us-east-1")

// TestIntegrationAWorkflowAndACronJobShareALock runs the workflow twice at the same
// time, and then the CronJob, for the same date.
func TestIntegrationAWorkflowAndACronJobShareALock(t *testing.T) {
	box := freshSandbox(t)
	address, err := box.Address("kafka")
	noError(t, err)
	n := newNightlyJob(t, nightly(address))
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if code, output := n.workflow(); code != 0 {
				t.Errorf("the workflow exited with %d: %s", code, output)
			}
		})
	}
	wg.Wait()
	committedAt(t, box, "orders-billing", "100,100,100")
	moveTo(t, box, "250,250,250") // the consumers read on
	command := podCommand(t, n.cronJob())
	for i, arg := range command {
		command[i] = moved.Replace(strings.ReplaceAll(arg, "/plan/plan.yaml", n.dir+"/resets/orders-replay.yaml"))
	}
	today := time.Now().UTC().Format(time.DateOnly)
	code, output := typedIn(t, n.dir, n.pod(), command...)
	if code != 0 || !strings.Contains(output, "nothing to do") && today == time.Now().UTC().Format(time.DateOnly) {
		t.Errorf("the CronJob exited with %d: %s", code, output)
	}
	committedAt(t, box, "orders-billing", "250,250,250")
}

func newNightlyJob(t *testing.T, plan string) *nightlyJob {
	n := &nightlyJob{t: t, server: locktest.Amazon(t), releases: &review{t: t, tools: t.TempDir()}, dir: t.TempDir()}
	n.identity = httptest.NewServer(http.HandlerFunc(issue))
	t.Cleanup(n.identity.Close)
	folder := filepath.Join(n.dir, ".github", "resetplan")
	noError(t, os.MkdirAll(folder, 0o755))
	noError(t, os.MkdirAll(filepath.Join(n.dir, "resets"), 0o755))
	writeAll(t, map[string]string{
		folder + "/checksums.txt": n.releases.release(), folder + "/install.sh": example(t, "reviews/install.sh"),
		folder + "/resetplan.config.yaml":    "version: 1\nallow: {hosts: [\"127.0.0.1:*\", \"s3.us-east-1.amazonaws.com:443\"]}\n",
		n.dir + "/resets/orders-replay.yaml": plan,
	})
	noError(t, os.Chmod(folder+"/install.sh", 0o755))
	return n
}

// issue answers a runner that requests a token, and the program that exchanges it for
// credentials of the store, as GitHub and AWS do.
func issue(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodGet && r.Header.Get("Authorization") == "bearer runner" && r.FormValue("audience") == "sts.amazonaws.com":
		fmt.Fprint(w, `{"value": "identity"}`)
	case r.FormValue("Action") == "AssumeRoleWithWebIdentity" && strings.TrimSpace(r.FormValue("WebIdentityToken")) == "identity" &&
		r.FormValue("RoleArn") == "arn:aws:iam::123456789012:role/resets":
		fmt.Fprintf(w, "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>tester</AccessKeyId>"+
			"<SecretAccessKey>not-a-secret</SecretAccessKey><SessionToken></SessionToken><Expiration>%s</Expiration></Credentials>"+
			"</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>", time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	default:
		w.WriteHeader(http.StatusForbidden)
	}
}

// pod has the variables by which the SDK of a pod finds its identity and the server.
func (n *nightlyJob) pod() map[string]string {
	token := filepath.Join(n.t.TempDir(), "token")
	writeAll(n.t, map[string]string{token: "identity"})
	return map[string]string{"AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/resets", "AWS_WEB_IDENTITY_TOKEN_FILE": token,
		"AWS_ENDPOINT_URL_STS": n.identity.URL, "AWS_ENDPOINT_URL_S3": "http://" + n.server.Address}
}

// workflow runs the steps of the workflow, as a runner does.
func (n *nightlyJob) workflow() (code int, output string) {
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct {
				Run string
				Env map[string]string
			}
		}
	}
	decoded(n.t, example(n.t, "schedules/github-actions/replay.yml"), &workflow)
	dir := n.t.TempDir()
	env := map[string]string{"RUNNER_TEMP": dir, "GITHUB_PATH": dir + "/path", "GITHUB_STEP_SUMMARY": dir + "/summary", "RESETPLAN_RELEASES": n.releases.releases,
		"ACTIONS_ID_TOKEN_REQUEST_TOKEN": "runner", "ACTIONS_ID_TOKEN_REQUEST_URL": n.identity.URL + "/?version=2",
		"AWS_ENDPOINT_URL_STS": n.identity.URL, "AWS_ENDPOINT_URL_S3": "http://" + n.server.Address}
	known := strings.NewReplacer("${{ inputs.run || '@date' }}", "@date", "${{ vars.RESETPLAN_ROLE }}", "arn:aws:iam::123456789012:role/resets",
		"${{ runner.temp }}", dir, "${{ secrets.KAFKA_WRITER_USERNAME }}", "", "${{ secrets.KAFKA_WRITER_PASSWORD }}", "")
	for _, s := range workflow.Jobs["replay"].Steps {
		if s.Run == "" || code != 0 {
			continue
		}
		all := maps.Clone(env)
		for k, v := range s.Env {
			all[k] = moved.Replace(known.Replace(v))
		}
		if all["AGAIN"] != "" {
			all["AGAIN"] = "1"
		}
		if added, err := os.ReadFile(env["GITHUB_PATH"]); err == nil {
			all["PATH"] = strings.TrimSpace(string(added))
		}
		script := filepath.Join(n.t.TempDir(), "step.sh")
		writeAll(n.t, map[string]string{script: s.Run})
		c, text := typedIn(n.t, n.dir, all, "bash", "--noprofile", "--norc", "-eo", "pipefail", script)
		code, output = c, output+text
	}
	return code, output
}

// cronJob returns an overlay of the base with the shared lock, and checks that its
// operator permits the host of the lock: the server gets the request, and refuses its region.
func (n *nightlyJob) cronJob() string {
	at := n.t.TempDir()
	noError(n.t, os.CopyFS(at, os.DirFS("../../examples/schedules/kubernetes")))
	noError(n.t, os.Mkdir(at+"/shared", 0o755))
	writeAll(n.t, map[string]string{at + "/shared/kustomization.yaml": "resources: [../base]\ncomponents: [../components/shared-lock]\n"})
	within, err := filepath.Rel("../../examples", at+"/shared")
	if err != nil {
		here, failed := filepath.Abs("../../examples")
		noError(n.t, failed)
		within, err = filepath.Rel(here, at+"/shared")
	}
	noError(n.t, err)
	var config string
	for document := range strings.SplitSeq(built(n.t, within), "\n---\n") {
		var one struct {
			Kind string
			Data map[string]string
		}
		if decoded(n.t, document, &one); one.Kind == "ConfigMap" && one.Data["resetplan.config.yaml"] != "" {
			config = filepath.Join(at, "config.yaml")
			writeAll(n.t, map[string]string{config: one.Data["resetplan.config.yaml"]})
		}
	}
	env := n.pod()
	env["RESETPLAN_CONFIG"], env["PATH"] = config, n.releases.tools
	lock := strings.TrimPrefix(podCommand(n.t, within)[3], "--lock=")
	if code, output := typedIn(n.t, n.dir, env, "resetplan", "lock", "show", lock); code != 1 || !strings.Contains(output, "operation error S3") {
		n.t.Errorf("lock show %s exited with %d: %s", lock, code, output)
	}
	return within
}
