package compose_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
)

// The states of a key: what is published in each (RFC 6376 §3.6.1), and what cannot be.
func TestKeyStates(t *testing.T) {
	t.Parallel()
	const ed = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
	rsa := rsaKey(t, 2048)
	type keys = map[string]compose.Key
	tests := map[string]struct {
		keys     keys
		unknown  problem.Unknown
		want     map[string]string
		problems []string
		warnings []string
	}{
		"rotation": {
			keys: keys{"a": {Record: rsa.value, State: "active"}, "b": {PublicKey: rsa.pem, State: "published"}},
			want: map[string]string{"example.com/keys/a": "a._domainkey.example.com TXT " + rsa.value, "example.com/keys/b": "b._domainkey.example.com TXT " + rsa.value},
			// One key under both selectors, since tests make few keys.
			warnings: []string{"keys: One DKIM key under several selectors"},
		},
		"revoked": {
			keys: keys{"a": {Record: rsa.value}, "b": {Record: ed, State: "revoked"}, "c": {State: "revoked"}},
			want: map[string]string{
				"example.com/keys/a": "a._domainkey.example.com TXT " + rsa.value, "example.com/keys/b": "b._domainkey.example.com TXT v=DKIM1; k=ed25519; p=", "example.com/keys/c": "c._domainkey.example.com TXT v=DKIM1; k=rsa; p=",
			},
		},
		"a key that is revoked is not one under two selectors": {
			keys: keys{"a": {Record: rsa.value}, "b": {Record: rsa.value, State: "revoked"}},
			want: map[string]string{"example.com/keys/a": "a._domainkey.example.com TXT " + rsa.value, "example.com/keys/b": "b._domainkey.example.com TXT v=DKIM1; k=rsa; p="},
		},
		"none in use": {
			keys: keys{"a": {Record: rsa.value, State: "published"}, "b": {State: "revoked"}}, warnings: []string{"keys: No DKIM key in use"},
			want: map[string]string{"example.com/keys/a": "a._domainkey.example.com TXT " + rsa.value, "example.com/keys/b": "b._domainkey.example.com TXT v=DKIM1; k=rsa; p="},
		},
		"state unknown": {
			keys: keys{"a": {Record: rsa.value}, "b": {}}, unknown: unknown("keys[a].state", "keys[b].state"), want: map[string]string{"example.com/keys/a": "a._domainkey.example.com TXT ?", "example.com/keys/b": "b._domainkey.example.com TXT ?"},
		},
		"another word":      {keys: keys{"a": {Record: rsa.value, State: "retired"}}, problems: []string{`keys["a"].state: Unknown state of a DKIM key`}},
		"revoked elsewhere": {keys: keys{"a": {CNAME: "k.example.net", State: "revoked"}}, problems: []string{`keys["a"].cname: Key that is revoked elsewhere`}},
		"active, no key":    {keys: keys{"a": {State: "active"}}, problems: []string{`keys["a"]: DKIM key without a single source`}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := compose.DKIM(compose.Config{Domain: domain, Keys: tt.keys, Unknown: tt.unknown})
			var wrong compose.Problems
			errors.As(err, &wrong)
			if diff := cmp.Diff(tt.problems, problems(wrong)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.warnings, problems(got.Warnings)); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, partly(got)); err == nil && diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
		})
	}
	// A key that is revoked signs nothing.
	got, err := compose.Records(compose.Config{
		Domain: domain, Keys: keys{"a": {State: "revoked"}}, DMARC: &dmarc.Config{Policy: "reject", AggregateReports: []string{"r@example.com"}}, Acknowledge: []string{"dmarc-mailing-lists"},
	})
	if diff := cmp.Diff([]string{"keys: No DKIM key in use", "dmarc.policy: DMARC policy"}, problems(got.Warnings)); err != nil || diff != "" {
		t.Errorf("warnings of a policy of reject (-want +got):\n%s%v", diff, err)
	}
}
