package playground

import (
	"html/template"
	"net/http"

	"github.com/agenbridge/agenbridge/agen"
)

// sessionPage stands in for the Agen app, which the links in cards point to. It shows a session as Agen has it.
var sessionPage = template.Must(template.New("session").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Session {{.ID}}</title><link rel="stylesheet" href="/style.css"><link rel="icon" href="/icon.svg"></head>
<body class="session"><main class="timeline"><h1>The session, as Agen has it</h1>
<p>{{.ID}} · what people wrote is exactly what the bridge sent. Load the page again to see more.</p>
<ol>{{range .Events}}<li class="{{.Type}}"><p><b>{{.Type}}</b> {{.Status}}{{with .ClientID}} · client_id {{.}}{{end}}</p>
{{with .Text}}<pre>{{.}}</pre>{{end}}</li>{{else}}<li>Nothing yet.</li>{{end}}</ol></main></body></html>
`))

// session shows the timeline of a session.
func (p *Playground) session(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	found := false
	for _, s := range p.cfg.Agen.Sessions() {
		found = found || s.ID == id
	}
	if !found {
		refuse(w, http.StatusNotFound, "there is no such session")
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	view := struct {
		ID     string
		Events []agen.Event
	}{id, p.cfg.Agen.Timeline(id)}
	// An error means that the browser has disconnected, which needs no handling.
	_ = sessionPage.Execute(w, view)
}
