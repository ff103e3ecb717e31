package daemon

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// recorded returns a stage that takes a second to stop. It records when it is told
// to stop and when it has stopped.
func recorded(name string, into *[]string) stage {
	return stage{name, func(ctx context.Context) error {
		<-ctx.Done()
		*into = append(*into, "stop "+name)
		time.Sleep(time.Second)
		*into = append(*into, name+" ended")
		return nil
	}}
}

func TestStagesStopOneAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var events []string
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := runStages(ctx, slog.New(slog.DiscardHandler), recorded("a", &events), recorded("b", &events), recorded("c", &events))
		if err != nil {
			t.Errorf("got %v", err)
		}
		want := []string{"stop a", "a ended", "stop b", "b ended", "stop c", "c ended"}
		if diff := cmp.Diff(want, events); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestAStageThatEndsByItselfStopsTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		errBroken := errors.New("broken")
		for result, reported := range map[error]error{nil: errReturnedEarly, errBroken: errBroken} {
			var events []string
			broken := stage{"b", func(context.Context) error { return result }}
			err := runStages(t.Context(), slog.New(slog.DiscardHandler), recorded("a", &events), broken, recorded("c", &events))
			if !errors.Is(err, reported) {
				t.Errorf("got %v, want %v", err, reported)
			}
			want := []string{"stop a", "a ended", "stop c", "c ended"}
			if diff := cmp.Diff(want, events); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		}
	})
}
