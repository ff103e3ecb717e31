// Package neterror describes why a call over the network failed, in words of its own.
//
// The texts of errors of net/http, crypto/tls and encoding/json quote what the other side sent. A proxy or a server can
// send back what it was given: the header with the token, or the body with somebody's message. So these texts must not
// be logged or shown. [Of] goes by the type of an error, never by its text. The package knows nothing of the remotes.
package neterror

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/textproto"
	"os"
	"syscall"
)

// failure is a described error. It doesn't unwrap to its cause, so that nobody can print the cause, but errors.Is still
// examines it.
type failure struct {
	words string
	cause error
}

// Error returns words that contain nothing of what the other side sent.
func (f *failure) Error() string { return f.words }

// Is reports whether the cause is target: io.EOF, an error of a context, a syscall.Errno.
func (f *failure) Is(target error) bool { return errors.Is(f.cause, target) }

// New returns an error with a text that is safe to show, for a failure that no library reports. Of returns it
// unchanged.
func New(words string) error { return &failure{words: words} }

// Of describes an error that a library returned. It returns nil for nil.
func Of(err error) error {
	if err == nil {
		return nil
	}
	var described *failure
	if errors.As(err, &described) {
		return described // without the errors that wrap it
	}
	words := reason(err)
	var op *net.OpError
	if errors.As(err, &op) && ownSteps[op.Op] != "" {
		words = ownSteps[op.Op] + ": " + words
	}
	return &failure{words: words, cause: err}
}

// ownSteps are the steps of a connection that net names in an OpError.
var ownSteps = map[string]string{"dial": "connect", "proxyconnect": "connect to the proxy", "read": "read", "write": "write"}

// reason describes the innermost error that is of a known type.
func reason(err error) string {
	for _, describe := range []func(error) string{endOfWait, certificateReason, addressReason, contentReason} {
		if words := describe(err); words != "" {
			return words
		}
	}
	return "the answer is not HTTP, or a proxy refused to connect"
}

// endOfWait describes timeouts and canceled calls.
func endOfWait(err error) string {
	var slow net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &slow) && slow.Timeout():
		return "timed out"
	}
	return ""
}

// certificateReason describes TLS errors.
func certificateReason(err error) string {
	var (
		unknown x509.UnknownAuthorityError
		host    x509.HostnameError
		invalid x509.CertificateInvalidError
		roots   x509.SystemRootsError
		other   *tls.CertificateVerificationError
		plain   tls.RecordHeaderError
		op      *net.OpError
	)
	switch {
	case errors.As(err, &unknown):
		return "the server's certificate is signed by an unknown authority"
	case errors.As(err, &host):
		return "the server's certificate is for another host"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the server's certificate has expired or is not yet valid"
	case errors.As(err, &roots):
		return "this machine has no root certificates"
	case errors.As(err, &invalid), errors.As(err, &other):
		return "the server's certificate is not valid"
	case errors.As(err, &plain):
		return "the other side does not speak TLS"
	case errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error"): // how crypto/tls reports an alert
		return "the TLS handshake failed"
	}
	return ""
}

// addressReason describes errors of name resolution and of connections.
func addressReason(err error) string {
	var (
		name  *net.DNSError
		errno syscall.Errno
	)
	switch {
	case errors.As(err, &name) && name.IsNotFound:
		return "the host name is unknown"
	case errors.As(err, &name):
		return "the host name can't be looked up"
	case errors.As(err, &errno):
		return errno.Error() // a fixed text for each number
	case errors.Is(err, net.ErrClosed), errors.Is(err, io.ErrClosedPipe):
		return "this side closed the connection"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the other side closed the connection too early"
	}
	return ""
}

// contentReason describes errors in what was received.
func contentReason(err error) string {
	var (
		syntax   *json.SyntaxError
		mistyped *json.UnmarshalTypeError
		protocol textproto.ProtocolError
	)
	switch {
	case errors.As(err, &syntax):
		return "the answer is not JSON"
	case errors.As(err, &mistyped):
		return "the answer's JSON has another form than expected"
	case errors.As(err, &protocol):
		return "the answer is not HTTP"
	}
	return ""
}
