package bench

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// watchProcess looks at a process and its children until the function that it returns is called, which gives the largest
// peak of resident memory of the process and of any child, in KiB. Both are 0 where there is no /proc.
func watchProcess(pid int) (peaks func() (process, child int)) {
	done := make(chan struct{})
	var watching sync.WaitGroup
	var process, child int
	watching.Go(func() {
		ticks := time.NewTicker(20 * time.Millisecond)
		defer ticks.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticks.C:
			}
			process = max(process, peakOf(strconv.Itoa(pid)))
			for _, c := range childrenOf(pid) {
				child = max(child, peakOf(c))
			}
		}
	})
	return func() (int, int) {
		close(done)
		watching.Wait()
		return process, child
	}
}

// childrenOf returns the processes that the threads of one have started.
func childrenOf(pid int) []string {
	threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		return nil
	}
	var children []string
	for _, thread := range threads {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", pid, thread.Name()))
		if err == nil {
			children = append(children, strings.Fields(string(data))...)
		}
	}
	return children
}

// peakOf returns the peak of resident memory of a process in KiB, 0 where it is gone.
func peakOf(pid string) int {
	data, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(data), "VmHWM:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	n, err := strconv.Atoi(fields[0])
	if err != nil {
		return 0
	}
	return n
}
