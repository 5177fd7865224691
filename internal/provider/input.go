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
	"github.com/catglobe/terraform-provider-maildomain/internal/display"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
)

// input is a part of what a data source is configured with, or a function called with. Its notes gather what is wrong and
// what is unknown, with the path to each place; whatever is wrong, null or unknown, the rest is read.
type input struct {
	path  compose.Path
	value attr.Value
	notes *notes
}

// notes are the problems and the unknown values of an input. A value that is at fault is unknown as well.
type notes struct {
	problems compose.Problems
	unknown  problem.Unknown
}

// newInput returns the input for a value, with notes of its own.
func newInput(path compose.Path, value attr.Value) input {
	return input{notes: new(notes)}.at(path, value)
}

// at returns the input for a part of this one. Values of dynamic type are unwrapped.
func (in input) at(path compose.Path, value attr.Value) input {
	for {
		dynamic, ok := value.(types.Dynamic)
		if !ok || dynamic.IsNull() || dynamic.IsUnknown() {
			part := input{path: path, value: value, notes: in.notes}
			if part.unknown() {
				in.notes.unknown.Add(path)
			}
			return part
		}
		value = dynamic.UnderlyingValue()
	}
}

// absent reports whether there is nothing there: left out, or null.
func (in input) absent() bool { return in.value == nil || in.value.IsNull() }

// unknown reports whether the value is known only after apply.
func (in input) unknown() bool { return in.value != nil && in.value.IsUnknown() }

// unknowns returns the unknown parts of the value, those at fault among them.
func (in input) unknowns() problem.Unknown {
	if in.notes == nil {
		return problem.Unknown{}
	}
	return in.notes.unknown.Of(in.path)
}

// unknownOf returns the unknown values of the attributes with some names.
func unknownOf(parts map[string]input, names ...string) (unknown problem.Unknown) {
	for _, name := range names {
		unknown.Put(compose.Attribute(name), parts[name].unknowns())
	}
	return unknown
}

// known reports whether there is a value to look at.
func (in input) known() bool { return !in.absent() && !in.unknown() }

func (in input) fail(format string, args ...any) { in.failAs("Invalid argument", format, args...) }

// failAs is fail with the summary that diagnostics have. The text begins in lower case and has no full stop.
func (in input) failAs(summary, format string, args ...any) {
	in.notes.problems = append(in.notes.problems, &compose.Problem{Path: in.path, Summary: summary, Detail: fmt.Sprintf(format, args...)})
	in.notes.unknown.Add(in.path)
}

// faults returns how much is wrong so far. An attribute that the schema does not have has no faults.
func (in input) faults() int {
	if in.notes == nil {
		return 0
	}
	return len(in.notes.problems)
}

// isNull reports whether an element is null, which is an error wherever it stands: leaving it out in silence would make
// less of the configuration than is written there. The advice says what to write in its place.
func (in input) isNull(advice string) bool {
	if in.absent() {
		in.failAs("Element that is null", "it is null; %s", advice)
		return true
	}
	return false
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
	in.fail("it must be an object in braces, not %s", kindOf(in.value))
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
			in.at(in.path.Attribute(name), nil).fail("there is no such attribute; the attributes are %s", strings.Join(names, ", "))
			continue
		}
		parts[name] = in.at(in.path.Attribute(name), fields[name])
	}
	return parts
}

// element is an element of a map.
type element struct {
	key string
	input
}

// elements returns the elements of a map in the order of their keys. For those that are null, it fails with the advice.
func (in input) elements(advice string) []element {
	if !in.known() {
		return nil
	}
	fields := in.fields()
	parts := make([]element, 0, len(fields))
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if part := in.at(in.path.Key(key), fields[key]); !part.isNull(advice) {
			parts = append(parts, element{key, part})
		}
	}
	return parts
}

// texts returns the texts of a list or set, each at its index. It fails for those that are null or no texts, and these are
// empty as those are that are unknown. A list that is absent or unknown has none, and an empty list is not nil.
func (in input) texts() []string {
	if !in.known() {
		return nil
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
		in.fail("it must be a list of texts in brackets, not %s", kindOf(in.value))
		return nil
	}
	texts := make([]string, len(values))
	for i, value := range values {
		part := in.at(in.path.At(i), value)
		if !part.isNull("write a text, or leave the element out, for example with compact()") {
			texts[i] = part.text()
		}
	}
	return texts
}

// isText reports whether there is a value that text makes one of.
func (in input) isText() bool {
	switch in.value.(type) {
	case types.String, types.Number, types.Bool:
		return in.known()
	}
	return false
}

// settled reports whether it is left out, or has a value that text makes one of.
func (in input) settled() bool { return in.absent() || in.isText() }

// maxNumberBits bounds the numbers that become texts: written out, a number can have a billion digits.
const maxNumberBits = 4096

// text returns a text; numbers and booleans become one, as everywhere in Terraform. It is empty where there is none.
func (in input) text() string {
	if !in.known() {
		return ""
	}
	switch value := in.value.(type) {
	case types.String:
		return value.ValueString()
	case types.Number:
		n := value.ValueBigFloat()
		if n.IsInf() || n.MantExp(nil) > maxNumberBits || n.MantExp(nil) < -maxNumberBits {
			in.fail("the number is too large or too small to be written as a text")
			return ""
		}
		return n.Text('f', -1)
	case types.Bool:
		return fmt.Sprint(value.ValueBool())
	}
	in.fail("it must be a text, not %s", kindOf(in.value))
	return ""
}

// oneOf returns a text that is one of several, empty where there is none.
func (in input) oneOf(words ...string) string {
	text := in.text()
	if in.isText() && !slices.Contains(words, text) {
		in.failAs("Unknown value of an option", "%s", display.Unlisted(text, words))
		return ""
	}
	return text
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

// whole returns a whole number from least to most, least being 0 or more; 0 where there is none.
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
	return function.NewArgumentFuncError(argument, display.HideKeys(text))
}
