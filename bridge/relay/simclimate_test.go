package relay_test

import (
	"maps"
	"slices"
	"time"
)

// climate is how often things go wrong, in a thousand.
type climate struct {
	kill, disk, slow             int // of the process; of its disk, which may be full or take its time
	refused, limited, late, lost int // what becomes of a call
	gone, reject                 int // sessions, messages that Agen takes from nobody
	deploy                       int // of the gateway before Agen: 404 for a while
	again                        int // everything comes again after a quarter of an hour
	copies                       int // after an hour away the store is an old copy of itself
	young                        int // the same at once, on a copy that was made a while ago, also twice in a row
}

// climates are the weather of all days, and that in which certain mistakes
// show.
var climates = map[string]climate{
	"any":    {kill: 17, disk: 20, slow: 10, refused: 100, limited: 100, late: 100, lost: 100, gone: 50, reject: 20, deploy: 10, again: 200, copies: 100},
	"calm":   {},
	"kills":  {kill: 60, refused: 50},
	"wire":   {kill: 40, late: 300},
	"lost":   {late: 100, lost: 250},
	"late":   {late: 400},
	"limits": {refused: 200, limited: 300},
	"disk":   {disk: 150, slow: 50, late: 50},
	"gone":   {gone: 900},
	"reject": {reject: 300},
	"deploy": {deploy: 200, late: 50},
	"again":  {again: 1000},
	"copies": {kill: 40, late: 50, lost: 50, copies: 1000},
	"young":  {kill: 40, late: 250, lost: 50, young: 800},
}

// climateOf is the one that was asked for; otherwise half of all seeds have the
// weather of all days, and the others take turns.
func climateOf(seed uint64) climate {
	if *simClimate != "" {
		return climates[*simClimate]
	}
	if seed%2 == 0 {
		return climates["any"]
	}
	names := slices.Sorted(maps.Keys(climates))
	return climates[names[seed/2%uint64(len(names))]]
}

func (s *sim) chance(odds int) bool { return s.rnd.IntN(1000) < odds }

// weather is what becomes of one call.
type weather int

const (
	fine      weather = iota
	refused           // certainly without effect, try again
	limited           // 429
	lostLate          // the answer is lost; the effect comes within the minute, or not at all
	lostAfter         // the answer is lost, the effect is there
)

func (s *sim) weather() weather {
	if s.calm {
		return fine
	}
	n := s.rnd.IntN(1000)
	for w, odds := range []int{refused: s.climate.refused, limited: s.climate.limited, lostLate: s.climate.late, lostAfter: s.climate.lost} {
		if n -= odds; n < 0 {
			return weather(w)
		}
	}
	return fine
}

// later has an effect come about within the minute that counts.
type later struct {
	at time.Time
	do func()
}

func (s *sim) soon() time.Time { return s.now.Add(time.Duration(s.rnd.IntN(55)) * time.Second) }

func due(list *[]later, now time.Time) {
	rest := (*list)[:0:0]
	for _, l := range *list {
		if l.at.After(now) {
			rest = append(rest, l)
		} else {
			l.do()
		}
	}
	*list = rest
}
