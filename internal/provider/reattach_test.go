package provider_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

// reattach serves the provider in this process for one run of Terraform, and returns the environment variable that leads
// Terraform to it. Terraform starts a released provider several times in a run, and that takes longer than the run.
// One server has one configuration: runs share none, and a run of several provider blocks needs the released one.
func reattach(t *testing.T, serve func() provider.Provider) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	configs, ended := make(chan *goplugin.ReattachConfig, 1), make(chan struct{})
	const name = "registry.terraform.io/catglobe/maildomain"
	go func() {
		defer close(ended)
		err := tf6server.Serve(name, providerserver.NewProtocol6(serve()),
			tf6server.WithDebug(ctx, configs, nil), tf6server.WithGoPluginLogger(hclog.NewNullLogger()), tf6server.WithLoggingSink(t), tf6server.WithoutLogStderrOverride())
		if err != nil {
			t.Errorf("serving the provider: %v", err)
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	var config *goplugin.ReattachConfig
	select {
	case config = <-configs:
	case <-ended:
		t.FailNow()
	case <-time.After(time.Minute):
		t.Fatal("the provider is not served within a minute")
	}
	server := map[string]any{
		"Protocol": config.Protocol, "ProtocolVersion": config.ProtocolVersion, "Pid": config.Pid, "Test": true,
		"Addr": map[string]string{"Network": config.Addr.Network(), "String": config.Addr.String()},
	}
	value, err := json.Marshal(map[string]any{name: server, "registry.opentofu.org/catglobe/maildomain": server})
	if err != nil {
		t.Fatal(err)
	}
	return "TF_REATTACH_PROVIDERS=" + string(value)
}
