# `make help` lists the targets.
SHELL := /bin/bash
GOLANGCI_VERSION := v2.15.0
GOLANGCI := $(CURDIR)/.bin/golangci-lint-$(GOLANGCI_VERSION)
ACTIONLINT_VERSION := v1.7.12
KUBECTL_VALIDATE_VERSION := v0.0.4
KUSTOMIZE_VERSION := v5.8.2
ARGO_WORKFLOWS_VERSION := v4.0.5
PROMETHEUS_OPERATOR_VERSION := v0.85.0
CHECKERS := .bin/checkers-$(ACTIONLINT_VERSION)-$(KUBECTL_VALIDATE_VERSION)-$(KUSTOMIZE_VERSION)-$(ARGO_WORKFLOWS_VERSION)-$(PROMETHEUS_OPERATOR_VERSION)
GORELEASER_VERSION := v2.15.1
CYCLONEDX_VERSION := v1.10.0
GO_LICENSES_VERSION := v1.6.0
RELEASE := cmd/resetplan/internal/release
RELEASE_FILES := .cache/release
RELEASE_TOOLS := .bin/release-$(GORELEASER_VERSION)-$(CYCLONEDX_VERSION)-$(GO_LICENSES_VERSION)
KAFKATEST := providers/kafka/kafkatest
KAFKA := .cache/kafka
OLDEST_KAFKA := .cache/kafka-oldest
PYTHON := .cache/python
VERSITYGW_VERSION := v1.8.0
S3_SERVER := .bin/versitygw-$(VERSITYGW_VERSION)
FAKE_GCS_VERSION := v1.56.1
GOOGLE_SERVER := .bin/fake-gcs-server-$(FAKE_GCS_VERSION)
AZURE_SERVER := .cache/azurite
LOCKTEST := plan/lock/locktest/testdata/azurite
BROWSER := plan/view/html/testdata/browser
NODE := .cache/node

# Tests that need a real service are in files with this build tag;
# `make integration` runs each of them by name and repeats no other test.
TAGGED = $(shell grep -rl --include='*_test.go' '^//go:build integration' cmd plan schema providers examples)
PACKAGES = $(sort $(addprefix ./,$(dir $(TAGGED))))
NAMES = $(shell sed -nE 's/^func (Test[A-Za-z0-9_]+).*testing\.T\>.*/\1/p' $(TAGGED) | paste -sd "|")

# How long `make fuzz` tries each target, and the packages that have one.
FUZZTIME ?= 1m
FUZZED = $(shell grep -rl --include='*_test.go' '^func Fuzz' cmd plan schema providers files examples | xargs -n 1 dirname | sort -u)

# The packages with golden files.
GOLDEN = $(sort $(addprefix ./,$(dir $(shell grep -rl --include='*_test.go' 'rewrite golden files' schema plan providers))))

# How the program is built: without debug information, which takes a sixth of the time,
# without the generator of documents of the library for command lines, and by a compiler
# that collects its garbage only above 768 MiB, which takes a quarter of the time of the
# largest packages. With -v, go names each package that it compiles, and nothing if all of
# them are in its cache; of these names, every hundredth is shown as a count.
BUILD = CGO_ENABLED=0 GOGC=off GOMEMLIMIT=768MiB go build -trimpath -tags urfave_cli_no_docs -ldflags='-s -w' -gcflags=all=-dwarf=false
COUNTED = awk '/^[^ :]+$$/ { if (++n % 100 == 0) { print n " packages compiled"; fflush() } next } { print; fflush() }' >&2

.DEFAULT_GOAL := help
.PHONY: help build test fuzz lint integration fetch soak bench demo generate golden check clean kafka-jars python-sdks node-packages checkers s3-server google-server azure-server \
	release-tools release-files licences snapshot

help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

build: ## build the program: ./resetplan
	@echo "Building ./resetplan. The first build downloads 200 MB of modules and compiles 700 packages, which takes minutes; later ones take seconds." >&2
	@set -o pipefail; $(BUILD) -v -o resetplan ./cmd/resetplan 2>&1 | $(COUNTED)

test: ## every test that needs only Go
	go test -race -shuffle=on -timeout 30m ./...

fuzz: ## every fuzz target, for a minute each; `make fuzz FUZZTIME=5s` is a short run
	@failed=; \
	for package in $(FUZZED); do \
		targets=$$(go test -list '^Fuzz' ./$$package) || exit 1; \
		for target in $$(grep '^Fuzz' <<<"$$targets"); do \
			echo "$$package $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./$$package || failed="$$failed $$package:$$target"; \
		done; \
	done; \
	test -z "$$failed" || { echo "these fuzz targets failed:$$failed; the inputs are in testdata/fuzz next to each" >&2; exit 1; }

