package main

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/schema"
	"github.com/urfave/cli/v2"
)

func bootstrapFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "bootstrap", Usage: "Kafka's brokers to ask first: `HOST:PORT`, several with commas; repeatable"}
}

// connection makes a provider of flags: --bootstrap, and --set with dots for
// keys inside keys.
func (w world) connection(c *cli.Context, kind string) (schema.Provider, error) {
	p := schema.Provider{Name: kind, Type: kind, Config: map[string]any{}}
	given, err := w.values(c)
	if err != nil {
		return p, err
	}
	for path, text := range given.Texts() {
		at := p.Config
		words := strings.Split(path, ".")
		for _, word := range words[:len(words)-1] {
			inner, ok := at[word].(map[string]any)
			if !ok {
				inner = map[string]any{}
				at[word] = inner
			}
			at = inner
		}
		at[words[len(words)-1]] = valueOf(text)
	}
	if servers := brokers(c); len(servers) > 0 {
		p.Config["bootstrapServers"] = servers
	}
	return p, nil
}

// valueOf reads a value of --set: a truth value, a number, {} or a text.
func valueOf(text string) any {
	if text == "{}" {
		return map[string]any{}
	}
	if text == "true" || text == "false" {
		return text == "true"
	}
	if _, err := strconv.ParseInt(text, 10, 64); err == nil {
		return json.Number(text)
	}
	return text
}

// brokers returns what --bootstrap names.
func brokers(c *cli.Context) []any {
	var out []any
	for _, text := range c.StringSlice("bootstrap") {
		for _, one := range strings.Split(text, ",") {
			if one = strings.TrimSpace(one); one != "" {
				out = append(out, one)
			}
		}
	}
	return out
}
