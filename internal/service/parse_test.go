package service_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

func TestParseTolerates(t *testing.T) {
	t.Parallel()
	const record = `{"type":"TXT","host":"a","data":"x"}`
	for name, text := range map[string]string{
		"byte order mark":        "\ufeff" + template(record),
		"tabs as indentation":    "{\t\"records\":\t[" + record + "]\t}",
		"tabs in strings":        template("{\"type\":\"TXT\t\",\"host\":\"\ta\",\"data\":\"x\t\"}"),
		"blanks around":          template(`{"type":" TXT ","host":" a ","data":" x "}`),
		"no names":               `{"records":[` + record + `]}`,
		"unknown properties":     template(record, `"logoUrl":"x","syncBlock":false,"nested":{"a":[1,{"b":[2]}]}`),
		"unknown fields":         template(`{"type":"TXT","host":"a","data":"x","essential":"OnApply","txtConflictMatchingMode":"Prefix","more":[1]}`),
		"null":                   template(`{"type":"TXT","host":"a","data":"x","ttl":null,"groupId":null}`, `"hostRequired":null`),
		"truth values as text":   template(record, `"hostRequired":"False"`),
		"version as text":        template(record, `"version":"3","templateSpecVersion":"1"`),
		"version as a number":    template(record, `"version":3,"templateSpecVersion":1`),
		"line breaks in texts":   template(record, `"description":"two\nlines","variableDescription":"a\tb"`),
		"critical, and known":    template(`{"type":"TXT","host":"a","data":"x","crit":["data","vnd.absent"]}`, `"crit":["hostRequired","vnd.absent"]`),
		"a quote in a string":    template(record, `"description":"say \"{[{[\" and \\"`),
		"A-labels, upper case":   template(`{"type":"txt","host":"A","data":"x"}`),
		"an empty TTL":           template(`{"type":"TXT","host":"a","data":"x","ttl":""}`),
		"a field of other types": template(`{"type":"TXT","host":"a","data":"x","priority":"high"}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := mustParse(t, text).Apply(use())
			if err != nil || len(got.Records) != 1 || got.Records[0].Owner.String() != "a.example.com" || got.Records[0].Value != "x" || got.Records[0].TTL != 3600 {
				t.Errorf("Parse(%s).Apply = %q, %v, want one record", text, lines(got), err)
			}
		})
	}
}

func TestParseError(t *testing.T) {
	t.Parallel()
	record := func(fields string) string { return template(`{"type":"TXT","host":"ok","data":"x"},{` + fields + `}`) }
	extra := func(object string) string {
		return template(`{"type":"TXT","groupId":"g","host":"ok","data":"%x% %y%"}`, `"x-maildomain":`+object)
	}
	const srv = `"type":"SRV","name":"@","target":"a.example"`
	tests := map[string]struct {
		text   string
		record int
		field  string
		reason string
	}{
		"empty":                     {"", -1, "", "is empty"},
		"blank":                     {"\ufeff \n", -1, "", "is empty"},
		"no JSON":                   {"acme.com.mail.json", -1, "", "line 1, column 1"},
		"cut":                       {`{"records":[` + "\n" + `{"type":`, -1, "", "line 2, column 8"},
		"text after":                {template(`{"type":"TXT","data":"x"}`) + "x", -1, "", "not JSON"},
		"not UTF-8":                 {"{\"a\":\"\xff\"}", -1, "", "not UTF-8"},
		"a list":                    {`[]`, -1, "", "not a JSON object"},
		"null":                      {`null`, -1, "", "not a JSON object"},
		"a string":                  {`"records"`, -1, "", "not a JSON object"},
		"no records":                {`{}`, -1, "records", "at least one"},
		"records empty":             {`{"records":[]}`, -1, "records", "at least one"},
		"records an object":         {`{"records":{"type":"TXT"}}`, -1, "records", "a list"},
		"record null":               {`{"records":[null]}`, 0, "", "not a JSON object"},
		"record a string":           {`{"records":["TXT"]}`, 0, "", "not a JSON object"},
		"name an object":            {`{"providerName":{},"records":[]}`, -1, "providerName", "string or a number"},
		"hostRequired":              {template(`{"type":"TXT","data":"x"}`, `"hostRequired":"perhaps"`), -1, "hostRequired", "true or false"},
		"hostRequired a list":       {template(`{"type":"TXT","data":"x"}`, `"hostRequired":[]`), -1, "hostRequired", "string or a number"},
		"later specification":       {template(`{"type":"TXT","data":"x"}`, `"templateSpecVersion":2`), -1, "templateSpecVersion", "only version"},
		"critical, and unknown":     {template(`{"type":"TXT","data":"x"}`, `"vnd.a\u001b":1,"crit":["vnd.a\u001b"]`), -1, "crit", `"vnd.a\027"`},
		"critical no list":          {template(`{"type":"TXT","data":"x"}`, `"crit":"all"`), -1, "crit", "a list"},
		"critical field, unknown":   {record(`"type":"TXT","data":"x","vnd.b":1,"crit":["vnd.b"]`), 1, "crit", "vnd.b"},
		"no type":                   {record(`"host":"a"`), 1, "type", "record type"},
		"type with blanks":          {record(`"type":"TXT A","data":"x"`), 1, "type", "record type"},
		"type a number":             {record(`"type":16,"data":"x"`), 1, "type", "record type"},
		"type too long":             {record(`"type":"` + strings.Repeat("T", 33) + `"`), 1, "type", "record type"},
		"host a list":               {record(`"type":"TXT","host":["a"],"data":"x"`), 1, "host", "string or a number"},
		"host with a line break":    {record(`"type":"TXT","host":"a\nb","data":"x"`), 1, "host", "control character"},
		"no data":                   {record(`"type":"TXT","host":"a"`), 1, "data", "missing"},
		"data empty":                {record(`"type":"TXT","host":"a","data":" "`), 1, "data", "missing"},
		"data with a line break":    {record(`"type":"TXT","host":"a","data":"x\ny"`), 1, "data", "control character"},
		"data with an escaped one":  {record(`"type":"TXT","host":"a","data":"x\\010y"`), 1, "data", "control character"},
		"data, quote never closed":  {record(`"type":"TXT","host":"a","data":"\"x"`), 1, "data", "quoted strings"},
		"data, escaped quote":       {record(`"type":"TXT","host":"a","data":"\"x\\\""`), 1, "data", "quoted strings"},
		"data, text behind a quote": {record(`"type":"TXT","host":"a","data":"\"x\" y"`), 1, "data", "quoted strings"},
		"no pointsTo":               {record(`"type":"CNAME","host":"a"`), 1, "pointsTo", "missing"},
		"no priority":               {record(`"type":"MX","host":"a","pointsTo":"a.example"`), 1, "priority", "missing"},
		"priority too large":        {record(`"type":"MX","host":"a","pointsTo":"a.example","priority":65536`), 1, "priority", "from 0 to 65535"},
		"priority a fraction":       {record(`"type":"MX","host":"a","pointsTo":"a.example","priority":1.5`), 1, "priority", "whole number"},
		"priority in part":          {record(`"type":"MX","host":"a","pointsTo":"a.example","priority":"1%x%"`), 1, "priority", "one variable"},
		"priority true":             {record(`"type":"MX","host":"a","pointsTo":"a.example","priority":true`), 1, "priority", "whole number"},
		"SRV without service":       {record(srv + `,"protocol":"_tcp","priority":0,"weight":0,"port":1`), 1, "service", "missing"},
		"SRV without protocol":      {record(srv + `,"service":"_s","priority":0,"weight":0,"port":1`), 1, "protocol", "missing"},
		"SRV without port":          {record(srv + `,"service":"_s","protocol":"_tcp","priority":0,"weight":0`), 1, "port", "missing"},
		"no rules":                  {record(`"type":"SPFM","host":"@"`), 1, "spfRules", "missing"},
		"variable as a mechanism":   {record(`"type":"SPFM","host":"@","spfRules":"%m%:a.example"`), 1, "spfRules", "name of an SPF term"},
		"variable in a mechanism":   {record(`"type":"SPFM","host":"@","spfRules":"in%m%:a.example"`), 1, "spfRules", "name of an SPF term"},
		"qualifier as a variable":   {record(`"type":"TXT","host":"@","data":"v=spf1 %q%all"`), 1, "data", "name of an SPF term"},
		"two cases":                 {record(`"type":"TXT","data":"%A%-%a%"`), 1, "", "by case alone"},
		"two cases, two records":    {template(`{"type":"TXT","data":"%A%"},{"type":"TXT","data":"%a%"}`), 1, "", "by case alone"},
		"id no object":              {record(`"type":"TXT","data":"x","x-maildomain":"id"`), 1, "x-maildomain", "json"},
		"id misspelt":               {record(`"type":"TXT","data":"x","x-maildomain":{"Id2":"a"}`), 1, "x-maildomain", "Id2"},
		"id with a slash":           {record(`"type":"TXT","data":"x","x-maildomain":{"id":"a/b"}`), 1, "x-maildomain.id", "letters"},
		"id twice":                  {template(`{"type":"TXT","data":"x","x-maildomain":{"id":"a"}},{"type":"TXT","data":"x","x-maildomain":{"id":"a"}}`), 1, "x-maildomain.id", `"a"`},
		"extra no object":           {extra(`[]`), -1, "x-maildomain", "json"},
		"extra misspelt":            {extra(`{"note":[]}`), -1, "x-maildomain", "note"},
		"zone":                      {extra(`{"zones":["a b"]}`), -1, "x-maildomain.zones", "a b"},
		"group of no record":        {extra(`{"groups":[{"id":"h"}]}`), -1, "x-maildomain.groups", `"h"`},
		"kind of a variable":        {extra(`{"variables":[{"name":"x","kind":"thing"}]}`), -1, "x-maildomain.variables", `"thing"`},
		"variable of no record":     {extra(`{"variables":[{"name":"z"}]}`), -1, "x-maildomain.variables", `"z"`},
		"variable twice":            {extra(`{"variables":[{"name":"x"},{"name":"X"}]}`), -1, "x-maildomain.variables", "twice"},
		"default of a default":      {extra(`{"variables":[{"name":"x","default":"%y%"},{"name":"y","default":"%x%"}]}`), -1, "x-maildomain.variables", "without a default"},
		"default of itself":         {extra(`{"variables":[{"name":"x","default":"%x%"}]}`), -1, "x-maildomain.variables", "without a default"},
		"default of the unknown":    {extra(`{"variables":[{"name":"x","default":"%z%"}]}`), -1, "x-maildomain.variables", `"z"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parsed, err := service.Parse([]byte(tt.text))
			var broken *service.TemplateError
			if !errors.As(err, &broken) || parsed != nil {
				t.Fatalf("Parse(%s) = %v, %v, want a *TemplateError alone", tt.text, parsed, err)
			}
			if broken.Record != tt.record || broken.Field != tt.field || !strings.Contains(broken.Reason, tt.reason) {
				t.Errorf("Parse(%s) error = %+v, want record %d, field %q, reason with %q", tt.text, *broken, tt.record, tt.field, tt.reason)
			}
			if text := err.Error(); strings.ContainsAny(text, "\n\x1b") || strings.HasSuffix(text, ".") {
				t.Errorf("Parse error text = %q", text)
			}
		})
	}
}

func TestTemplateErrorText(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]*service.TemplateError{
		"template: it is empty":                            {Record: -1, Reason: "it is empty"},
		`template, "records": it must be a list`:           {Record: -1, Field: "records", Reason: "it must be a list"},
		`template, records[3], "ttl": it must be a number`: {Record: 3, Field: "ttl", Reason: "it must be a number"},
	} {
		if got := err.Error(); got != want {
			t.Errorf("%+v.Error() = %q, want %q", *err, got, want)
		}
	}
}

// Templates may come from anywhere. What would cost much is refused before it does.
func TestParseBombs(t *testing.T) {
	t.Parallel()
	many := func(n int, record string) string { return strings.TrimSuffix(strings.Repeat(record+",", n), ",") }
	var variables strings.Builder
	for i := range service.MaxVariables + 1 {
		fmt.Fprintf(&variables, "%%v%d%%", i)
	}
	tests := map[string]struct{ text, reason string }{
		"10 MiB":            {template(`{"type":"TXT","data":"` + strings.Repeat("x", 10<<20) + `"}`), "at most 1048576"},
		"deep":              {strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000), "nested 100000 deep"},
		"deep objects":      {template(`{"type":"TXT","data":"x","y":` + strings.Repeat(`{"a":`, 20) + "1" + strings.Repeat("}", 20) + `}`), "nested 23 deep"},
		"100,000 records":   {template(many(100_000, "{}")), `records[0], "type"`},
		"1,001 records":     {template(many(service.MaxRecords+1, `{"type":"TXT","data":"x"}`)), "more than 1000 records"},
		"1,001 variables":   {template(`{"type":"TXT","data":"` + variables.String() + `"}`), "more than 1000 variables"},
		"brackets unclosed": {strings.Repeat("[{", 10), "nested 20 deep"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := service.Parse([]byte(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.reason) || len(err.Error()) > 500 {
				t.Errorf("Parse error = %.500v, want %q in it", err, tt.reason)
			}
		})
	}
	var records []string
	for i := range service.MaxRecords {
		records = append(records, fmt.Sprintf(`{"type":"TXT","host":"@","data":"x%d"}`, i))
	}
	parsed := mustParse(t, template(strings.Join(records, ",")))
	if got, err := parsed.Apply(use()); err != nil || len(got.Records) != service.MaxRecords {
		t.Errorf("Apply of %d records = %d, %v", service.MaxRecords, len(got.Records), err)
	}
	_, err := mustParse(t, template(`{"type":"TXT","data":"`+strings.Repeat("%x%", 100_000)+`"}`)).Apply(use("x=" + strings.Repeat("y", 60_000)))
	if err == nil || !strings.Contains(err.Error(), "longer than 65536 octets") {
		t.Errorf("Apply of 6 GB = %v, want an error", err)
	}
}

