package resolve

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestFlightsShare(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFlights[string, int]()
		var calls atomic.Int32
		work := func(ctx context.Context) int {
			calls.Add(1)
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
			}
			return 7
		}
		for range 10 {
			go func() {
				if v, err := f.do(t.Context(), "key", work); v != 7 || err != nil {
					t.Errorf("do = %d, %v, want 7", v, err)
				}
			}()
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if n := calls.Load(); n != 1 {
			t.Errorf("ten callers made %d calls, want 1", n)
		}
		if v, err := f.do(t.Context(), "key", work); v != 7 || err != nil || calls.Load() != 2 {
			t.Errorf("afterwards do = %d, %v with %d calls, want a second call", v, err, calls.Load())
		}
	})
}

func TestFlightsOutliveACaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFlights[string, int]()
		ctx, cancel := context.WithCancel(t.Context())
		release := make(chan struct{})
		work := func(ctx context.Context) int {
			select {
			case <-release:
				return 7
			case <-ctx.Done():
				t.Error("the work was cancelled while a caller waited")
				return 0
			}
		}
		leader := make(chan error, 1)
		go func() {
			_, err := f.do(ctx, "key", work)
			leader <- err
		}()
		synctest.Wait()
		follower := make(chan int, 1)
		go func() {
			v, _ := f.do(t.Context(), "key", work)
			follower <- v
		}()
		synctest.Wait()
		cancel()
		if err := <-leader; !errors.Is(err, context.Canceled) {
			t.Errorf("the cancelled caller got %v, want %v", err, context.Canceled)
		}
		close(release)
		if v := <-follower; v != 7 {
			t.Errorf("the other caller got %d, want 7", v)
		}
	})
}

func TestFlightsEndWithTheLastCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFlights[string, int]()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		for range 3 {
			go func() {
				if _, err := f.do(ctx, "key", func(ctx context.Context) int {
					<-ctx.Done()
					close(ended)
					return 0
				}); !errors.Is(err, context.Canceled) {
					t.Errorf("do: %v, want %v", err, context.Canceled)
				}
			}()
			synctest.Wait()
		}
		cancel()
		<-ended
		synctest.Wait()
		if len(f.m) != 0 {
			t.Errorf("%d flights are left, want none", len(f.m))
		}
	})
}

// The work ends at the deadline of the caller that started it; one with more time gets its own.
func TestFlightsDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFlights[string, int]()
		var calls atomic.Int32
		work := func(ctx context.Context) int {
			calls.Add(1)
			select {
			case <-time.After(3 * time.Second):
				return 7
			case <-ctx.Done():
				return 0
			}
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		hasty := make(chan error, 1)
		go func() {
			_, err := f.do(short, "key", work)
			hasty <- err
		}()
		synctest.Wait()
		long, cancelLong := context.WithTimeout(t.Context(), time.Minute)
		defer cancelLong()
		if v, err := f.do(long, "key", work); v != 7 || err != nil {
			t.Errorf("the patient caller got %d, %v, want 7", v, err)
		}
		if err := <-hasty; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the hasty caller got %v, want %v", err, context.DeadlineExceeded)
		}
		if n := calls.Load(); n != 2 {
			t.Errorf("the work was done %d times, want 2", n)
		}
	})
}

func TestRace(t *testing.T) {
	t.Parallel()
	never := time.Duration(0)
	tests := []struct {
		name    string
		after   []time.Duration // how long each try takes; it fails where negative; never ends where 0
		want    int
		took    time.Duration
		started int32
	}{
		{"nothing to try", nil, -1, 0, 0},
		{"the first succeeds", []time.Duration{50, 50}, 0, 50, 1},
		{"failures go on at once", []time.Duration{-1, -1, 5}, 2, 7, 3},
		{"all fail", []time.Duration{-1, -2, -3}, -1, 6, 3},
		{"the first is dead", []time.Duration{never, 5, 5}, 1, 105, 2},
		{"many are dead", []time.Duration{never, never, never, never, never, never, 5, never, 5}, 6, 305, 8},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				var started atomic.Int32
				got := race(t.Context(), len(tt.after), 100, func(ctx context.Context, i int) bool {
					started.Add(1)
					if tt.after[i] == never {
						<-ctx.Done()
						return false
					}
					time.Sleep(max(tt.after[i], -tt.after[i]))
					return tt.after[i] > 0
				})
				if got != tt.want || time.Since(begin) != tt.took || started.Load() != tt.started {
					t.Errorf("race = %d after %v with %d started, want %d after %v with %d",
						got, time.Since(begin), started.Load(), tt.want, tt.took, tt.started)
				}
			})
		})
	}
}

func TestRaceCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	got := race(ctx, 100, time.Hour, func(ctx context.Context, i int) bool {
		cancel()
		<-ctx.Done()
		return false
	})
	if got != -1 {
		t.Errorf("race = %d, want -1", got)
	}
}
