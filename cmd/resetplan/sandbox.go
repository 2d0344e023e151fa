package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/resetplan/resetplan/cmd/resetplan/internal/cmdline"
	"github.com/resetplan/resetplan/providers/sandbox"
	"github.com/urfave/cli/v2"
)

func sandboxCommand(proc process) *cli.Command {
	flags := []cli.Flag{
		&cli.StringFlag{Name: "kafka-bootstrap", Usage: "seed and use the real cluster at `HOST:PORT` instead of the embedded one"},
		&cli.StringSliceFlag{Name: "fault", Usage: "inject the fault `NAME` into all services, or TYPE:NAME into one; repeatable"},
		&cli.StringFlag{Name: "write-plan", Usage: "write a plan for this sandbox to `FILE`"},
	}
	for _, kind := range sandbox.Types() {
		usage := "serve " + kind + " at `HOST:PORT`; port 0 picks a free port"
		flags = append(flags, &cli.StringFlag{Name: kind + "-listen", Usage: usage, Value: sandbox.Default(kind)})
	}
	about := "Every service speaks its vendor's own protocol, checks signatures and keeps real state. An embedded Kafka is\n" +
		"behind kafka, aliyun-kafka and tencent-dts, so a Kafka client sees their resets. All services accept the access\n" +
		"key " + sandbox.AccessKey + " and the secret " + sandbox.Secret + ". The sandbox runs until it is interrupted.\n\nFaults:\n"
	rest := "\nExample: resetplan sandbox --write-plan try.yaml\n\nExit codes: 0 interrupted; 1 could not start; 3 bad input."
	flags = append(flags, cmdline.Later(func(c *cli.Command) []cli.Flag {
		c.Description = about + faultHelp() + rest
		return nil
	}))
	return &cli.Command{
		Name: "sandbox", Usage: "emulate every service on loopback, with sample data, to try plans", Description: about + rest,
		Flags:  flags,
		Action: func(c *cli.Context) error { return sandboxAction(c, proc) },
	}
}

// faultHelp lists each fault once, with the services that have it.
func faultHelp() string {
	types := map[string]map[string][]string{} // name -> description -> services
	for _, kind := range sandbox.Types() {
		for name, description := range sandbox.Faults()[kind] {
			if types[name] == nil {
				types[name] = map[string][]string{}
			}
			types[name][description] = append(types[name][description], kind)
		}
	}
	var out strings.Builder
	t := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	for _, name := range slices.Sorted(maps.Keys(types)) {
		for _, description := range slices.Sorted(maps.Keys(types[name])) {
			fmt.Fprintf(t, "  %s\t%s (%s)\n", name, description, strings.Join(types[name][description], ", "))
		}
	}
	if t.Flush() != nil {
		return ""
	}
	return out.String()
}

// onLoopback returns the address of a flag; one without a host, such as :0, gets
// the loopback address. The sandbox accepts every client that has the printed key,
// so it is reachable from this computer only.
func onLoopback(flag, address string) (string, error) {
	const remedy = "write 127.0.0.1:PORT, or :0 for a free port"
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", usage("--%s requires HOST:PORT, got %q; %s", flag, address, remedy)
	}
	if host != "" && host != "127.0.0.1" && host != "localhost" {
		return "", usage("--%s must be a loopback address, got %q; %s", flag, host, remedy)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", usage("--%s requires a port from 0 to 65535, got %q; %s", flag, port, remedy)
	}
	return net.JoinHostPort(cmp.Or(host, "127.0.0.1"), port), nil
}

func sandboxAction(c *cli.Context, proc process) error {
	ctx, cancel := proc.interruptible(c.Context)
	defer cancel()
	o := sandbox.Options{Listen: map[string]string{}, Kafka: c.String("kafka-bootstrap"), Faults: c.StringSlice("fault"), Now: proc.now}
	for _, kind := range sandbox.Types() {
		var err error
		if o.Listen[kind], err = onLoopback(kind+"-listen", c.String(kind+"-listen")); err != nil {
			return err
		}
	}
	s, err := sandbox.Start(ctx, o)
	var unknown *sandbox.UnknownFault
	if errors.As(err, &unknown) {
		return usage("%v", unknown)
	}
	var listen *net.OpError
	if errors.As(err, &listen) && listen.Op == "listen" {
		return fmt.Errorf("%w; choose another address with --SERVICE-listen, or end another sandbox", err)
	}
	if err != nil {
		return err
	}
	defer s.Close()
	file := c.String("write-plan")
	if file != "" {
		if err := writeNew(file, s.Plan()); err != nil {
			return err
		}
	}
	if err := announce(proc, s, file); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// announce prints the addresses, the environment of a client, and a plan to try.
func announce(proc process, s *sandbox.Sandbox, file string) error {
	t := tabwriter.NewWriter(proc.stdout, 0, 0, 2, ' ', 0)
	for _, service := range s.Services() {
		fmt.Fprintf(t, "%s\t%s\t%s\n", service.Type, service.Address, service.Holds)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(proc.stdout, "\nCredentials for clients:\n\n")
	for _, v := range sandbox.Environment() {
		fmt.Fprintf(proc.stdout, "export %s=%s\n", v.Name, v.Value)
	}
	if file == "" {
		fmt.Fprintf(proc.stdout, "\nA plan to try:\n\n%s\n", s.Plan())
	} else {
		fmt.Fprintf(proc.stdout, "\nTry: resetplan plan %s\n", file)
	}
	_, err := fmt.Fprintln(proc.stdout, "ready")
	return err
}
