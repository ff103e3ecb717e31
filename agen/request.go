package agen

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/agenbridge/agenbridge/agen/neterror"
)

// do makes one request and returns its 2xx answer, or an *Error. The caller closes the answer's body.
func (c *Client) do(ctx context.Context, op operation, path string, body []byte, etag string) (*http.Response, error) {
	key := *c.key.Load()
	if key == "" || !validHeaderValue(key) {
		e := op.invalidArgument("the key is empty or has characters that a header can't carry")
		e.Class = ClassUnauthorized
		return nil, e
	}
	if ctx.Err() != nil { // checked first, so that it is certain that nothing was sent
		return nil, op.failure(ctx, ClassTemporary, ctx.Err())
	}
	req, err := http.NewRequestWithContext(ctx, op.method, c.baseURL+path, nil)
	if err != nil {
		return nil, op.invalidArgument(neterror.Of(err).Error())
	}
	req.Header.Set("x-api-key", key)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	var sent *onceBody
	if body != nil {
		// There is no GetBody, without which nothing in net/http can send the body a second time.
		sent = &onceBody{data: body}
		req.Body, req.ContentLength = sent, int64(len(body))
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		class := ClassTemporary
		if sent != nil && sent.seal() {
			class = op.classWithoutAnswer()
		}
		return nil, op.failure(ctx, class, err)
	}
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		return resp, nil
	}
	defer drainAndClose(resp)
	if resp.StatusCode == http.StatusNotModified && etag != "" {
		return nil, ErrNotModified
	}
	return nil, &Error{
		Op: op.name, HTTPStatus: resp.StatusCode, Class: op.classOfStatus(resp.StatusCode),
		Message: errorMessage(resp, key), RetryAfter: retryAfter(resp.Header, time.Now()),
	}
}

// doJSON makes one request and decodes its answer into out. A body that breaks off, is larger than limit or can't be
// decoded leaves the outcome as uncertain as no answer at all.
func (c *Client) doJSON(ctx context.Context, op operation, path string, body []byte, limit int64, out json.Unmarshaler) error {
	resp, err := c.do(ctx, op, path, body, "")
	if err != nil {
		return err
	}
	defer drainAndClose(resp)
	data, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = errTooLarge
	}
	if err == nil {
		err = json.Unmarshal(data, out)
	}
	if err != nil {
		e := op.failure(ctx, op.classWithoutAnswer(), err)
		e.HTTPStatus = resp.StatusCode
		return e
	}
	return nil
}

// onceBody is a request body that can be read once and records whether it was. A server that was not given the body
// can't have acted on it, whatever else was sent. So "nothing was applied" is a fact and not a guess, with every
// transport, proxy and protocol.
type onceBody struct {
	mu     sync.Mutex
	data   []byte // not read yet
	read   bool   // some of it was read
	sealed bool   // nothing more can be read
}

var errSealed = neterror.New("the call has ended")

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

// seal makes every later Read fail, because the transport may still be running on another goroutine, and reports
// whether any of the body was read.
func (b *onceBody) seal() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sealed = true
	return b.read
}

// drainAndClose reads the little that may be left of an answer, so that the connection can be reused, and closes it.
func drainAndClose(resp *http.Response) {
	// The outcome of the call is already known; an error here only costs a connection.
	_, _ = io.CopyN(io.Discard, resp.Body, maxErrorBodyBytes)
	_ = resp.Body.Close()
}
