# What can be made of this tree. `make help` lists it.
SHELL := /bin/bash
GOLANGCI_VERSION := v2.15.0
TOOLS := $(CURDIR)/.bin
JARS := $(CURDIR)/.cache/kafka-jars

.DEFAULT_GOAL := help
.PHONY: help build test lint integration bench demo generate check clean kafka-jars

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-12s %s\n", $$1, $$2}'

build: ## build the program: ./resetplan
	go build -trimpath -o resetplan ./cmd/resetplan

test: ## every test that needs Go alone
	go test -race -shuffle=on ./...

lint: $(TOOLS)/golangci-lint-$(GOLANGCI_VERSION) ## formatting, vet, staticcheck and the rules of imports
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "not formatted: $$unformatted"; exit 1; }
	go vet ./...
	go vet -tags integration ./...
	$< run ./...

$(TOOLS)/golangci-lint-$(GOLANGCI_VERSION):
	GOBIN=$(TOOLS) GOFLAGS= go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	mv $(TOOLS)/golangci-lint $@

integration: kafka-jars ## the same against a real Kafka; needs JDK 17 and Maven
	go test -tags integration -count=1 -timeout 20m ./providers/kafka/... ./cmd/resetplan/... -run Integration

kafka-jars: $(JARS)/.complete

$(JARS)/.complete: providers/kafka/kafkatest/pom.xml
	@command -v mvn >/dev/null || { echo "mvn is missing: install Maven and a JDK 17"; exit 1; }
	mvn -q -B -f $< dependency:copy-dependencies -DoutputDirectory=$(JARS)
	touch $@

bench: kafka-jars build ## figures beside kafka-consumer-groups on a real broker, as ratios
	go run ./providers/kafka/kafkatest/bench ./resetplan

demo: ## the main job on an embedded Kafka
	go run ./cmd/resetplan demo

generate: ## rewrite what is derived from the code
	go test ./cmd/resetplan -run TestReadmeMatrix -update

check: lint ## generated files are fresh, go.mod is tidy
	go test ./cmd/resetplan -run TestReadmeMatrix
	go mod tidy -diff

clean: ## remove what was built and fetched
	rm -rf resetplan .bin .cache
