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
