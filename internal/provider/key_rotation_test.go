package provider_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// The five plans of the guide have the records that the guide says.
func TestKeyRotationGuide(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../templates/guides/key-rotation.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	const before, after = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "v=DKIM1; k=ed25519; p=U/eKD1ZBHl7jEne6cRBWeF7mET+9m+oT1/PFzn/MzsI="
	both := fmt.Sprintf("k2026a %s, k2026b %s", before, after)
	want := []string{both, both, both, "k2026a v=DKIM1; k=rsa; p=, k2026b " + after, "k2026b " + after}
	blocks := strings.Split(string(guide), "```terraform\n")[1:]
	if len(blocks) != len(want) {
		t.Fatalf("the guide has %d plans, want %d", len(blocks), len(want))
	}
	var config strings.Builder
	fmt.Fprintf(&config, "locals {\n  old = %q\n  new = %q\n}\n", before, after)
	for i, block := range blocks {
		keys, _, _ := strings.Cut(block, "```")
		fmt.Fprintf(&config, "output \"plan%d\" {\n  value = join(\", \", [for r in provider::maildomain::records({ domain = \"example.com\", %s }) : \"${trimsuffix(r.name, \"._domainkey\")} ${r.value}\"])\n}\n",
			i+1, strings.TrimSpace(keys))
	}
	c := newCLI(t, config.String())
	out := c.run(t, "plan", "-no-color")
	for i, records := range want {
		if !strings.Contains(out, fmt.Sprintf("plan%d = %q", i+1, records)) {
			t.Errorf("terraform plan printed:\n%s\nwant plan %d to have %q", out, i+1, records)
		}
	}
}
