// Command demo shows the provider at work: it builds the provider, starts a small DNS hierarchy on
// loopback, and runs the real Terraform CLI on examples/quickstart against it. Nothing leaves the machine.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"time"
)

// limit is far more than the demo takes; it ends a demo that hangs.
const limit = 5 * time.Minute

func main() {
	if err := start(); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func start() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	var err error
	if len(os.Args) == 2 && os.Args[1] == "publish" {
		err = publish(ctx)
	} else {
		err = run(ctx)
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		err = errors.New("the demo was interrupted")
	}
	return err
}

// run plays the story from the start to the end.
func run(ctx context.Context) error {
	started := time.Now()
	d, err := prepare(ctx)
	if err != nil {
		return err
	}
	defer d.close()
	for i, s := range story() {
		d.heading(i+1, len(story()), s)
		if err := s.play(ctx, d); err != nil {
			return fmt.Errorf("step %d, %s: %w", i+1, s.title, err)
		}
	}
	fmt.Printf("\n%s Every step went as told, in %s.\n", mark, time.Since(started).Round(time.Second))
	return nil
}
