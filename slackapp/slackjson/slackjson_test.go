package slackjson

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestFieldsOfTheWrongTypeStayZero(t *testing.T) {
	type inner struct{ A, B string }
	var v struct {
		X    string
		In   inner
		List []inner
		Y    string
	}
	err := Unmarshal([]byte(`{"x":7,"in":{"a":{},"b":"kept"},"list":[5,{"a":[],"b":"kept"}],"y":"kept"}`), &v)
	if err != nil || v.X != "" || v.In.B != "kept" || len(v.List) != 2 || v.List[1].B != "kept" || v.Y != "kept" {
		t.Errorf("%+v, %v", v, err)
	}
	for _, bad := range []string{``, `{`, `[]`, `7`, `{"x":"a"} {`} {
		if err := Unmarshal([]byte(bad), &v); err == nil {
			t.Errorf("%q was decoded as an object", bad)
		}
	}
	all := UnmarshalEach[inner]([]json.RawMessage{[]byte(`{"a":"1"}`), []byte(`[]`), []byte(`{"a":2,"b":"3"}`)})
	if want := []inner{{A: "1"}, {}, {B: "3"}}; !slices.Equal(all, want) {
		t.Errorf("got %+v, want %+v", all, want)
	}
}
