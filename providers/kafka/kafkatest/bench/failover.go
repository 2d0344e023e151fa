package main

import (
	"context"
	"errors"
)

func failover(context.Context, string, int) error { return errors.New("") }
