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

	"github.com/resetplan/resetplan/providers/sandbox"
	"github.com/urfave/cli/v2"
)

func sandboxCommand(w world) *cli.Command {
	flags := []cli.Flag{
		&cli.StringFlag{Name: "kafka-bootstrap", Usage: "seed the real cluster at `HOST:PORT` and use it instead of the embedded one"},
		&cli.StringSliceFlag{Name: "fault", Usage: "fail in the way of `NAME`, or of TYPE:NAME at one service; repeatable"},
		&cli.StringFlag{Name: "write-plan", Usage: "write a plan to try to `FILE`"},
	}
	for _, kind := range sandbox.Types() {
		flags = append(flags, &cli.StringFlag{Name: kind + "-listen", Usage: "where " + kind + " is served, `HOST:PORT`; port 0 picks a free one", Value: sandbox.Default(kind)})
	}
	return &cli.Command{
		Name: "sandbox", Usage: "every service, emulated on loopback and seeded, to try plans on",
		Description: "Every service speaks its vendor's own protocol, checks signatures and keeps real state. An embedded Kafka\n" +
			"stands behind kafka, aliyun-kafka and tencent-dts: a Kafka client sees what is reset. The access key is\n" +
			sandbox.AccessKey + " and the secret " + sandbox.Secret + " everywhere. It runs until it is interrupted.\n\nFaults:\n" + faultHelp() +
			"\nExample: resetplan sandbox --write-plan try.yaml\n\nExit codes: 0 interrupted; 1 it could not be served; 3 bad input.",
		Flags:  flags,
		Action: func(c *cli.Context) error { return sandboxAction(c, w) },
	}
}

// faultHelp lists each fault once, with the services that have it.
func faultHelp() string {
	types := map[string]map[string][]string{} // name -> what it does -> who has it
	for _, kind := range sandbox.Types() {
		for name, does := range sandbox.Faults()[kind] {
			if types[name] == nil {
				types[name] = map[string][]string{}
			}
			types[name][does] = append(types[name][does], kind)
		}
	}
	var out strings.Builder
	t := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	for _, name := range slices.Sorted(maps.Keys(types)) {
		for _, does := range slices.Sorted(maps.Keys(types[name])) {
			fmt.Fprintf(t, "  %s\t%s (%s)\n", name, does, strings.Join(types[name][does], ", "))
		}
	}
	if t.Flush() != nil {
		return ""
	}
	return out.String()
}

// onLoopback returns the address that a flag gives, completed where it is a
// port alone, such as :0. What is served lets everybody in who knows the
// printed key, so that it is never served beyond this computer.
func onLoopback(flag, address string) (string, error) {
	const write = "write 127.0.0.1:PORT, or :0 for a free port"
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", usage("--%s is HOST:PORT, not %q; %s", flag, address, write)
	}
	if host != "" && host != "127.0.0.1" && host != "localhost" {
		return "", usage("--%s is on loopback only, and %q is not 127.0.0.1; %s", flag, host, write)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", usage("--%s has a port of 0 to 65535, not %q; %s", flag, port, write)
	}
	return net.JoinHostPort(cmp.Or(host, "127.0.0.1"), port), nil
}

func sandboxAction(c *cli.Context, w world) error {
	ctx, cancel := w.interruptible(c.Context)
	defer cancel()
	o := sandbox.Options{Listen: map[string]string{}, Kafka: c.String("kafka-bootstrap"), Faults: c.StringSlice("fault"), Now: w.now}
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
	if err := announce(w, s, file); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// announce tells what is served, what a client must set, and what to try.
func announce(w world, s *sandbox.Sandbox, file string) error {
	t := tabwriter.NewWriter(w.stdout, 0, 0, 2, ' ', 0)
	for _, one := range s.Services() {
		fmt.Fprintf(t, "%s\t%s\t%s\n", one.Type, one.Address, one.Holds)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w.stdout, "\nLet a client in:\n\n")
	for _, v := range sandbox.Environment() {
		fmt.Fprintf(w.stdout, "export %s=%s\n", v.Name, v.Value)
	}
	if file == "" {
		fmt.Fprintf(w.stdout, "\nA plan to try:\n\n%s\n", s.Plan())
	} else {
		fmt.Fprintf(w.stdout, "\nTry: resetplan plan %s\n", file)
	}
	_, err := fmt.Fprintln(w.stdout, "ready")
	return err
}
