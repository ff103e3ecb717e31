package agen

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// exchange makes one request and returns its 2xx answer, or an *Error. The caller closes the answer's body.
func (c *Client) exchange(ctx context.Context, op call, path string, body []byte, etag string) (*http.Response, string, error) {
	key := *c.key.Load()
	if key == "" || !sendable(key) {
		e := op.invalid("the key is empty or has characters that a header can't carry")
		e.Class = ClassUnauthorized
		return nil, key, e
	}
	if ctx.Err() != nil { // before anything else, so that this is certain
		return nil, key, op.failure(ctx, ClassTemporary, key, ctx.Err())
	}
	req, err := http.NewRequestWithContext(ctx, op.method, c.base+path, nil)
	if err != nil {
		return nil, key, op.invalid(oneLine(err.Error(), key))
	}
	req.Header.Set("x-api-key", key)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	var out *onceBody
	if body != nil {
		// No GetBody: without it nothing in net/http can send the body a second time.
		out = &onceBody{data: body}
		req.Body, req.ContentLength = out, int64(len(body))
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		class := ClassTemporary
		if out != nil && out.seal() {
			class = op.broken()
		}
		return nil, key, op.failure(ctx, class, key, withoutURL(err))
	}
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		return resp, key, nil
	}
	defer closeBody(resp)
	if resp.StatusCode == http.StatusNotModified && etag != "" {
		return nil, key, ErrNotModified
	}
	return nil, key, &Error{
		Op: op.op, HTTPStatus: resp.StatusCode, Class: op.class(resp.StatusCode),
		Message: errorMessage(resp, key), RetryAfter: retryAfter(resp.Header, time.Now()),
	}
}

// answer makes a request and decodes its answer into out, which has to be complete: a body that breaks off, is larger
// than limit or is no JSON for out makes the outcome as uncertain as no answer at all.
func (c *Client) answer(ctx context.Context, op call, path string, body []byte, limit int64, out json.Unmarshaler) error {
	resp, key, err := c.exchange(ctx, op, path, body, "")
	if err != nil {
		return err
	}
	defer closeBody(resp)
	data, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = errTooLarge
	}
	if err == nil {
		err = json.Unmarshal(data, out)
	}
	if err != nil {
		e := op.failure(ctx, op.broken(), key, err)
		e.HTTPStatus = resp.StatusCode
		return e
	}
	return nil
}

// onceBody is a request body that can be read once, and knows whether it was. A server that has not been given the
// body can't have acted on it, whatever else has left; so "nothing was done" is a fact and not a guess, with every
// transport, proxy and protocol.
type onceBody struct {
	mu     sync.Mutex
	data   []byte
	read   bool // some of it was handed out
	sealed bool // none of it will be handed out any more
}

var errSealed = errors.New("the call has ended")

// Read implements io.Reader.
func (b *onceBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.sealed {
		return 0, errSealed
	}
	if len(p) > 0 {
		b.read = true
	}
	n := copy(p, b.data)
	b.data = b.data[n:]
	if len(b.data) == 0 {
		return n, io.EOF
	}
	return n, nil
}

// Close implements io.Closer.
func (b *onceBody) Close() error { return nil }

// seal makes sure that the transport, which may still be at it on another goroutine, gets nothing any more, and
// reports whether it got something.
func (b *onceBody) seal() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sealed = true
	return b.read
}

// closeBody reads the little that may be left, so that the connection can be used again, and closes the body.
func closeBody(resp *http.Response) {
	// The call's outcome is already known; what breaks here only costs a connection.
	_, _ = io.CopyN(io.Discard, resp.Body, errorBodyBytes)
	_ = resp.Body.Close()
}

// withoutURL takes the request's URL out of an error of http.Client.
func withoutURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// sessionPath returns the path of a session's own calls. "." and ".." are refused because they would be taken as
// steps in the path, even when escaped.
func sessionPath(op call, sessionID, rest string) (string, error) {
	if sessionID == "" || sessionID == "." || sessionID == ".." {
		return "", op.invalid(fmt.Sprintf("%q is no session id", sessionID))
	}
	return "/api/v1/sessions/" + url.PathEscape(sessionID) + rest, nil
}

// encode writes a request body.
func encode(op call, v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, op.invalid(oneLine(err.Error(), ""))
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}
