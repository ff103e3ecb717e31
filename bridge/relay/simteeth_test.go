package relay_test

import (
	"flag"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/agenbridge/agenbridge/bridge/bridgetest"
)

var simRounds = flag.Int("sim.rounds", roundsDefault, "how often each planted fault has to be found; 0 only builds with them")

// TestPlantedFaults checks the simulator itself. Each file in testdata/faults breaks the
// bridge in one place and names the climate in which the fault shows. The simulator,
// built with the fault, must find it in every round, each with its own seeds.
func TestPlantedFaults(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "faults", "*.txtar"))
	if err != nil || len(files) < 12 {
		t.Fatalf("got %d planted faults, %v, want a dozen at least", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			overlay, about := bridgetest.PlantFault(t, filepath.Join("..", ".."), file)
			_, climate, _ := strings.Cut(strings.TrimSpace(about), "climate: ")
			if _, ok := climates[climate]; !ok {
				t.Fatalf("climate %q is not known", climate)
			}
			if *simRounds == 0 {
				compile(t, overlay)
				return
			}
			simulator := brokenSimulator(t, overlay)
			for round := range *simRounds {
				findFault(t, simulator, climate, round)
			}
		})
	}
}

// compile builds the packages with the fault. Otherwise a fault that doesn't compile
// would count as found.
func compile(t *testing.T, overlay string) {
	t.Helper()
	build := exec.CommandContext(t.Context(), "go", "build", "-overlay", overlay, "../...", "../../store", "../../slackapp")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build with the fault: %v\n%s", err, out)
	}
}

func brokenSimulator(t *testing.T, overlay string) string {
	t.Helper()
	simulator := filepath.Join(t.TempDir(), "simulator")
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-overlay", overlay, "-o", simulator, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the simulator: %v\n%s", err, out)
	}
	return simulator
}

// faultSeeds is the number of seeds in which a planted fault must be found. The rarest
// one shows in one of four hundred.
const faultSeeds = 3000

// brokenPromise matches the beginning of the simulator's report and its first promise.
var brokenPromise = regexp.MustCompile(`seed (\d+) \(.*\n\s*(.*)`)

func findFault(t *testing.T, simulator, climate string, round int) {
	t.Helper()
	first := round * 1_000_000
	run := exec.CommandContext(t.Context(), simulator, "-test.run=^TestPromises$", "-sim.climate="+climate,
		fmt.Sprintf("-sim.seed=%d", first), fmt.Sprintf("-sim.count=%d", faultSeeds))
	out, err := run.CombinedOutput()
	found := brokenPromise.FindSubmatch(out)
	if err == nil || found == nil {
		t.Errorf("round %d: %d seeds find nothing: %v\n%s", round, faultSeeds, err, out[max(0, len(out)-2000):])
		return
	}
	t.Logf("round %d: seed %s: %s", round, found[1], found[2])
}
