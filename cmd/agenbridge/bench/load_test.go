//go:build linux

package bench

import (
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen/agentest"
)

// threadsUnderLoad is the number of threads that the messages are spread over.
const threadsUnderLoad = 20

// BenchmarkLoad sends 50 messages a second in 20 threads, each of them a reply with
// a mention, through the bare relay and through the bridge. A round ends when every
// message has its last reaction, so that the processor time covers the whole life
// of a message.
//
// In "working" the agent keeps working: a message costs both relays one send and
// one reaction, which makes them comparable. In "finished" the agent completes each
// message at once. The bridge, which unlike the bare relay follows the session,
// then adds a second reaction to each message and removes the first one.
func BenchmarkLoad(b *testing.B) {
	b.Run("working", func(b *testing.B) { benchmarkLoad(b, agentest.Agent{Manual: true}, "eyes") })
	b.Run("finished", func(b *testing.B) { benchmarkLoad(b, agentest.Agent{}, "white_check_mark") })
}

func benchmarkLoad(b *testing.B, agent agentest.Agent, last string) {
	b.Helper()
	f := figures{}
	for b.Loop() {
		bare := underLoad(b, agent, bareProgram.built(b), "eyes", 1)
		ours := underLoad(b, agent, daemon(b), last, 2)
		f.addTimes("bare-post", bare.sends)
		f.addTimes("bare-ack", bare.acks)
		f.add("bare-cpu-ms/msg", bare.cpu)
		f.add("bare-RssAnon-MB", bare.anon)
		f.addTimes("post", ours.sends)
		f.addTimes("ack", ours.acks)
		f.add("cpu-ms/msg", ours.cpu)
		f.add("cpu-ratio", ours.cpu/bare.cpu)
		f.add("RssAnon-MB", ours.anon)
		f.add("VmRSS-MB", ours.rss)
	}
	f.report(b)
}

// stress has the measurements of one round.
type stress struct {
	sends, acks []time.Duration
	cpu         float64 // ms per message
	anon, rss   float64 // MB
}

// underLoad runs a program under the load, and checks the result.
func underLoad(b *testing.B, agent agentest.Agent, program, last string, sockets int) stress {
	b.Helper()
	t := newTown(b, agent)
	t.start(program, sockets)
	first := t.begin(threadsUnderLoad)
	t.show(first, last)

	before := t.child.cpu()
	all := t.sayAll(int(loadFor.Seconds()*rate), func(i int) thread { return t.threads[i%len(t.threads)] })
	t.arrived(all)
	t.show(all, last)
	used := t.child.cpu() - before
	s := stress{
		sends: t.sends(all), acks: t.acks(all), cpu: milliseconds(used) / float64(len(all)),
		anon: t.child.megabytes("RssAnon"), rss: t.child.megabytes("VmRSS"),
	}
	t.check(append(first, all...))
	t.end()
	return s
}