# The other systems that the program runs on: lint compiles the program and its tests
# for one architecture of each, and snapshot builds the program for all.
OTHERS := darwin/arm64 windows/amd64
# The others of a release, of which only packages with code for one system or processor are
# vetted; without the command line, whose tests build everything again.
ARCHITECTURES := linux/arm64 darwin/amd64 windows/arm64
FOR_ONE_SYSTEM := { grep -rlE '^//go:build .*(linux|unix|windows|darwin|amd64|arm64)' --include='*.go' cmd files plan providers schema; \
	find cmd files plan providers schema -name '*_linux*.go' -o -name '*_windows*.go' -o -name '*_darwin*.go'; } | \
	xargs -n1 dirname | grep -v '^cmd/resetplan$$' | sort -u | sed 's,^,./,'

lint: $(GOLANGCI) ## formatting, staticcheck, and vet for Linux, macOS and Windows
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "not formatted by gofmt: $$unformatted" >&2; exit 1; }
	go vet -tags integration ./...
	@for system in $(OTHERS); do \
		echo "GOOS=$${system%/*} GOARCH=$${system#*/} go vet -tags integration ./..."; \
		CGO_ENABLED=0 GOOS=$${system%/*} GOARCH=$${system#*/} go vet -tags integration ./... || exit 1; \
	done
	@for system in $(ARCHITECTURES); do \
		export CGO_ENABLED=0 GOOS=$${system%/*} GOARCH=$${system#*/}; \
		echo "GOOS=$$GOOS GOARCH=$$GOARCH go vet -tags integration, of packages with code for one system"; \
		go vet -tags integration $$(go list -e -tags integration -f '{{if or .GoFiles .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}' \
			$$($(FOR_ONE_SYSTEM))) || exit 1; \
	done
	$(GOLANGCI) run ./...

$(GOLANGCI):
	GOBIN=$(CURDIR)/.bin GOFLAGS= go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	mv .bin/golangci-lint $@

# Vet is left to lint, which vets these files with all its checks.
integration: fetch ## the tests on two releases of a real Kafka, on servers of object stores, with the vendors' own clients and in a real browser; needs a JDK of at least 17, Maven, Python, Chromium and npm
	@test -n "$(NAMES)" || { echo "no test has the build tag integration" >&2; exit 1; }
	RESETPLAN_PYTHON=$(CURDIR)/$(PYTHON)/bin/python RESETPLAN_NODE=$(CURDIR)/$(NODE) go test -tags integration -vet=off -count=1 -timeout 25m -run '^($(NAMES))$$' $(PACKAGES)

fetch: kafka-jars python-sdks node-packages checkers release-tools s3-server google-server azure-server ## what integration needs, into .bin and .cache

soak: s3-server google-server azure-server ## 1,000 scheduled runs of four machines on one shared lock, with faults, and 1,000 uses of each kind of lock by one process; RESETPLAN_SOAK=N for another number
	RESETPLAN_SOAK=$${RESETPLAN_SOAK:-1000} go test -tags 'integration soak' -count=1 -timeout 120m -v -run 'TestSoakOfASharedLock|LeavesNothing|LeaveNothing' \
		./cmd/resetplan ./plan/lock/internal/objects ./plan/reconcile

s3-server: $(S3_SERVER) ## fetch the S3 server of the tests of shared locks into .bin

$(S3_SERVER):
	GOBIN=$(CURDIR)/.bin GOFLAGS= go install github.com/versity/versitygw/cmd/versitygw@$(VERSITYGW_VERSION)
	mv .bin/versitygw $@

google-server: $(GOOGLE_SERVER) ## fetch the server of Google Cloud Storage of the tests of shared locks into .bin

$(GOOGLE_SERVER):
	GOBIN=$(CURDIR)/.bin GOFLAGS= go install github.com/fsouza/fake-gcs-server@$(FAKE_GCS_VERSION)
	mv .bin/fake-gcs-server $@

azure-server: $(AZURE_SERVER)/made-from ## fetch the emulator of Azure Blob Storage of the tests of shared locks into .cache

$(AZURE_SERVER)/made-from: $(LOCKTEST)/package.json $(LOCKTEST)/package-lock.json
	mkdir -p $(AZURE_SERVER)
	cp $^ $(AZURE_SERVER)
	cd $(AZURE_SERVER) && npm ci --ignore-scripts --no-audit --no-fund
	touch $@

kafka-jars: $(KAFKA)/made-from $(OLDEST_KAFKA)/made-from ## fetch the jars of a real Kafka, the newest and the oldest supported, into .cache

$(KAFKA)/made-from: $(KAFKATEST)/prepare.sh $(KAFKATEST)/pom.xml $(wildcard $(KAFKATEST)/jvm/*)
	$(KAFKATEST)/prepare.sh $(KAFKA)

$(OLDEST_KAFKA)/made-from: $(KAFKATEST)/prepare.sh $(KAFKATEST)/pom.xml $(wildcard $(KAFKATEST)/jvm/*)
	$(KAFKATEST)/prepare.sh $(OLDEST_KAFKA) oldest

python-sdks: $(PYTHON)/made-from ## fetch the vendors' clients in another language, and checkers, into .cache

$(PYTHON)/made-from: $(wildcard providers/*/*fake/testdata/requirements.txt) cmd/resetplan/testdata/checkers/requirements.txt
	python3 -m venv --clear $(PYTHON)
	$(PYTHON)/bin/pip install -q --disable-pip-version-check $(addprefix -r ,$^)
	cat $^ > $@

