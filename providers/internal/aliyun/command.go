package aliyun

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

const (
	commandTakes = time.Minute      // at most
	commandLasts = 10 * time.Minute // the shortest session of the vendor lasts 15
	mostOutput   = 1 << 20
)

// byCommand runs the program that a profile of mode External names. It prints a
// profile of another mode. The program runs again before its keys expire.
func (f *finder) byCommand(p *profile, above []*profile) (issuer, error) {
	if err := p.lacks("process_command", p.Command); err != nil {
		return nil, err
	}
	var inner issuer
	var until time.Time
	return func() (Keys, error) {
		now := f.env.Now()
		if inner == nil || !now.Before(until) {
			printed, err := run(p)
			if err != nil {
				return Keys{}, err
			}
			f.Found(printed.secrets()...)
			if strings.EqualFold(printed.Mode, modeCommand) {
				return Keys{}, errors.New("the command of mode External prints a profile of mode External")
			}
			if inner, err = f.issuer(printed, append(above, p)); err != nil {
				return Keys{}, err
			}
			until = now.Add(commandLasts)
			if printed.TokenExpires > 0 {
				until = time.Unix(printed.TokenExpires, 0).Add(-3 * time.Minute)
			}
		}
		return inner()
	}, nil
}

// run runs a profile's command, without a shell, and returns the profile it prints.
func run(p *profile) (*profile, error) {
	ctx, cancel := context.WithTimeout(context.Background(), commandTakes)
	defer cancel()
	words := strings.Fields(p.Command)
	var out bytes.Buffer
	c := exec.CommandContext(ctx, words[0], words[1:]...)
	c.Stdout = &limited{&out}
	c.WaitDelay = time.Second
	if err := c.Run(); err != nil {
		return nil, fmt.Errorf("the command of %s failed: %w; run it yourself to see why", p.from, err)
	}
	printed := &profile{from: "the command of " + p.from, all: p.all, Name: p.Name}
	if json.Unmarshal(out.Bytes(), printed) != nil {
		return nil, fmt.Errorf("the command of %s does not print JSON", p.from) // the decoder's message may quote a key
	}
	if printed.Mode == "" {
		printed.Mode = printed.recognised()
	}
	return printed, nil
}

// limited is a buffer that refuses more than any profile needs.
type limited struct{ *bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > mostOutput {
		return 0, errors.New("the output is too large")
	}
	return l.Buffer.Write(p)
}
