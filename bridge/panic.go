package bridge

import (
	"fmt"
	"path"
	"runtime"
	"strings"
)

// PanicFault makes a Fault of class ClassPanic from what recover returned. Its text
// names the error, if that can't hold message text, and the place in the code. The
// function that recovers must call it.
func PanicFault(p any) *Fault {
	what := fmt.Sprintf("%T", p)
	if e, ok := p.(runtime.Error); ok {
		what = e.Error()
	}
	return &Fault{Class: ClassPanic, Err: fmt.Errorf("panic: %s at %s", what, panicLocation())}
}

// maxFrames bounds how much of the stack an error names.
const maxFrames = 8

// panicLocation names the functions that were running when the panic happened, the
// innermost first.
func panicLocation() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	var named []string
	for panicked := false; len(named) < maxFrames; {
		f, more := frames.Next()
		if panicked && !strings.HasPrefix(f.Function, "runtime.") {
			named = append(named, fmt.Sprintf("%s:%d", path.Base(f.Function), f.Line))
		}
		panicked = panicked || f.Function == "runtime.gopanic"
		if !more {
			break
		}
	}
	return strings.Join(named, " < ")
}
