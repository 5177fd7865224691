package provider

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/secret"
)

// input is a part of the one object that a function was called with. The object has no schema that Terraform
// could check: what is wrong with it is gathered in problems, with the path to each place.
type input struct {
	path     compose.Path
	value    attr.Value
	problems *compose.Problems
}

// newInput returns the input for an argument of dynamic type.
func newInput(argument types.Dynamic, problems *compose.Problems) input {
	return input{problems: problems}.at(nil, argument)
}

// at returns the input for a part of this one. Values of dynamic type are unwrapped.
func (in input) at(path compose.Path, value attr.Value) input {
	for {
		dynamic, ok := value.(types.Dynamic)
		if !ok || dynamic.IsNull() || dynamic.IsUnknown() {
			return input{path: path, value: value, problems: in.problems}
		}
		value = dynamic.UnderlyingValue()
	}
}

// absent reports whether there is nothing there: left out, or null.
func (in input) absent() bool { return in.value == nil || in.value.IsNull() }

// unknown reports whether the value is known only after apply.
func (in input) unknown() bool { return in.value != nil && in.value.IsUnknown() }

// known reports whether there is a value to look at.
func (in input) known() bool { return !in.absent() && !in.unknown() }

func (in input) fail(format string, args ...any) {
	*in.problems = append(*in.problems, &compose.Problem{Path: in.path, Summary: "Invalid argument", Detail: fmt.Sprintf(format, args...)})
}

// isObject reports whether there is an object or a map.
func (in input) isObject() bool {
	switch in.value.(type) {
	case types.Object, types.Map:
		return in.known()
	}
	return false
}

// fields returns the attributes or elements of an object or a map, by name. It fails for anything else.
func (in input) fields() map[string]attr.Value {
	switch value := in.value.(type) {
	case types.Object:
		return value.Attributes()
	case types.Map:
		return value.Elements()
	}
	in.fail("it must be an object in braces, and is %s", kindOf(in.value))
	return nil
}

// attributes returns the attributes of an object that has those names and no others; what is left out is absent.
func (in input) attributes(names ...string) map[string]input {
	parts := make(map[string]input, len(names))
	for _, name := range names {
		parts[name] = in.at(in.path.Attribute(name), nil)
	}
	if !in.known() {
		return parts
	}
	fields := in.fields()
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(names, name) {
			in.at(in.path.Attribute(name), nil).fail("there is no such attribute; known are %s", strings.Join(names, ", "))
			continue
		}
		parts[name] = in.at(in.path.Attribute(name), fields[name])
	}
	return parts
}

// elements returns the elements of a map by key. Those that are null are left out.
func (in input) elements() map[string]input {
	parts := make(map[string]input)
	if !in.known() {
		return parts
	}
	for key, value := range in.fields() {
		if part := in.at(in.path.Key(key), value); !part.absent() {
			parts[key] = part
		}
	}
	return parts
}

// texts returns the texts of a list or set; null elements are left out. It returns false where one of them is
// unknown, or the list is.
func (in input) texts() ([]string, bool) {
	if !in.known() {
		return nil, !in.unknown()
	}
	var values []attr.Value
	switch list := in.value.(type) {
	case types.Tuple:
		values = list.Elements()
	case types.List:
		values = list.Elements()
	case types.Set:
		values = list.Elements()
	default:
		in.fail("it must be a list of texts in brackets, and is %s", kindOf(in.value))
		return nil, true
	}
	texts, known := make([]string, 0, len(values)), true
	for i, value := range values {
		part := in.at(in.path.At(i), value)
		known = known && !part.unknown()
		if part.known() {
			texts = append(texts, part.text())
		}
	}
	return texts, known
}

// isText reports whether there is a value that text makes one of.
func (in input) isText() bool {
	switch in.value.(type) {
	case types.String, types.Number, types.Bool:
		return in.known()
	}
	return false
}

// text returns a text; numbers and booleans become one, as everywhere in Terraform. It is empty where there is none.
func (in input) text() string {
	if !in.known() {
		return ""
	}
	switch value := in.value.(type) {
	case types.String:
		return value.ValueString()
	case types.Number:
		return value.ValueBigFloat().Text('f', -1)
	case types.Bool:
		return fmt.Sprint(value.ValueBool())
	}
	in.fail("it must be a text, and is %s", kindOf(in.value))
	return ""
}

// boolean returns a boolean, false where there is none.
func (in input) boolean() bool {
	if !in.known() {
		return false
	}
	switch value := in.value.(type) {
	case types.Bool:
		return value.ValueBool()
	case types.String:
		if s := value.ValueString(); s == "true" || s == "false" {
			return s == "true"
		}
	}
	in.fail("it must be true or false")
	return false
}

// whole returns a whole number from least to most, 0 where there is none.
func (in input) whole(least, most int64) int64 {
	if !in.known() {
		return 0
	}
	n, exact := int64(0), false
	switch value := in.value.(type) {
	case types.Number:
		var accuracy big.Accuracy
		n, accuracy = value.ValueBigFloat().Int64()
		exact = accuracy == big.Exact
	case types.Int64:
		n, exact = value.ValueInt64(), true
	case types.String: // Terraform takes a number in quotes as one.
		var err error
		n, err = strconv.ParseInt(value.ValueString(), 10, 64)
		exact = err == nil
	}
	if exact && n >= least && n <= most {
		return n
	}
	in.fail("it must be a whole number from %d to %d", least, most)
	return 0
}

// kindOf describes a value for someone who wrote another.
func kindOf(value attr.Value) string {
	switch value.(type) {
	case types.Object, types.Map:
		return "an object"
	case types.Tuple, types.List, types.Set:
		return "a list"
	case types.Number:
		return "a number"
	case types.Bool:
		return "true or false"
	default:
		return "a text"
	}
}

// argumentError is the error of a function about one of its arguments. Private keys are not shown.
func argumentError(argument int64, text string) *function.FuncError {
	return function.NewArgumentFuncError(argument, secret.Hide(text))
}