// What is refused costs no more than a few times its own size, and nothing past the limit of the size.
func TestParseBombsAreCheap(t *testing.T) { //nolint:paralleltest // It measures memory that is allocated by all goroutines.
	notes := func(n int) string {
		return `"x-maildomain":{"notes":[` + strings.TrimSuffix(strings.Repeat(`{},`, n), ",") + `]}`
	}
	tests := map[string]struct {
		text  string
		limit uint64 // octets
	}{
		"10 MiB":          {strings.Repeat(" ", 10<<20), 128 << 10},
		"deep":            {strings.Repeat("[", service.MaxSize), 2 * service.MaxSize},
		"300,000 records": {template(strings.TrimSuffix(strings.Repeat(`{},`, 300_000), ",")), 8 * service.MaxSize},
		"300,000 numbers": {`{"records":[` + strings.TrimSuffix(strings.Repeat(`1,`, 300_000), ",") + `]}`, 8 * service.MaxSize},
		"300,000 fields":  {`{"records":[{"type":"TXT"` + strings.Repeat(`,"":1`, 200_000) + `}]}`, 16 * service.MaxSize},
		"300,000 notes":   {template(`{"type":"TXT","data":"x"}`, notes(300_000)), 8 * service.MaxSize},
		"40,000 notes":    {template(`{"type":"TXT","data":"x"}`, notes(40_000)), 16 * service.MaxSize},
	}
	for name, tt := range tests {
		data := []byte(tt.text)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := service.Parse(data)
		runtime.ReadMemStats(&after)
		if err == nil || after.TotalAlloc-before.TotalAlloc > tt.limit {
			t.Errorf("%s: Parse of %d octets = %v with %d octets of memory, want an error with at most %d",
				name, len(data), err, after.TotalAlloc-before.TotalAlloc, tt.limit)
		}
	}
}

func TestUnknownBuiltin(t *testing.T) {
	t.Parallel()
	for id, want := range map[string][]string{"catglob": {"catglobe"}, "google": {"google_workspace"}, "qqqq\x1b": nil} {
		got, err := service.Builtin(id)
		var unknown *service.UnknownError
		if got != nil || !errors.Is(err, service.ErrUnknown) || !errors.As(err, &unknown) {
			t.Fatalf("Builtin(%q) = %v, %v, want an *UnknownError", id, got, err)
		}
		if unknown.ID != id || !cmp.Equal(unknown.Near, want) || !cmp.Equal(unknown.Known, service.Builtins()) {
			t.Errorf("Builtin(%q) error = %+v, want %q near", id, *unknown, want)
		}
		if !strings.Contains(err.Error(), "catglobe") || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("Builtin(%q) error = %q", id, err)
		}
	}
}
