module github.com/catglobe/terraform-provider-maildomain/internal/bench

go 1.26.0

toolchain go1.26.8

require (
	blitiri.com.ar/go/spf v1.6.0
	github.com/catglobe/terraform-provider-maildomain v0.0.0
)

require (
	github.com/miekg/dns v1.1.73 // indirect
	go4.org/netipx v0.0.0-20260823151212-3075585bcbeb // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
	golang.org/x/time v0.16.0 // indirect
)

replace github.com/catglobe/terraform-provider-maildomain => ../..
