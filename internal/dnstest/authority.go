package dnstest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/netip"
	"time"
)

// CA is a certificate authority that nobody but a test trusts.
type CA struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// certificateLife is how long certificates hold, and for how long they have done so.
const certificateLife = 24 * time.Hour

// NewCA makes a certificate authority. Most tests take that of their hierarchy: see [Hierarchy.CA].
func NewCA() (*CA, error) {
	now := time.Now()
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "dnstest authority"},
		NotBefore:             now.Add(-certificateLife),
		NotAfter:              now.Add(certificateLife),
		KeyUsage:              x509.KeyUsageCertSign,
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("the key of the authority: %w", err)
	}
	ca := &CA{key: key}
	ca.cert, err = sign(template, template, key, key)
	return ca, err
}

// Pool returns the authority as those trust it that take its certificates.
func (ca *CA) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(ca.cert)
	return pool
}

// PEM returns the certificate of the authority, as the environment variable SSL_CERT_FILE wants it in a file.
func (ca *CA) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.cert.Raw})
}

// Certificate returns a certificate for names of hosts and for addresses.
func (ca *CA) Certificate(hosts ...string) (tls.Certificate, error) {
	now := time.Now()
	return ca.CertificateFor(now.Add(-certificateLife), now.Add(certificateLife), hosts...)
}

// CertificateFor returns a certificate that holds from one time to another.
func (ca *CA) CertificateFor(from, to time.Time, hosts ...string) (tls.Certificate, error) {
	return issue(ca, from, to, hosts)
}

// SelfSigned returns a certificate that no authority has signed.
func SelfSigned(hosts ...string) (tls.Certificate, error) {
	now := time.Now()
	return issue(nil, now.Add(-certificateLife), now.Add(certificateLife), hosts)
}

// issue makes a key with its certificate, which signs itself where there is no authority.
func issue(ca *CA, from, to time.Time, hosts []string) (tls.Certificate, error) {
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: "dnstest server"},
		NotBefore:   from,
		NotAfter:    to,
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, host := range hosts {
		if addr, err := netip.ParseAddr(host); err == nil {
			template.IPAddresses = append(template.IPAddresses, addr.AsSlice())
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("the key of a certificate for %v: %w", hosts, err)
	}
	parent, by := template, key
	if ca != nil {
		parent, by = ca.cert, ca.key
	}
	leaf, err := sign(template, parent, key, by)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key, Leaf: leaf}, nil
}

// sign makes the certificate of a key.
func sign(template, parent *x509.Certificate, key, by *ecdsa.PrivateKey) (*x509.Certificate, error) {
	const serialBits = 120 // Less than the 20 octets that RFC 5280 §4.1.2.2 allows.
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), serialBits))
	if err != nil {
		return nil, fmt.Errorf("the serial number of a certificate: %w", err)
	}
	template.SerialNumber = serial
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), by)
	if err != nil {
		return nil, fmt.Errorf("a certificate for %v %v: %w", template.DNSNames, template.IPAddresses, err)
	}
	return x509.ParseCertificate(raw)
}

// CA returns the certificate authority of the hierarchy, whose certificates [Server.ListenTLS] and
// [Server.ListenHTTPS] use.
func (h *Hierarchy) CA() *CA {
	h.t.Helper()
	ca, err := h.authority()
	h.must(err)
	return ca
}
