package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
)

// mutant is one small change of a source file that the tests of its package should notice.
type mutant struct {
	file       string
	line       int
	start, end int // octets of the file that the change replaces
	was, now   string
}

func (m mutant) String() string {
	return fmt.Sprintf("%s:%d: %s -> %s", m.file, m.line, strconv.Quote(m.was), strconv.Quote(m.now))
}

// swaps holds the operator that replaces each binary operator.
var swaps = map[token.Token]token.Token{
	token.EQL: token.NEQ, token.NEQ: token.EQL,
	token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR,
	token.LAND: token.LOR, token.LOR: token.LAND,
	token.SUB: token.ADD, token.MUL: token.QUO,
}

// mutate returns all mutants of a file, in the order of the source.
func mutate(name string, source []byte) ([]mutant, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("reading Go source: %w", err)
	}
	var found []mutant
	replace := func(from, to token.Pos, now string) {
		start, end := files.Position(from), files.Position(to)
		found = append(found, mutant{
			file: name, line: start.Line, start: start.Offset, end: end.Offset,
			was: string(source[start.Offset:end.Offset]), now: now,
		})
	}
	negate := func(condition ast.Expr) {
		start, end := files.Position(condition.Pos()).Offset, files.Position(condition.End()).Offset
		replace(condition.Pos(), condition.End(), "!("+string(source[start:end])+")")
	}
	ast.Inspect(file, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.BinaryExpr:
			if now, ok := swaps[n.Op]; ok {
				replace(n.OpPos, n.OpPos+token.Pos(len(n.Op.String())), now.String())
			}
		case *ast.IfStmt:
			negate(n.Cond)
		case *ast.UnaryExpr:
			if n.Op == token.NOT {
				replace(n.OpPos, n.OpPos+1, "")
			}
		case *ast.BranchStmt:
			if n.Label == nil && (n.Tok == token.CONTINUE || n.Tok == token.BREAK) {
				replace(n.Pos(), n.End(), "")
			}
		case *ast.IncDecStmt:
			replace(n.Pos(), n.End(), "")
		case *ast.ExprStmt:
			if _, ok := n.X.(*ast.CallExpr); ok {
				replace(n.Pos(), n.End(), "")
			}
		case *ast.ReturnStmt:
			for _, result := range n.Results {
				if id, ok := result.(*ast.Ident); ok && (id.Name == "true" || id.Name == "false") {
					replace(id.Pos(), id.End(), strconv.FormatBool(id.Name == "false"))
				}
			}
		case *ast.BasicLit:
			if n.Kind == token.INT {
				replace(n.Pos(), n.End(), n.Value+"+1")
			}
		case *ast.ImportSpec, *ast.StructType:
			return false
		}
		return true
	})
	return found, nil
}

// apply returns the source with the change made.
func (m mutant) apply(source []byte) []byte {
	changed := append([]byte{}, source[:m.start]...)
	changed = append(changed, m.now...)
	return append(changed, source[m.end:]...)
}
