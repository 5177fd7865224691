// Package faultmatrix has no code but a test: it waits for mail records with the real client, on scripted DNS
// that fails in every way that is known to mislead, and prints what came of it:
//
//	go test -run FaultMatrix -v ./internal/verify/faultmatrix
package faultmatrix
