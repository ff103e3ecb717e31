package bridgetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// PlantFault reads a file that breaks the product on purpose. It returns the path
// of what the go command's -overlay wants to build it like that, and what the
// file says about the fault.
//
// The file is a txtar archive of pairs: code of one declaration as it is, and as it
// is to be. The name of a pair begins with the declaration, as package.Function,
// package.Type.Method or package.constant; what follows a colon is for the reader.
// Code is compared token by token, so neither its layout nor the file that it
// stands in matters. Code that isn't in its declaration exactly once fails the
// test: the fault has to follow the code.
func PlantFault(t *testing.T, module, file string) (overlay, about string) {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if module, err = filepath.Abs(module); err != nil {
		t.Fatal(err)
	}
	sources := map[string][]byte{}
	for pair := range slices.Chunk(archive.Files, 2) {
		declaration, _, _ := strings.Cut(pair[0].Name, ":")
		path := fileOf(t, module, declaration)
		if sources[path] == nil {
			if sources[path], err = os.ReadFile(path); err != nil {
				t.Fatal(err)
			}
		}
		if sources[path], err = replaceIn(sources[path], declaration, pair[0].Data, pair[1].Data); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	dir := t.TempDir()
	replace := map[string]string{}
	for path, source := range sources {
		changed := filepath.Join(dir, fmt.Sprintf("%d_%s", len(replace), filepath.Base(path)))
		write(t, changed, source)
		replace[path] = changed
	}
	described, err := json.Marshal(map[string]map[string]string{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	overlay = filepath.Join(dir, "overlay.json")
	write(t, overlay, described)
	return overlay, string(archive.Comment)
}

// fileOf returns the path of the source file that has a declaration.
func fileOf(t *testing.T, module, declaration string) string {
	t.Helper()
	pkg, _, _ := strings.Cut(declaration, ".")
	var found []string
	err := filepath.WalkDir(module, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == ".git"):
			return filepath.SkipDir
		case filepath.Base(filepath.Dir(path)) != pkg || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if _, err := bodyOf(source, declaration); err == nil {
			found = append(found, path)
		}
		return nil
	})
	if err != nil || len(found) != 1 {
		t.Fatalf("%s is declared in %q, want one file; %v", declaration, found, err)
	}
	return found[0]
}

// span is a part of a source text, in bytes.
type span struct{ from, to int }

// bodyOf returns where in the source the declaration stands.
func bodyOf(source []byte, declaration string) (span, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "", source, parser.SkipObjectResolution)
	if err != nil {
		return span{}, err
	}
	for _, d := range file.Decls {
		if slices.Contains(namesOf(d), strings.TrimPrefix(declaration, file.Name.Name+".")) {
			return span{set.Position(d.Pos()).Offset, set.Position(d.End()).Offset}, nil
		}
	}
	return span{}, fmt.Errorf("no declaration of %s", declaration)
}

// namesOf returns what a declaration declares: functions, Type.Method, constants
// and variables.
func namesOf(d ast.Decl) []string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			return []string{d.Name.Name}
		}
		of := d.Recv.List[0].Type
		if pointer, ok := of.(*ast.StarExpr); ok {
			of = pointer.X
		}
		if name, ok := of.(*ast.Ident); ok {
			return []string{name.Name + "." + d.Name.Name}
		}
	case *ast.GenDecl:
		var names []string
		for _, s := range d.Specs {
			if values, ok := s.(*ast.ValueSpec); ok {
				for _, name := range values.Names {
					names = append(names, name.Name)
				}
			}
		}
		return names
	}
	return nil
}

// word is a token of Go source and where it stands.
type word struct {
	text string
	span
}

// wordsOf returns the tokens of a source text, without comments and without the
// semicolons that nobody writes.
func wordsOf(source []byte) []word {
	set := token.NewFileSet()
	file := set.AddFile("", -1, len(source))
	var s scanner.Scanner
	s.Init(file, source, func(token.Position, string) {}, 0)
	var words []word
	for {
		pos, tok, text := s.Scan()
		if tok == token.EOF {
			return words
		}
		if tok == token.SEMICOLON && text == "\n" {
			continue
		}
		if text == "" || tok.IsOperator() {
			text = tok.String()
		}
		from := set.Position(pos).Offset
		words = append(words, word{text, span{from, from + len(text)}})
	}
}

// replaceIn puts wrong in the place of right within a declaration.
func replaceIn(source []byte, declaration string, right, wrong []byte) ([]byte, error) {
	body, err := bodyOf(source, declaration)
	if err != nil {
		return nil, err
	}
	have, want := wordsOf(source[body.from:body.to]), wordsOf(right)
	var found []span
	for i := 0; i+len(want) <= len(have) && len(want) > 0; i++ {
		if slices.EqualFunc(have[i:i+len(want)], want, func(a, b word) bool { return a.text == b.text }) {
			found = append(found, span{body.from + have[i].from, body.from + have[i+len(want)-1].to})
		}
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%s has the code to change %d times, want once: %s", declaration, len(found), right)
	}
	return slices.Concat(source[:found[0].from], bytes.TrimSpace(wrong), source[found[0].to:]), nil
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
