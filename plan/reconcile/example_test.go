package reconcile_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/resetplan/resetplan/plan/check"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/all"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/resetplan/resetplan/providers/retry"
)

// A program plans a reset, applies it, and applies it again: the lock shows that the
// run is done. The service is an emulated Kafka.
func Example() {
	ctx := context.Background()
	broker, err := kafkafake.Start("127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	defer broker.Close()
	if err := kafkafake.Seed(ctx, broker.Address(), time.Now()); err != nil {
		log.Fatal(err)
	}
	folder, err := os.MkdirTemp("", "resetplan-example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)

	source := fmt.Sprintf(`
version: 1
name: orders-replay
providers:
  local: {type: kafka, bootstrapServers: [%q]}
steps:
  - id: rewind-orders
    provider: local
    target: {group: orders-billing, topic: orders}
    to: {offset: 100}
    guards: {maxReplay: 1k}
`, broker.Address())
	document, invalid := check.Examine("orders-replay.yaml", []byte(source), nil, all.Providers())
	if len(invalid) > 0 {
		log.Fatal(invalid)
	}
	reader, err := survey.Open(document, survey.Deps{
		Providers: all.Providers(),
		Process:   providers.Process{Getenv: os.Getenv, Now: time.Now},
		By:        "billing@build-7", // recorded in the lock
		Retry:     retry.Default(),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer reader.Close()

	selection := reconcile.Selection{Lock: filepath.Join(folder, "orders-replay.lock.yaml")}
	for range 2 {
		prepared, err := reconcile.Plan(ctx, reader, selection) // has no effect
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(prepared.Summary.Line())
		if err := prepared.Ready(""); err != nil { // a step is blocked; or give the approved digest
			log.Fatal(err)
		}
		result, err := reconcile.Apply(ctx, reader, prepared, reconcile.ApplyOptions{Selection: selection})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %s, nothing to do: %v\n", result.Steps[0].ID, result.Steps[0].Outcome, result.Idle)
	}
	// Output:
	// Plan: 1 step to reset, 0 unchanged, 0 done, 0 blocked. Up to 600 records delivered again, 0 skipped, 0 partitions set, on 3 partitions.
	// rewind-orders: verified, nothing to do: false
	// Plan: 0 steps to reset, 0 unchanged, 1 done, 0 blocked. 0 records delivered again, 0 skipped, 0 partitions set, on 0 partitions.
	// rewind-orders: verified, nothing to do: true
}
