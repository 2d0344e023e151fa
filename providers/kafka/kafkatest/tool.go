package kafkatest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
)

// classes are the mains behind Kafka's own commands.
func classes() map[string]string {
	const tools = "org.apache.kafka.tools."
	return map[string]string{
		"kafka-consumer-groups":     tools + "consumer.group.ConsumerGroupCommand",
		"kafka-share-groups":        tools + "consumer.group.ShareGroupCommand",
		"kafka-topics":              tools + "TopicCommand",
		"kafka-configs":             "kafka.admin.ConfigCommand",
		"kafka-acls":                tools + "AclCommand",
		"kafka-get-offsets":         tools + "GetOffsetShell",
		"kafka-delete-records":      tools + "DeleteRecordsCommand",
		"kafka-transactions":        tools + "TransactionsCommand",
		"kafka-verifiable-producer": tools + "VerifiableProducer",
		"kafka-broker-api-versions": tools + "BrokerApiVersionsCommand",
		"kafka-features":            tools + "FeatureCommand",
	}
}

// Output is what a command printed and how it ended.
type Output struct {
	Stdout, Stderr string
	Code           int // the exit code; -1 if a signal ended it
}

// Tool runs one of Kafka's own commands, such as "kafka-consumer-groups",
// against the broker's plain address. An error means that it did not run;
// how it ended is in the Output.
func (b *Broker) Tool(ctx context.Context, name string, args ...string) (Output, error) {
	return b.java.tool(ctx, b.Addresses.Plain, name, args)
}

// Tool runs one of a release's own commands against any bootstrap server.
func Tool(ctx context.Context, r Release, bootstrap, name string, args ...string) (Output, error) {
	j, err := findJava(r)
	if err != nil {
		return Output{}, err
	}
	return j.tool(ctx, bootstrap, name, args)
}

func (j java) tool(ctx context.Context, bootstrap, name string, args []string) (Output, error) {
	class, ok := classes()[name]
	if !ok {
		return Output{}, fmt.Errorf("kafkatest: no tool %s is known here", name)
	}
	line := slices.Concat([]string{"-Xmx256m"}, quickStart(), []string{"Leash", class, "--bootstrap-server", bootstrap}, args)
	return run(ctx, j.build(line...))
}

// ToolCommand is the same command as a user of the published archive runs
// it, with all flags of bin/kafka-run-class.sh: for figures, not for tests.
// Options of the script itself, for the class path, are left out.
func (b *Broker) ToolCommand(bootstrap, name string, args ...string) *exec.Cmd {
	return b.java.build(slices.Concat([]string{
		"-Xmx256M", "-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20", "-XX:InitiatingHeapOccupancyPercent=35",
		"-XX:+ExplicitGCInvokesConcurrent", "-Djava.awt.headless=true",
		"-Dcom.sun.management.jmxremote=true", "-Dcom.sun.management.jmxremote.authenticate=false", "-Dcom.sun.management.jmxremote.ssl=false",
		classes()[name], "--bootstrap-server", bootstrap,
	}, args)...)
}

// run runs a leashed JVM to its end, or to the context's.
func run(ctx context.Context, cmd *exec.Cmd) (Output, error) {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	p, err := begin(cmd, func() {})
	if err != nil {
		return Output{}, err
	}
	select {
	case <-p.ended:
	case <-ctx.Done():
		p.kill()
		return Output{}, errors.Join(fmt.Errorf("kafkatest: %s did not end", cmd.Args), ctx.Err())
	}
	return Output{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}, nil
}
