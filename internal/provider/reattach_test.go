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
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

// providers are what this process serves to Terraform, by namespace and type.
type providers map[string]func() tfprotov6.ProviderServer

// providerName is the namespace and type of the provider of this module.
const providerName = "catglobe/maildomain"

// serving are the providers of a test: the one of this module.
func serving(serve func() provider.Provider) providers {
	return providers{providerName: providerserver.NewProtocol6(serve())}
}

// reattach serves providers in this process for one run of Terraform, and returns the environment variable that leads
// Terraform to them. Terraform starts a released provider several times in a run, and that takes longer than the run.
// One server has one configuration: runs share none, and a run of several provider blocks needs the released one.
func (p providers) reattach(t *testing.T) string {
	t.Helper()
	servers := make(map[string]any)
	for name, serve := range p {
		config := served(t, name, serve)
		server := map[string]any{
			"Protocol": config.Protocol, "ProtocolVersion": config.ProtocolVersion, "Pid": config.Pid, "Test": true,
			"Addr": map[string]string{"Network": config.Addr.Network(), "String": config.Addr.String()},
		}
		servers["registry.terraform.io/"+name], servers["registry.opentofu.org/"+name] = server, server
	}
	value, err := json.Marshal(servers)
	if err != nil {
		t.Fatal(err)
	}
	return "TF_REATTACH_PROVIDERS=" + string(value)
}

// served serves a provider until the test ends, and returns where.
func served(t *testing.T, name string, serve func() tfprotov6.ProviderServer) *goplugin.ReattachConfig {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	configs, ended := make(chan *goplugin.ReattachConfig, 1), make(chan struct{})
	go func() {
		defer close(ended)
		err := tf6server.Serve("registry.terraform.io/"+name, serve,
			tf6server.WithDebug(ctx, configs, nil), tf6server.WithGoPluginLogger(hclog.NewNullLogger()), tf6server.WithLoggingSink(t), tf6server.WithoutLogStderrOverride())
		if err != nil {
			t.Errorf("serving %s: %v", name, err)
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	select {
	case config := <-configs:
		return config
	case <-ended:
		t.FailNow()
	case <-time.After(time.Minute):
		t.Fatalf("%s is not served within a minute", name)
	}
	return nil
}
