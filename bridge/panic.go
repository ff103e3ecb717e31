package bridge

import (
	"fmt"
	"path"
	"runtime"
	"strings"
)

// PanicFault makes a Fault of the class Broken of what recover returned. Its text
// names what went wrong, where that can't hold what somebody said, and where
// in the code. It is to be called by the function that recovers.
func PanicFault(p any) *Fault {
	what := fmt.Sprintf("%T", p)
	if e, ok := p.(runtime.Error); ok {
		what = e.Error()
	}
	return &Fault{Class: ClassPanic, Err: fmt.Errorf("panic: %s at %s", what, panicLocation())}
}

// maxCulprits bounds how much of the stack an error names.
const maxFrames = 8

// panicLocation names the functions that were running when it came to the panic
// that is being recovered, the innermost first.
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
