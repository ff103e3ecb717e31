//go:build !judge

package markdown_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/agenbridge/agenbridge/bridge/bridgetest"
)

// TestAnswersFindPlantedFaults switches off one rule after the other: the answers of testdata have to show each. What
// is built for that is without this file and what it imports, to be built faster.
func TestAnswersFindPlantedFaults(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "faults", "*.txtar"))
	if err != nil || len(files) < 30 {
		t.Fatalf("got %d planted faults, %v, want 30 at least", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			overlay, about := bridgetest.PlantFault(t, filepath.Join("..", ".."), file)
			judge := filepath.Join(t.TempDir(), "judge")
			build := exec.CommandContext(t.Context(), "go", "test", "-c", "-tags=judge", "-vet=off", "-ldflags=-s -w", "-overlay", overlay, "-o", judge, ".")
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("build with the fault: %v\n%s", err, out)
			}
			out, err := exec.CommandContext(t.Context(), judge, "-test.run=^TestAnswersArriveWhole$", "-test.failfast").CombinedOutput()
			if err == nil || !strings.Contains(string(out), "--- FAIL: TestAnswersArriveWhole") {
				t.Errorf("no answer shows it: %s", about)
			}
		})
	}
}
