package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// What is written down as the type of the record object is that of its attributes in schemas.
func TestRecordType(t *testing.T) {
	t.Parallel()
	of := types.ObjectType{AttrTypes: make(map[string]attr.Type)}
	for name, a := range recordAttributes() {
		of.AttrTypes[name] = a.GetType()
	}
	if got := recordType(); !got.Equal(of) {
		t.Errorf("recordType() = %v, want %v", got, of)
	}
}
