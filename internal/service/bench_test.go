package service_test

import (
	"os"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// benchUses are what the domains of a fleet commonly ask for.
var benchUses = map[string]service.Use{
	"catglobe":         use("spf_include=spf.acme.example", "dkim_selector=s1", "dkim_target=s1.acme.example"),
	"microsoft365":     use("tenant=acme"),
	"google_workspace": use("dkim_record=" + dkimRecord),
	"sendgrid":         use("return_path=em1", "sendgrid_host=u1.wl2.sendgrid.net"),
}

func BenchmarkApply(b *testing.B) {
	for id, u := range benchUses {
		b.Run(id, func(b *testing.B) {
			parsed := builtin(b, id)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := parsed.Apply(u); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	data, err := os.ReadFile("builtin/microsoft365.json")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := service.Parse(data); err != nil {
			b.Fatal(err)
		}
	}
}
