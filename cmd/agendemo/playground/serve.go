package playground

import (
	"embed"
	"io/fs"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"slices"
)

//go:embed static
var static embed.FS

// policy lets the page load its own scripts and styles and connect to its own server, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// handler returns the page's HTTP handler for a server at that address.
func (p *Playground) handler(at net.Addr) http.Handler {
	mux := http.NewServeMux()
	files, err := fs.Sub(static, "static")
	if err != nil {
		panic("playground: its own files are not there: " + err.Error()) // impossible: the name is a valid path
	}
	mux.Handle("GET /", http.FileServerFS(files))
	mux.HandleFunc("GET /place", p.tellPlace)
	mux.HandleFunc("GET /events", p.stream)
	mux.HandleFunc("GET /session/{id}", p.session)
	for name, do := range p.actions() {
		mux.HandleFunc("POST /act/"+name, func(w http.ResponseWriter, r *http.Request) { p.act(w, r, do) })
	}
	return guard(hosts(at), mux)
}

// hosts returns the host names by which a browser on this machine may call the server.
func hosts(at net.Addr) []string {
	addr, err := netip.ParseAddrPort(at.String())
	if err != nil {
		return []string{at.String()}
	}
	_, port, _ := net.SplitHostPort(at.String())
	return []string{addr.String(), net.JoinHostPort("localhost", port)}
}

// guard rejects requests from pages of other sites. A page whose DNS name resolves to this server sends that name as
// its Host, and any other page sends its Origin.
func guard(hosts []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if !slices.Contains(hosts, r.Host) {
			refuse(w, http.StatusMisdirectedRequest, "this server is not "+r.Host)
			return
		}
		if origin := r.Header.Get("Origin"); origin != "" && origin != "http://"+r.Host {
			refuse(w, http.StatusForbidden, "other pages may not use this one")
			return
		}
		site := r.Header.Get("Sec-Fetch-Site")
		opened := r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate"
		if !opened && site != "" && site != "same-origin" && site != "none" {
			refuse(w, http.StatusForbidden, "other pages may not use this one")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// refuse answers with an error that the page can show.
func refuse(w http.ResponseWriter, status int, reason string) {
	reply(w, status, map[string]string{"error": reason})
}

func reply(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(encode(value))
}

// isJSON reports whether the request has the content type of JSON, which a form on another site can't send.
func isJSON(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/json"
}

// tellPlace answers with the people and the conversations.
func (p *Playground) tellPlace(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, struct {
		Bot      person            `json:"bot"`
		People   []person          `json:"people"`
		Channels []room            `json:"channels"`
		Direct   map[string]string `json:"direct"`
	}{p.place.bot, p.place.people, p.place.channels, p.place.direct})
}
