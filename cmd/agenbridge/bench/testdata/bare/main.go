// Bare is the baseline of the benchmarks: the least that relays mentions to Agen
// and reacts to them. It acknowledges at once and keeps nothing on disk, so it may
// lose, double and reorder messages.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"
)

func main() {
	api := slack.New(os.Getenv("SLACK_BOT_TOKEN"), slack.OptionAppLevelToken(os.Getenv("SLACK_APP_TOKEN")),
		slack.OptionAPIURL(os.Getenv("SLACK_API_URL")))
	client := socketmode.New(api)
	go relay(api, client)
	log.Fatal(client.Run())
}

func relay(api *slack.Client, client *socketmode.Client) {
	sessions := map[string]string{}
	for e := range client.Events {
		if e.Type != socketmode.EventTypeEventsAPI {
			continue
		}
		client.Ack(*e.Request)
		mention, ok := e.Data.(slackevents.EventsAPIEvent).InnerEvent.Data.(*slackevents.AppMentionEvent)
		if !ok {
			continue
		}
		root := mention.ThreadTimeStamp
		if root == "" {
			root = mention.TimeStamp
			sessions[root] = post("", map[string]any{"auto_commit": false, "branch_name": nil})
		}
		post("/"+sessions[root]+"/messages", map[string]any{"message": mention.Text, "client_id": mention.TimeStamp})
		if err := api.AddReaction("eyes", slack.NewRefToMessage(mention.Channel, mention.TimeStamp)); err != nil {
			log.Fatal(err)
		}
	}
}

// post makes one call to Agen and returns the id in the response.
func post(path string, body any) string {
	data, err := json.Marshal(body)
	if err != nil {
		log.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, os.Getenv("AGEN_API_URL")+"/api/v1/sessions"+path, bytes.NewReader(data))
	if err != nil {
		log.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Api-Key", os.Getenv("AGEN_API_KEY"))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		ID string `json:"id"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || resp.StatusCode/100 != 2 {
		log.Fatal(fmt.Errorf("agen answered %s: %w", resp.Status, err))
	}
	return answer.ID
}
