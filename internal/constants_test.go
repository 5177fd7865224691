package internal_test

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// constants are the constants of a package and of its tests, exported or not, by their names.
type constants map[string]ast.Expr

// constantsOf reads the constants of the package in a directory below the root of the repository.
func constantsOf(dir string) (constants, error) {
	files, err := filepath.Glob(filepath.Join("..", dir, "*.go"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("%s has no Go files (%v)", dir, err)
	}
	all := make(constants)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, d := range parsed.Decls {
			declared, ok := d.(*ast.GenDecl)
			if !ok || declared.Tok != token.CONST {
				continue
			}
			for _, s := range declared.Specs {
				spec, ok := s.(*ast.ValueSpec)
				for i := 0; ok && i < min(len(spec.Names), len(spec.Values)); i++ {
					all[spec.Names[i].Name] = spec.Values[i]
				}
			}
		}
	}
	return all, nil
}

// elsewhere are the constants of other packages that bounds are made of.
var elsewhere = map[string]int64{
	"time.Millisecond": 1e6, "time.Second": 1e9, "time.Minute": 60e9,
	"dns.MaxMsgSize": 65535, "spf.MaxLookups": 10,
}

// value computes an expression of constants.
func (c constants) value(e ast.Expr) (constant.Value, error) {
	switch e := e.(type) {
	case *ast.BasicLit:
		return constant.MakeFromLiteral(e.Value, e.Kind, 0), nil
	case *ast.ParenExpr:
		return c.value(e.X)
	case *ast.Ident:
		if known, ok := c[e.Name]; ok {
			return c.value(known)
		}
	case *ast.SelectorExpr:
		if pkg, ok := e.X.(*ast.Ident); ok {
			if v, ok := elsewhere[pkg.Name+"."+e.Sel.Name]; ok {
				return constant.MakeInt64(v), nil
			}
		}
	case *ast.BinaryExpr:
		x, err := c.value(e.X)
		if err != nil {
			return nil, err
		}
		y, err := c.value(e.Y)
		if err != nil {
			return nil, err
		}
		if e.Op == token.SHL {
			n, _ := constant.Uint64Val(y)
			return constant.Shift(x, e.Op, uint(n)), nil
		}
		if e.Op == token.QUO {
			return constant.BinaryOp(x, token.QUO_ASSIGN, y), nil // of integers
		}
		return constant.BinaryOp(x, e.Op, y), nil
	}
	return nil, fmt.Errorf("%T is not made of constants that are known here", e)
}

// eval computes a text such as "maxDepth + 1".
func (c constants) eval(text string) (int64, error) {
	e, err := parser.ParseExpr(text)
	if err != nil {
		return 0, err
	}
	v, err := c.value(e)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", text, err)
	}
	n, exact := constant.Int64Val(constant.ToInt(v))
	if !exact {
		return 0, fmt.Errorf("%s is %v, which is no integer", text, v)
	}
	return n, nil
}

func TestConstants(t *testing.T) {
	t.Parallel()
	parse := func(text string) ast.Expr {
		e, err := parser.ParseExpr(text)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	c := constants{"size": parse("64 << 10"), "turns": parse("128"), "all": parse("2*turns + (size-65530)/3"), "wait": parse("20 * time.Second")}
	for text, want := range map[string]int64{"size": 65536, "all": 258, "wait": 20e9, "turns/4": 32, "7/2": 3, "dns.MaxMsgSize": 65535} {
		if got, err := c.eval(text); err != nil || got != want {
			t.Errorf("%s = %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"gone", "other.Size", "f(1)", "1.5", "("} {
		if got, err := c.eval(text); err == nil {
			t.Errorf("%s = %d, want an error", strings.TrimSpace(text), got)
		}
	}
}
