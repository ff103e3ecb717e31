package agen_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
)

// startServer starts a test server that stands in for https://api.agenhq.com.
func startServer(cfg agentest.Config) *agentest.Server {
	srv := agentest.New(cfg)
	if err := srv.Start(context.Background()); err != nil {
		panic(err)
	}
	return srv
}

// Open a session, send it a message, and read its timeline.
func Example() {
	srv := startServer(agentest.Config{Agent: agentest.Agent{Manual: true}})
	defer srv.Close()
	ctx := context.Background()

	client, err := agen.New(agen.Config{BaseURL: srv.URL(), Key: agentest.DefaultKey})
	if err != nil {
		panic(err)
	}
	session, err := client.CreateSession(ctx, agen.SessionOptions{})
	if err != nil {
		panic(err)
	}
	event, err := client.SendMessage(ctx, session.ID, "Fix the flaky test", "1700000000.000100")
	if err != nil {
		panic(err)
	}
	fmt.Println("answer:", event.Status)
	_, err = client.Timeline(ctx, session.ID, "", func(raw *agen.RawEvent) error {
		e := raw.Event()
		fmt.Println("timeline:", e.Type, e.Status, e.ClientID, e.Text())
		return nil
	})
	if err != nil {
		panic(err)
	}
	// Output:
	// answer: processing
	// timeline: user_message processing 1700000000.000100 Fix the flaky test
}

// After an error whose outcome is unknown, look for the message in the timeline before sending it again.
func ExampleClass() {
	srv := startServer(agentest.Config{})
	defer srv.Close()
	session := srv.AddSession("", agen.Session{})
	srv.AddFault(agentest.LoseAnswer(agentest.CallSend))
	ctx := context.Background()

	client, err := agen.New(agen.Config{BaseURL: srv.URL(), Key: agentest.DefaultKey})
	if err != nil {
		panic(err)
	}
	_, err = client.SendMessage(ctx, session.ID, "Fix the flaky test", "1700000000.000100")
	fmt.Println("unsure:", errors.Is(err, agen.ClassUnsure))

	found := false
	_, err = client.Timeline(ctx, session.ID, "", func(e *agen.RawEvent) error {
		found = found || string(e.ClientID()) == "1700000000.000100"
		return nil
	})
	fmt.Println("found:", found, err)
	// Output:
	// unsure: true
	// found: true <nil>
}

// A poll decodes only the events that it needs, and reads nothing if the timeline hasn't changed.
func ExampleClient_Timeline() {
	srv := startServer(agentest.Config{ETags: true})
	defer srv.Close()
	session := srv.AddSession("", agen.Session{})
	for _, e := range []agen.Event{agentest.FileEdit("main.go"), agentest.AgentMessage("Done.")} {
		if _, err := srv.AddEvent(session.ID, e); err != nil {
			panic(err)
		}
	}
	ctx := context.Background()

	client, err := agen.New(agen.Config{BaseURL: srv.URL(), Key: agentest.DefaultKey})
	if err != nil {
		panic(err)
	}
	etag, err := client.Timeline(ctx, session.ID, "", func(raw *agen.RawEvent) error {
		if raw.Type() == agen.EventAgentMessage {
			event := raw.Event() // a copy to keep
			fmt.Println(event.Text())
		}
		return nil
	})
	if err != nil {
		panic(err)
	}
	_, err = client.Timeline(ctx, session.ID, etag, nil)
	fmt.Println(errors.Is(err, agen.ErrNotModified))
	// Output:
	// Done.
	// true
}

// Questions finds a question in many shapes of payload.
func ExampleEvent_Questions() {
	e := agen.Event{Type: agen.EventAgentAskUser, Payload: []byte(
		`{"question":"Which database?","options":["SQLite",{"label":"PostgreSQL","value":"pg"}]}`)}
	for _, q := range e.Questions() {
		fmt.Println(q.Text)
		for _, o := range q.Options {
			fmt.Println("-", o.Label, "=", o.Value)
		}
	}
	// Output:
	// Which database?
	// - SQLite = SQLite
	// - PostgreSQL = pg
}
