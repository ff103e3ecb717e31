package daemon_test

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/agenbridge/agenbridge/bridge/bridgetest"
)

// brokenPromise matches the simulator's errors about messages and posts that are
// lost, doubled or kept for too long.
var brokenPromise = regexp.MustCompile("is in the timeline|no session knows|was said|the file has")

// TestTheWholeSystemFindsPlantedFaults checks that this simulation finds some of
// the bugs that are planted for the simulator of the core, under the usual random
// faults.
func TestTheWholeSystemFindsPlantedFaults(t *testing.T) {
	module := filepath.Join("..", "..", "..")
	for _, fault := range []string{"no-begun-mark", "sent-again-without-look-up", "said-again-without-look-up", "old-copy-is-believed", "words-are-kept"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			overlay, _ := bridgetest.PlantFault(t, module, filepath.Join(module, "bridge", "relay", "testdata", "faults", fault+".txtar"))
			simulator := filepath.Join(t.TempDir(), "simulator")
			build := exec.CommandContext(t.Context(), "go", "test", "-c", "-overlay", overlay, "-o", simulator, ".")
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("build the simulator: %v\n%s", err, out)
			}
			run := exec.CommandContext(t.Context(), simulator, "-test.run=^TestPromisesOfTheWholeSystem$", "-sim.count=150")
			out, err := run.CombinedOutput()
			if err == nil || !brokenPromise.Match(out) {
				t.Errorf("150 seeds find nothing: %v\n%s", err, out[max(0, len(out)-2000):])
			}
		})
	}
}
