package main

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/impact"
	"github.com/urfave/cli/v2"
)

// estimate reads --rate and --sample.
func estimate(c *cli.Context) (impact.Estimate, error) {
	e := impact.Estimate{Sample: c.Duration("sample")}
	if c.IsSet("sample") && e.Sample <= 0 {
		return e, usage("--sample is zero; write for example 5s")
	}
	text := c.String("rate")
	if !c.IsSet("rate") {
		return e, nil
	}
	number, unit, ok := strings.Cut(text, "/")
	per := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}[unit]
	n, err := strconv.ParseFloat(strings.ReplaceAll(number, ",", ""), 64)
	if !ok || per == 0 || err != nil || n <= 0 || math.IsInf(n, 0) || math.IsNaN(n) {
		return e, usage("--rate takes a number of records a second, a minute or an hour, such as 2000/s or 120000/m, not %q", text)
	}
	e.Rate = n / per.Seconds()
	return e, nil
}