checkers: $(CHECKERS) ## fetch the checkers of workflows and manifests into .bin

$(CHECKERS):
	GOBIN=$(CURDIR)/.bin GOFLAGS= go install github.com/rhysd/actionlint/cmd/actionlint@$(ACTIONLINT_VERSION)
	GOBIN=$(CURDIR)/.bin GOFLAGS= go install sigs.k8s.io/kubectl-validate@$(KUBECTL_VALIDATE_VERSION)
	GOBIN=$(CURDIR)/.bin GOFLAGS= go install sigs.k8s.io/kustomize/kustomize/v5@$(KUSTOMIZE_VERSION)
	rm -rf .bin/crds && mkdir -p .bin/crds
	$(call definition,github.com/argoproj/argo-workflows/v4@$(ARGO_WORKFLOWS_VERSION),manifests/base/crds/full/argoproj.io_cronworkflows.yaml)
	$(call definition,github.com/prometheus-operator/prometheus-operator@$(PROMETHEUS_OPERATOR_VERSION),example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml)
	touch $@

# definition copies the definition of a Kubernetes resource out of a Go module.
definition = install -m 0644 "$$(GOFLAGS= go mod download -json $(1) | sed -n 's/^\t"Dir": "\(.*\)",$$/\1/p')/$(2)" .bin/crds

release-tools: $(RELEASE_TOOLS) ## fetch the programs that build a release into .bin

$(RELEASE_TOOLS):
	GOBIN=$(CURDIR)/.bin GOFLAGS= go install github.com/goreleaser/goreleaser/v2@$(GORELEASER_VERSION)
	GOBIN=$(CURDIR)/.bin GOFLAGS= go install github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@$(CYCLONEDX_VERSION)
	GOBIN=$(CURDIR)/.bin GOFLAGS= go install github.com/google/go-licenses@$(GO_LICENSES_VERSION)
	touch $@

release-files: $(RELEASE_TOOLS) ## write what an archive contains besides the program into .cache/release
	rm -rf $(RELEASE_FILES)
	PATH="$(CURDIR)/.bin:$$PATH" $(RELEASE)/licences.sh $(RELEASE_FILES)
	mkdir -p $(RELEASE_FILES)/completions
	$(BUILD) -o $(RELEASE_FILES)/resetplan ./cmd/resetplan
	$(RELEASE_FILES)/resetplan completion bash > $(RELEASE_FILES)/completions/resetplan.bash
	$(RELEASE_FILES)/resetplan completion zsh > $(RELEASE_FILES)/completions/_resetplan
	$(RELEASE_FILES)/resetplan completion fish > $(RELEASE_FILES)/completions/resetplan.fish
	$(RELEASE_FILES)/resetplan completion powershell > $(RELEASE_FILES)/completions/resetplan.ps1
	$(RELEASE_FILES)/resetplan man > $(RELEASE_FILES)/resetplan.1
	gzip -9nk $(RELEASE_FILES)/resetplan.1

licences: $(RELEASE_TOOLS) ## rewrite docs/licences.md from the dependencies; fails if one has a licence that is not allowed
	PATH="$(CURDIR)/.bin:$$PATH" $(RELEASE)/licences.sh $(RELEASE_FILES)
	cp $(RELEASE_FILES)/licences.md docs/licences.md

snapshot: $(RELEASE_TOOLS) ## build the archives and packages of a release for all platforms into ./dist, without publishing or signing
	PATH="$(CURDIR)/.bin:$$PATH" goreleaser release --snapshot --clean --skip=publish,sign,ko

node-packages: $(NODE)/made-from ## fetch the checkers of the HTML report and the schema into .cache

$(NODE)/made-from: $(BROWSER)/package.json $(BROWSER)/package-lock.json
	mkdir -p $(NODE)
	cp $^ $(NODE)
	cd $(NODE) && npm ci --ignore-scripts --no-audit --no-fund
	touch $@

bench: kafka-jars build ## figures next to other tools on a real broker, into docs/scale.md
	go run ./$(KAFKATEST)/bench -page docs/scale.md ./resetplan
	go run ./providers/sandbox/cloudbench -page docs/scale.md ./resetplan

demo: build ## plan, apply and roll back on six emulated services
	./resetplan demo

generate: ## rewrite the tables, the picture and the pages in docs/reference that are derived from the code
	go test ./cmd/resetplan -run "TestReadme|TestReference" -update

golden: generate ## rewrite every golden file and generated table; the diff shows the new look
	go test $(GOLDEN) -update

check: lint ## generated files are fresh, go.mod is tidy, lint
	go test ./cmd/resetplan -run "TestReadme|TestReference"
	go mod tidy -diff

clean: ## remove what was built and fetched
	rm -rf resetplan dist .bin .cache
