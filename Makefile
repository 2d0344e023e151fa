# What can be made of this tree. `make help` lists it.
SHELL := /bin/bash
GOLANGCI_VERSION := v2.15.0
GOLANGCI := $(CURDIR)/.bin/golangci-lint-$(GOLANGCI_VERSION)
KAFKATEST := providers/kafka/kafkatest
KAFKA := .cache/kafka
PYTHON := .cache/python

# The tests that need a real service stand in files with this build tag;
# `make integration` runs each of them by its name, and nothing else again.
TAGGED = $(shell grep -rl --include='*_test.go' '^//go:build integration' cmd plan schema providers examples)
PACKAGES = $(sort $(addprefix ./,$(dir $(TAGGED))))
NAMES = $(shell sed -nE 's/^func (Test[A-Za-z0-9_]+).*testing\.T\>.*/\1/p' $(TAGGED) | paste -sd "|")

.DEFAULT_GOAL := help
.PHONY: help build test lint integration bench demo generate check clean kafka-jars python-sdks

help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

build: ## build the program: ./resetplan
	CGO_ENABLED=0 go build -trimpath -o resetplan ./cmd/resetplan

test: ## every test that needs Go alone
	go test -race -shuffle=on ./...

lint: $(GOLANGCI) ## formatting, vet, staticcheck and the rules of imports
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "not formatted by gofmt: $$unformatted" >&2; exit 1; }
	go vet -tags integration ./...
	$(GOLANGCI) run ./...

$(GOLANGCI):
	GOBIN=$(CURDIR)/.bin GOFLAGS= go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	mv .bin/golangci-lint $@

integration: kafka-jars python-sdks ## the tests on a real Kafka and with the vendors' own clients; needs a JDK of at least 17, Maven and Python
	@test -n "$(NAMES)" || { echo "no test has the build tag integration" >&2; exit 1; }
	RESETPLAN_PYTHON=$(CURDIR)/$(PYTHON)/bin/python go test -tags integration -count=1 -timeout 20m -run '^($(NAMES))$$' $(PACKAGES)

kafka-jars: $(KAFKA)/made-from ## fetch the jars of a real Kafka into .cache

$(KAFKA)/made-from: $(KAFKATEST)/prepare.sh $(KAFKATEST)/pom.xml $(wildcard $(KAFKATEST)/jvm/*)
	$(KAFKATEST)/prepare.sh $(KAFKA)

python-sdks: $(PYTHON)/made-from ## fetch the vendors' clients in another language into .cache

$(PYTHON)/made-from: $(wildcard providers/*/*fake/testdata/requirements.txt)
	python3 -m venv --clear $(PYTHON)
	$(PYTHON)/bin/pip install -q --disable-pip-version-check $(addprefix -r ,$^)
	cat $^ > $@

bench: kafka-jars build ## figures beside Kafka's own tools on a real broker, as ratios
	go run ./$(KAFKATEST)/bench ./resetplan

demo: ## the main job on an embedded Kafka
	go run ./cmd/resetplan demo

generate: ## rewrite what is derived from the code
	go test ./cmd/resetplan -run TestReadmeMatrix -update

check: lint ## generated files are fresh, go.mod is tidy, lint
	go test ./cmd/resetplan -run TestReadmeMatrix
	go mod tidy -diff

clean: ## remove what was built and fetched
	rm -rf resetplan .bin .cache
