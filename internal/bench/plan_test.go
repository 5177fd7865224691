package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkPlan measures `terraform plan` of fleets: a module instance per domain, four services, eight records, and a
// resource for each record. In the floor, the records stand in the module as a map, and no provider but the built-in one
// has a part in it; in the others, they come from the function and from the data source. With policies, each domain has four records more.
// Beside the time, it reports the
// processor time of the CLI and of the provider together, which a busy machine changes less, and the peak memory of
// either.
func BenchmarkPlan(b *testing.B) {
	for _, shape := range []string{"floor", "function", "data_source", "floor_policies", "function_policies"} {
		for _, domains := range []int{200, 1000} {
			b.Run(fmt.Sprintf("%s/%d", shape, domains), func(b *testing.B) {
				c := newCLI(b, shape, domains)
				var total cost
				for b.Loop() {
					one := c.run(b, "plan")
					total.cpu += one.cpu
					total.cliPeak, total.providerPeak = max(total.cliPeak, one.cliPeak), max(total.providerPeak, one.providerPeak)
				}
				b.ReportMetric(total.cpu.Seconds()/float64(b.N), "cpu-s/op")
				b.ReportMetric(float64(total.cliPeak)/1024, "cli-MB")
				b.ReportMetric(float64(total.providerPeak)/1024, "provider-MB")
			})
		}
	}
}

// BenchmarkState measures what the data source of one such domain takes in the state file, which is indented JSON.
func BenchmarkState(b *testing.B) {
	const domains = 20
	var indented, compact float64
	for b.Loop() {
		c := newCLI(b, "data_source", domains)
		c.run(b, "apply", "-auto-approve")
		data, err := os.ReadFile(filepath.Join(c.dir, "terraform.tfstate"))
		if err != nil {
			b.Fatal(err)
		}
		whole, packed := dataSourceOctets(b, data)
		indented, compact = float64(whole)/domains, float64(packed)/domains
	}
	b.ReportMetric(indented, "octets/domain")
	b.ReportMetric(compact, "unindented-octets/domain")
}

// dataSourceOctets counts what the resources of the state that are data sources take in it, as the file has them and
// without its indentation.
func dataSourceOctets(b *testing.B, data []byte) (indented, compact int) {
	b.Helper()
	var state struct {
		Resources []json.RawMessage
	}
	if err := json.Unmarshal(data, &state); err != nil {
		b.Fatal(err)
	}
	for _, raw := range state.Resources {
		var r struct{ Mode string }
		if err := json.Unmarshal(raw, &r); err != nil {
			b.Fatal(err)
		}
		if r.Mode == "data" {
			var packed bytes.Buffer
			if err := json.Compact(&packed, raw); err != nil {
				b.Fatal(err)
			}
			indented += len(raw)
			compact += packed.Len()
		}
	}
	return indented, compact
}

// cli runs Terraform in a folder with the provider as it is built.
type cli struct{ path, dir string }

func newCLI(b *testing.B, shape string, domains int) cli {
	b.Helper()
	c := newProvider(b)
	c.write(b, "main.tf", fmt.Sprintf(`
module "domain" {
  source   = "./domain"
  for_each = toset([for i in range(%d) : "domain${i}.example.com"])
  domain   = each.key
}
`, domains))
	module, err := os.ReadFile(filepath.Join("testdata", "fleet", shape+".tf"))
	if err != nil {
		b.Fatal(err)
	}
	c.write(b, "domain/main.tf", string(module))
	c.write(b, "domain/key.txt", "v=DKIM1; k=rsa; p="+rsaKey)
	c.run(b, "get")
	return c
}

// newProvider builds the provider and returns a folder that uses it.
func newProvider(b *testing.B) cli {
	b.Helper()
	c := cli{path: terraform(b), dir: b.TempDir()}
	build := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-o", filepath.Join(c.dir, "bin", "terraform-provider-maildomain"), ".")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("building the provider: %v\n%s", err, out)
	}
	c.write(b, "cli.tfrc", fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"catglobe/maildomain\" = %q\n  }\n  direct {}\n}\n", filepath.Join(c.dir, "bin")))
	return c
}

// terraform is the path of the CLI to measure.
func terraform(b *testing.B) string {
	b.Helper()
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		return path
	}
	path, err := exec.LookPath("terraform")
	if err != nil {
		b.Fatalf("there is no Terraform CLI on the PATH: %v; run this by \"make bench\", which gets one, or set TF_ACC_TERRAFORM_PATH", err)
	}
	return path
}

func (c cli) write(b *testing.B, name, text string) {
	b.Helper()
	path := filepath.Join(c.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
}

// cost is what a run of the CLI takes.
type cost struct {
	cpu                   time.Duration // of the CLI and the provider
	cliPeak, providerPeak int           // resident memory in KiB; 0 where the system does not tell
}

func (c cli) run(b *testing.B, args ...string) cost {
	b.Helper()
	spent, out, err := c.try(b, append(args, "-no-color")...)
	if err != nil {
		b.Fatalf("terraform %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return spent
}

// try runs the CLI, and returns what it printed as well.
func (c cli) try(b *testing.B, args ...string) (cost, string, error) {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), c.path, args...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+filepath.Join(c.dir, "cli.tfrc"), "CHECKPOINT_DISABLE=1")
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	peaks := watchProcess(cmd.Process.Pid)
	err := cmd.Wait()
	spent := cost{cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	spent.cliPeak, spent.providerPeak = peaks()
	return spent, out.String(), err
}

// rsaKey is a public key of 2048 bits, made for this benchmark, since records of that length are what zones have.
const rsaKey = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAvTSEmF8MIH/XRn10OajJpCwtqRVKP3YZCg8c5f29f3ELbMPzWMClE7SUDVBCVhimCe17o57DoV4H7SN+AEbn1pn6rKrU83mnQ20NYRSRQ06KJMPSH3YrIvVDPKqyeVXBlaVg/i7K5DX7mCZvUODOtnpY" +
	"wnmk0isOH03SZ81bG53To77Re02U3aE8c+kW3HZl4JLNLrOhNPQOufovxPQecyrAy4jzF59GOeWj0j3PddWPdXKTB5IfxjaLd4UZf6xUHQa9wUraconVCeLZxPftqprXPj7cSsZ1bYpTT65QZo7p4M2qyJVyBoTFX/kDApAr2YKHsPdpYeaFgj/XQVQ4KwIDAQAB"
