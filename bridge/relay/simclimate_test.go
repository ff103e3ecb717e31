package relay_test

import (
	"maps"
	"slices"
	"time"
)

// climate is how often each fault happens, per thousand.
type climate struct {
	kill, disk, slow             int // the process is killed; its disk is full or slow
	refused, limited, late, lost int // the results of a call
	gone, reject                 int // sessions that are lost, messages that Agen rejects
	deploy                       int // a deployment of the gateway in front of Agen: 404 for a while
	again                        int // Slack redelivers everything after a quarter of an hour
	copies                       int // after an hour of downtime the store is an old copy
	young                        int // the same with a younger copy and without downtime, sometimes twice in a row
}

// climates are the usual faults, and faults that reveal certain bugs.
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

// climateOf returns the climate that a flag names. Without the flag, half of all seeds
// use the usual climate, and the others rotate through the rest.
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

// weather is the result of one call.
type weather int

const (
	fine      weather = iota
	refused           // definitely without effect; retry
	limited           // 429
	lostLate          // the response is lost; the effect comes within the minute or never
	lostAfter         // the response is lost after the effect
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

// later is an effect that is applied within a minute.
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
