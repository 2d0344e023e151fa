package kafkatest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
)

// LaunchCluster starts nodes that are brokers and controllers of one cluster, with
// copies of commits on all of them, so that any one may fail. It returns once all
// answer. The caller closes each.
func LaunchCluster(ctx context.Context, nodes int, o Options) ([]*Broker, error) {
	copies := strconv.Itoa(min(nodes, 3))
	properties := map[string]string{"offsets.topic.replication.factor": copies, "offsets.topic.num.partitions": strconv.Itoa(4 * nodes),
		"transaction.state.log.replication.factor": copies, "share.coordinator.state.topic.replication.factor": copies, "min.insync.replicas": "1",
		"controller.quorum.election.timeout.ms": "1000", "controller.quorum.fetch.timeout.ms": "2000"}
	for key, value := range o.Properties {
		properties[key] = value
	}
	o.Properties = properties
	j, err := findJava(o.Release)
	if err != nil {
		return nil, err
	}
	var all []*Broker
	closeAll := func() {
		for _, b := range all {
			b.Close()
		}
	}
	var voters []string
	for n := range nodes {
		dir, err := os.MkdirTemp("", "kafkatest-")
		if err != nil {
			closeAll()
			return nil, fmt.Errorf("kafkatest: %w", err)
		}
		b := &Broker{java: j, dir: dir, options: o, node: n + 1, nodes: nodes}
		all = append(all, b)
		if b.Files, err = writeCertificates(dir); err == nil {
			err = b.choosePorts()
		}
		if err != nil {
			closeAll()
			return nil, fmt.Errorf("kafkatest: prepare node %d: %w", b.node, err)
		}
		voters = append(voters, b.voter())
	}
	errs := make([]error, nodes)
	var started sync.WaitGroup
	for n, b := range all {
		b.voters = strings.Join(voters, ",")
		started.Go(func() { errs[n] = b.Restart(ctx) })
	}
	started.Wait()
	if err := errors.Join(errs...); err != nil {
		closeAll()
		return nil, err
	}
	return all, nil
}
