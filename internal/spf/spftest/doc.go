// Package spftest has what the tests of SPF share: scripted DNS, random zones, and comparisons.
package spftest
