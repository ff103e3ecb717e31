package content_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/agenbridge/agenbridge/bridge/bridgetest"
)

// TestPlantedFaults: the corpus has teeth. Each file in testdata/faults switches off one rule of the conversion; the test
// is built with it, and at least one message of the corpus has to fail.
func TestPlantedFaults(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "faults", "*.txtar"))
	if err != nil || len(files) < 40 {
		t.Fatalf("got %d planted faults, %v, want 40 at least", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			overlay, _ := bridgetest.PlantFault(t, filepath.Join("..", ".."), file)
			corpus := filepath.Join(t.TempDir(), "corpus")
			// Without symbols, since linking takes most of the time.
			build := exec.CommandContext(t.Context(), "go", "test", "-c", "-vet=off", "-ldflags=-s -w", "-overlay", overlay, "-o", corpus, ".")
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("build with the fault: %v\n%s", err, out)
			}
			out, err := exec.CommandContext(t.Context(), corpus, "-test.run=^TestCorpus$").CombinedOutput()
			if err == nil || !strings.Contains(string(out), "--- FAIL: TestCorpus/") {
				t.Errorf("the corpus finds nothing: %v\n%s", err, out)
			}
		})
	}
}
