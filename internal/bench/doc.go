// Package bench measures the provider's packages against peers, in one run on one machine. It is a module of its
// own, so that the peers are no dependencies of the provider. `make bench` runs it.
package bench
