package service_test

import (
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// JSON with a name twice reads differently from reader to reader: whoever reviews a template may see another record.
func TestParseRepeatedNames(t *testing.T) {
	t.Parallel()
	const rest = `"type":"TXT","host":"@","data":"x"`
	tests := map[string]struct {
		text string
		name string // that is told; empty where the template is read
	}{
		"in a record":          {template(`{` + rest + `,"host":"a"}`), "host"},
		"in the template":      {template(`{`+rest+`}`, `"providerId":"x"`), "providerId"},
		"records twice":        {template(`{`+rest+`}`, `"records":[{`+rest+`}]`), "records"},
		"written as an escape": {template(`{` + rest + `,"h\u006fst":"a"}`), "h\\\\u006fst"},
		"deep down":            {template(`{` + rest + `,"more":[{"a":{"b":1,"c":[],"b":2}}]}`), "b"},
		"behind many names":    {template(`{` + rest + many(40) + `,"n3":1}`), "n3"},
		"the same as values":   {template(`{` + rest + `,"a":"host","b":["host","host",{"host":1}]}`), ""},
		"in two objects":       {template(`{` + rest + `},{` + rest + `,"x":{"host":{"host":1}}}`), ""},
		"many names":           {template(`{` + rest + many(40) + `}`), ""},
		"case differs":         {template(`{` + rest + `,"HOST":"a"}`), ""},
		"signs in strings":     {template(`{` + rest + `,"x":"{\"host\":1,\"host\":2}","y":","}`), ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := service.Parse([]byte(tt.text))
			if (err == nil) != (tt.name == "") || err != nil && !strings.Contains(err.Error(), `has the name "`+tt.name+`" twice`) {
				t.Errorf("Parse(%s) error = %v, want one on %q", tt.text, err, tt.name)
			}
		})
	}
}

func many(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(`,"n` + string(rune('0'+i/10)) + string(rune('0'+i%10)) + `":1`)
	}
	return strings.ReplaceAll(b.String(), `"n03"`, `"n3"`)
}
