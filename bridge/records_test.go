package bridge

import (
	"encoding/json"
	"testing"
)

// TestUpgradeReadsWhatAnEarlierReleaseWrote covers format 1, which stored the hold reason
// in the field of the fault.
func TestUpgradeReadsWhatAnEarlierReleaseWrote(t *testing.T) {
	for record, want := range map[string]Delivery{
		`{"state":"held","fault":"unseated"}`:              {State: StateHeld, Hold: HoldNoThread},
		`{"state":"held","fault":"overdue"}`:               {State: StateHeld, Hold: HoldStale},
		`{"state":"held","fault":"stopped"}`:               {State: StateHeld, Hold: HoldStopped},
		`{"state":"held","fault":"unrouted"}`:              {State: StateHeld, Hold: HoldNoRoute},
		`{"state":"held","fault":"missing"}`:               {State: StateHeld, Hold: HoldSessionClosed},
		`{"state":"held","fault":"unsure"}`:                {State: StateHeld, Hold: HoldUnsure},
		`{"state":"ready","fault":"missing"}`:              {State: StateReady, Fault: ClassNotFound},
		`{"state":"ready","fault":"rate-limited"}`:         {State: StateReady, Fault: ClassRateLimited},
		`{"state":"dead","fault":"broken"}`:                {State: StateDead, Fault: ClassPanic},
		`{"state":"dead","fault":"absent"}`:                {State: StateDead, Fault: ClassNotInChannel},
		`{"state":"held","hold":"overdue"}`:                {State: StateHeld, Hold: HoldStale},
		`{"state":"dead","fault":"rejected","reason":"x"}`: {State: StateDead, Fault: ClassRejected, Reason: "x"},
	} {
		var m MessageRecord
		if err := json.Unmarshal([]byte(record), &m); err != nil {
			t.Fatal(err)
		}
		if m.Upgrade(); m.Delivery != want {
			t.Errorf("%s: got %+v, want %+v", record, m.Delivery, want)
		}
	}
}
