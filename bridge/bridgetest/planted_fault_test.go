package bridgetest

import "testing"

const faulty = `package p

func (t *T) Done(n int) bool {
	if n == 0 { // nothing
		return false
	}
	return n > 1
}

func Done(n int) bool { return n > 1 }
`

func TestAFaultIsPlantedInItsFunctionAlone(t *testing.T) {
	got, err := replaceIn([]byte(faulty), "p.T.Done", []byte("return n>1\n"), []byte("return true"))
	if err != nil {
		t.Fatal(err)
	}
	want := `package p

func (t *T) Done(n int) bool {
	if n == 0 { // nothing
		return false
	}
	return true
}

func Done(n int) bool { return n > 1 }
`
	if string(got) != want {
		t.Errorf("got\n%s", got)
	}
}

func TestAFaultThatDoesNotApplyIsAnError(t *testing.T) {
	for name, c := range map[string]struct{ function, right string }{
		"another function":         {"p.T.Other", "return n > 1"},
		"other code":               {"p.T.Done", "return n > 2"},
		"code that is there twice": {"p.T.Done", "return"},
		"no code":                  {"p.T.Done", ""},
	} {
		if _, err := replaceIn([]byte(faulty), c.function, []byte(c.right), nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
