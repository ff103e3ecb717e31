package slacktest

import (
	"maps"
	"net/http"
	"strings"
	"time"
)

// File is a file shared in Slack (https://docs.slack.dev/reference/objects/file-object).
type File struct {
	// ID defaults to a generated one. Mode defaults to "hosted"; others are "snippet", "tombstone", "hidden_by_limit"
	// and "external".
	ID, Name, Title, Mode string
	// Mimetype and Filetype default to text/plain and the name's extension.
	Mimetype, Filetype string
	// User is who shared it.
	User    string
	Content []byte
	// Size defaults to the content's length.
	Size int
	// CheckInfo reduces the file in events to file_access: check_file_info; history and files.info have everything.
	CheckInfo bool
	// ExternalURL makes it a file on another server.
	ExternalURL string
	// Unreadable makes the content inaccessible to the app: the download redirects to a sign-in page.
	Unreadable bool
	// Status is what the download answers with instead of the content, such as 403 or 502; 0 for the content. For a
	// download that hangs or answers with HTML see [Fault].
	Status int
	// Unprocessed is how many times files.info returns a file that Slack has not processed yet, without a type and
	// without a URL. Until then, events and pages have the file in that form, too.
	Unprocessed int
	// Extra are further fields of the object, such as the plain_text of a mail or the transcription of a recording
	// (https://docs.slack.dev/reference/objects/file-object).
	Extra   map[string]any
	created int64
}

// addFile stores a shared file. s.mu is held.
func (s *Server) addFile(f File, user string) File {
	if f.ID == "" {
		f.ID = s.newID("F")
	}
	f.User = user
	if f.Mode == "" {
		f.Mode = "hosted"
	}
	if f.Title == "" {
		f.Title = f.Name
	}
	if f.Mimetype == "" {
		f.Mimetype = "text/plain"
	}
	if f.Filetype == "" {
		f.Filetype = f.Name[strings.LastIndex(f.Name, ".")+1:]
	}
	if f.Size == 0 {
		f.Size = len(f.Content)
	}
	f.created = time.Now().Unix()
	s.world.files[f.ID] = &f
	return f
}

// fileJSON is a file as events (stripped) and pages give it. s.mu is held.
func (s *Server) fileJSON(f File, stripped bool) object {
	if stripped && f.CheckInfo {
		return object{"id": f.ID, "mode": "file_access", "file_access": "check_file_info", "created": 0, "timestamp": 0, "user": ""}
	}
	if f.Mode == "tombstone" || f.Mode == "hidden_by_limit" {
		return object{"id": f.ID, "mode": f.Mode}
	}
	team := s.cfg.TeamID + "-" + f.ID
	o := object{
		"id": f.ID, "created": f.created, "timestamp": f.created, "name": f.Name, "title": f.Title,
		"mimetype": f.Mimetype, "filetype": f.Filetype, "pretty_type": strings.ToUpper(f.Filetype), "user": f.User,
		"user_team": s.cfg.TeamID, "editable": f.Mode == "snippet", "size": f.Size, "mode": f.Mode,
		"is_external": f.ExternalURL != "", "external_type": "", "is_public": true, "public_url_shared": false,
		"display_as_bot": false, "username": "", "file_access": "visible",
		"url_private":          s.baseURL() + "/files-pri/" + team + "/" + f.Name,
		"url_private_download": s.baseURL() + "/files-pri/" + team + "/download/" + f.Name,
		"permalink":            s.teamURL() + "files/" + f.User + "/" + f.ID + "/" + f.Name,
	}
	if f.ExternalURL != "" {
		o["external_type"], o["url_private"], o["mode"] = "unknown", f.ExternalURL, "external"
		delete(o, "url_private_download")
	}
	if f.Mode == "snippet" {
		text := string(f.Content)
		lines := strings.Split(text, "\n")
		o["lines"], o["lines_more"] = len(lines), max(0, len(lines)-5)
		o["preview"] = strings.Join(lines[:min(5, len(lines))], "\n")
		o["preview_is_truncated"] = len(lines) > 5
	}
	maps.Copy(o, f.Extra)
	if f.Unprocessed > 0 {
		o["mimetype"], o["filetype"], o["pretty_type"] = "", "", ""
		delete(o, "url_private")
		delete(o, "url_private_download")
	}
	return o
}

// filesInfo is https://docs.slack.dev/reference/methods/files.info.
func (s *Server) filesInfo(c *call) (object, error) {
	f := s.world.files[c.args["file"]]
	if f == nil {
		return nil, fail("file_not_found")
	}
	defer func() { f.Unprocessed = max(0, f.Unprocessed-1) }()
	return object{"file": s.fileJSON(*f, false), "comments": []object{}, "response_metadata": object{"next_cursor": ""}}, nil
}

// serveFile answers url_private and url_private_download: the content for the bot token with files:read, otherwise a
// redirect to a sign-in page, as Slack does.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/files-pri/"), "/")
	if parts[0] == "signin" {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<!DOCTYPE html><html><body>Sign in</body></html>")) // the client may have disconnected
		return
	}
	c := &call{s: s, method: "file", args: args{"file": r.URL.Path}, w: w, r: r}
	c.token = c.args.takeToken(r)
	s.recordRequest(c)
	if s.beforeApply(c) {
		return
	}
	_, id, _ := strings.Cut(parts[0], "-")
	s.mu.Lock()
	f := s.world.files[id]
	allowed := c.token == s.botToken && s.scopes["files:read"]
	s.mu.Unlock()
	switch {
	case !allowed || f != nil && f.Unreadable:
		c.recordStatus(http.StatusFound)
		http.Redirect(w, r, "/files-pri/signin", http.StatusFound)
	case f == nil:
		c.recordStatus(http.StatusNotFound)
		http.NotFound(w, r)
	case f.Status != 0:
		c.recordStatus(f.Status)
		http.Error(w, htmlPage, f.Status)
	case c.fault != nil && c.fault.Kind == GarbageAnswer:
		c.recordStatus(http.StatusOK)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(htmlPage)) // the client may have disconnected
	default:
		c.recordStatus(http.StatusOK)
		w.Header().Set("Content-Type", f.Mimetype)
		_, _ = w.Write(f.Content) // the client may have disconnected
	}
	c.recordAnswered()
}
