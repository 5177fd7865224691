package provider

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// validationLog is the subsystem of the log: its lines have "maildomain.validation" as their module.
const validationLog = "validation"

// logWait returns what writes a line to the log for each round of a wait that begins now, and one for each change of what
// live DNS serves. While a resource is created or changed, Terraform has no other place for it.
func logWait(ctx context.Context) (round func(verify.Report, time.Duration), change func(verify.Report)) {
	ctx = tflog.NewSubsystem(ctx, validationLog)
	started, rounds := time.Now(), 0
	waited := func() string { return time.Since(started).Round(time.Second).String() }
	round = func(report verify.Report, next time.Duration) {
		rounds++
		unmet := report.Unmet()
		tflog.SubsystemInfo(ctx, validationLog, "Waiting for DNS", map[string]any{
			"round":            rounds,
			"waited":           waited(),
			"records":          report.Count(),
			"records_matching": report.Count() - len(unmet),
			"unmet":            few(unmet),
			"servers_behind":   few(report.Behind()),
			"next_round_in_s":  fmt.Sprintf("%.1f", next.Seconds()),
		})
	}
	change = func(report verify.Report) {
		tflog.SubsystemDebug(ctx, validationLog, "What live DNS serves has changed", map[string]any{"waited": waited(), "report": report.Text()})
	}
	return round, change
}

// maxLogged is how many names a line of the log holds.
const maxLogged = 5

// few joins names, fit to be shown, for a line of the log.
func few[T any](names []T) string {
	var shown []string
	for i, name := range names {
		if i == maxLogged {
			shown = append(shown, fmt.Sprintf("%d more", len(names)-i))
			break
		}
		shown = append(shown, record.Display(fmt.Sprint(name)))
	}
	if len(shown) == 0 {
		return "none"
	}
	return strings.Join(shown, ", ")
}
