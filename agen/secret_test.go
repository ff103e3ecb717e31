package agen_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/agenbridge/agenbridge/agen"
)

// TestNoErrorShowsTheKey lets the server and the network echo the key in every form.
func TestNoErrorShowsTheKey(t *testing.T) {
	const key = `k/e+y "7"`
	quoted, err := json.Marshal(key)
	if err != nil {
		t.Fatal(err)
	}
	bodies := []string{
		key, `{"message":` + string(quoted) + `}`, `{"error":` + string(quoted) + `}`, `{"error":{"message":` + string(quoted) + `}}`,
		`{"errors":[{"message":` + string(quoted) + `}]}`, "query " + url.QueryEscape(key), "path " + url.PathEscape(key),
		strings.Repeat("x", 4090) + key, strings.Repeat("x", 280) + key, "k/e\x00+y \"7\"", `{"id":` + string(quoted),
	}
	check := func(what string, err error) {
		t.Helper()
		for _, form := range []string{fmt.Sprint(err), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", asError(t, err).Message)} {
			if strings.Contains(form, key) || strings.Contains(form, url.QueryEscape(key)) || strings.Contains(form, `k/e+y`) {
				t.Errorf("%s: the error shows the key: %s", what, form)
			}
		}
	}
	for _, contentType := range []string{"application/json", "text/plain; charset=utf-8", "text/html"} {
		for _, status := range []int{200, 302, 400, 401, 500} {
			for _, body := range bodies {
				c := newClient(t, agen.Config{Key: key, HTTPClient: &http.Client{Transport: roundTripFunc(func(r *http.Request) (*http.Response, error) {
					readBody(t, r)
					resp := newResponse(status, body)
					resp.Header.Set("Content-Type", contentType)
					resp.Header.Set("Location", "https://host/?"+url.QueryEscape(key))
					return resp, nil
				})}})
				_, err := c.SendMessage(t.Context(), "s", "m", "c")
				if status == 200 && err == nil {
					t.Fatal("got no error")
				}
				check(fmt.Sprintf("%d %s %s", status, contentType, body), err)
			}
		}
	}
	c := newClient(t, agen.Config{Key: key, HTTPClient: &http.Client{Transport: roundTripFunc(func(*http.Request) (*http.Response, error) {
		return nil, errors.New("sent " + key)
	})}})
	for _, call := range calls {
		check(call.name, call.call(t.Context(), c))
	}
}

func TestSecretIsNeverShown(t *testing.T) {
	cfg := agen.Config{Key: "hunter2"}
	encoded, err := json.Marshal(map[string]any{"key": cfg.Key})
	if err != nil {
		t.Fatal(err)
	}
	shown := []string{string(encoded), cfg.Key.LogValue().String(), cfg.Key.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%10s"} {
		shown = append(shown, fmt.Sprintf(verb, cfg.Key), fmt.Sprintf(verb, cfg))
	}
	for _, s := range shown {
		if strings.Contains(s, "hunter2") || strings.Contains(s, "68756e74657232") {
			t.Errorf("shown: %s", s)
		}
	}
	if string(cfg.Key) != "hunter2" {
		t.Error("string(key) is not the key")
	}
}
