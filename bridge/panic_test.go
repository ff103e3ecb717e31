package bridge

import (
	"errors"
	"strings"
	"testing"
)

func TestCaughtTellsWhatAndWhereAndNotWhatWasSaid(t *testing.T) {
	caught := func(f func()) (err error) {
		defer func() { err = PanicFault(recover()) }()
		f()
		return nil
	}
	var none []int
	err := caught(func() { _ = none[len(t.Name())] })
	if !errors.Is(err, ClassPanic) || !strings.Contains(err.Error(), "index out of range") || !strings.Contains(err.Error(), "bridge.TestCaught") {
		t.Errorf("got %v, want the runtime's words and the place", err)
	}
	err = caught(func() { panic(errors.New("what somebody said")) })
	if strings.Contains(err.Error(), "said") || !strings.Contains(err.Error(), "errorString") {
		t.Errorf("got %v, want the type and not the text", err)
	}
}
