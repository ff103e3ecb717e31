package slacktest

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// args are the arguments of a Web API call. Values of a JSON body that are not strings are kept as JSON, so that
// blocks look the same whether they came in a form or in a JSON body
// (https://docs.slack.dev/apis/web-api#slack-web-api__basics__post-bodies).
type args map[string]string

func (a args) isTrue(key string) bool {
	v, err := strconv.ParseBool(a[key])
	return err == nil && v
}

// number returns the value of key, limited to 1 through most, or the default if it is missing or not a number.
func (a args) number(key string, def, most int) int {
	n, err := strconv.Atoi(a[key])
	if err != nil {
		n = def
	}
	return min(max(n, 1), most)
}

const maxBody = 8 << 20

// readArgs parses the query and the body of a request. The error is a Slack error name.
func readArgs(r *http.Request) (args, error) {
	a := args{}
	for k, v := range r.URL.Query() {
		a[k] = v[0]
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		kind = ""
	}
	switch kind {
	case "application/json":
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
		if err != nil {
			return a, apiError{code: "request_timeout"}
		}
		return a, a.addJSON(body)
	case "multipart/form-data":
		if err := r.ParseMultipartForm(maxBody); err != nil {
			return a, apiError{code: "invalid_form_data"}
		}
	default:
		if err := r.ParseForm(); err != nil {
			return a, apiError{code: "invalid_form_data"}
		}
	}
	for k, v := range r.PostForm {
		a[k] = v[0]
	}
	return a, nil
}

func (a args) addJSON(body []byte) error {
	if len(body) == 0 {
		return nil
	}
	var values map[string]json.RawMessage
	if err := json.Unmarshal(body, &values); err != nil {
		return apiError{code: "invalid_json"}
	}
	for k, raw := range values {
		var text string
		if json.Unmarshal(raw, &text) == nil {
			a[k] = text
		} else {
			a[k] = string(raw)
		}
	}
	return nil
}

// takeToken returns the token in the header or the arguments and removes it from the arguments.
func (a args) takeToken(r *http.Request) string {
	token := a["token"]
	delete(a, "token")
	if h, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		token = strings.TrimSpace(h)
	}
	return token
}

// apiError is a response with ok:false; extra has more fields of it.
type apiError struct {
	code  string
	extra object
}

func (e apiError) Error() string { return fmt.Sprintf("slack error %s", e.code) }

func fail(code string) error { return apiError{code: code} }
