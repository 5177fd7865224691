package provider_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// logField is a field of a line of the log, whose value is quoted where it has blanks.
var logField = regexp.MustCompile(`(\S+?)=(?:"([^"]*)"|(\S+))`)

// A wait tells in the log of each round: how many records match, which servers are behind, and when it asks again.
func TestValidationLogsEachRound(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	last := l.zone.Server("ns3")
	last.Hold()
	l.zone.SetTXT("@", spfA)
	after(last, 3, last.Release)
	c := newReleasedCLI(t, l.one(spfA, ""))
	c.env = []string{"TF_LOG_PROVIDER=INFO"}
	out := c.run(t, "apply", "-auto-approve", "-no-color")
	var rounds []map[string]string
	for line := range strings.Lines(out) {
		if !strings.Contains(line, "Waiting for DNS") {
			if strings.Contains(line, "What live DNS serves") {
				t.Errorf("at the level INFO, the log holds %q", line)
			}
			continue
		}
		fields := make(map[string]string)
		for _, m := range logField.FindAllStringSubmatch(line, -1) {
			fields[m[1]] = m[2] + m[3]
		}
		if !strings.Contains(line, "[INFO]") || fields["@module"] != "maildomain.validation" {
			t.Errorf("the log holds %q, want it at the level INFO and of maildomain.validation", line)
		}
		rounds = append(rounds, fields)
	}
	if len(rounds) < 2 {
		t.Fatalf("terraform printed:\n%s\nwant at least two rounds in the log", out)
	}
	for i, r := range rounds {
		matching, behind, unmet := "0", last.Name()+" ("+last.Addr().String()+")", "spf"
		if i == len(rounds)-1 {
			matching, behind, unmet = "1", "none", "none"
		}
		next, err := strconv.ParseFloat(r["next_round_in_s"], 64)
		if err != nil || (next == 0) != (i == len(rounds)-1) {
			t.Errorf("round %d tells of the next one in %q s", i+1, r["next_round_in_s"])
		}
		got := []string{r["round"], r["records"], r["records_matching"], r["servers_behind"], r["unmet"]}
		if want := []string{strconv.Itoa(i + 1), "1", matching, behind, unmet}; !slices.Equal(got, want) {
			t.Errorf("the log has %q, want %q", got, want)
		}
	}
}
