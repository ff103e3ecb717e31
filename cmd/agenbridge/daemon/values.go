package daemon

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/store"
)

// splitList splits a list at commas and white space and drops empty entries and
// duplicates. If an entry is not valid, it returns only that one.
func splitList(text string, valid func(string) bool) (all []string, invalid string) {
	split := func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' || r == '\r' }
	for _, one := range strings.FieldsFunc(text, split) {
		if !valid(one) {
			return nil, one
		}
		if !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	return all, ""
}

// Slack's ids (https://docs.slack.dev/reference/objects).
var (
	channelID = regexp.MustCompile(`^[CGD][A-Z0-9]{2,30}$`)
	personID  = regexp.MustCompile(`^[UWS][A-Z0-9]{2,30}$`)
)

// Channels are ids of conversations.
type Channels []string

// UnmarshalText reads ids separated by commas or white space.
func (c *Channels) UnmarshalText(text []byte) error {
	all, invalid := splitList(string(text), channelID.MatchString)
	if invalid != "" {
		return &mismatch{found: quote(invalid), want: "only ids of channels (C…, G… or D…), separated by commas; Slack shows a channel's id at the bottom of its details"}
	}
	*c = all
	return nil
}

// People are ids of people and of user groups.
type People []string

// UnmarshalText reads ids separated by commas or white space.
func (p *People) UnmarshalText(text []byte) error {
	all, invalid := splitList(string(text), personID.MatchString)
	if invalid != "" {
		return &mismatch{found: quote(invalid), want: "only ids of people (U…, W…) or user groups (S…), separated by commas; Slack copies a person's id from the profile's menu"}
	}
	*p = all
	return nil
}

// OptionNames are the options that people may set in a first mention.
type OptionNames []string

// UnmarshalText reads names separated by commas or white space.
func (o *OptionNames) UnmarshalText(text []byte) error {
	all, invalid := splitList(string(text), func(s string) bool { return s == "branch" || s == "model" })
	if invalid != "" {
		return &mismatch{found: quote(invalid)}
	}
	*o = all
	return nil
}

// Rate is a number of calls per second.
type Rate float64

// UnmarshalText reads a rate such as 5/s or 300/m.
func (r *Rate) UnmarshalText(text []byte) error {
	number, unit, found := strings.Cut(string(text), "/")
	n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || !found || !(n > 0 && n <= 1e6) { // written so that it rejects NaN
		return &mismatch{}
	}
	switch strings.TrimSpace(unit) {
	case "s":
	case "m":
		n /= time.Minute.Seconds()
	default:
		return &mismatch{}
	}
	*r = Rate(n)
	return nil
}

// Emoji is the name of a reaction, without colons; empty for none.
type Emoji string

var emojiName = regexp.MustCompile(`^[a-z0-9_+'-]{1,100}(::skin-tone-[2-6])?$`)

// aliases maps second names of emoji to the name that Slack reports. Reactions are
// compared by name, so each emoji must have only one.
var aliases = map[string]string{
	"+1": "thumbsup", "-1": "thumbsdown", "satisfied": "laughing", "poop": "hankey", "shit": "hankey",
	"collision": "boom", "honeybee": "bee", "telephone": "phone", "running": "runner", "envelope": "email",
	"punch": "facepunch", "raised_hand": "hand", "paw_prints": "feet", "exclamation": "heavy_exclamation_mark",
	"open_book": "book", "pencil": "memo", "red_car": "car", "sailboat": "boat", "hocho": "knife",
	"waxing_gibbous_moon": "moon", "sign_of_the_horns": "the_horns", "tshirt": "shirt",
}

// UnmarshalText reads a name.
func (e *Emoji) UnmarshalText(text []byte) error {
	name := string(text)
	if inner := strings.Trim(name, ":"); inner != name && emojiName.MatchString(inner) {
		return &mismatch{found: quote(name), want: inner + ", the name without colons"}
	}
	if !emojiName.MatchString(name) {
		return &mismatch{found: quote(name)}
	}
	base, tone, _ := strings.Cut(name, "::")
	if main, ok := aliases[base]; ok {
		if tone != "" {
			main += "::" + tone
		}
		return &mismatch{found: quote(name) + ", which is an alias", want: main}
	}
	*e = Emoji(name)
	return nil
}

// Address is a host:port to listen on; empty means none.
type Address string

// UnmarshalText reads host:port; the host may be empty.
func (a *Address) UnmarshalText(text []byte) error {
	_, port, err := net.SplitHostPort(string(text))
	if err != nil {
		return &mismatch{}
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return &mismatch{}
	}
	*a = Address(text)
	return nil
}

// loopback reports whether only this machine can reach the address.
func (a Address) loopback() bool {
	host, _, err := net.SplitHostPort(string(a))
	return err == nil && isLoopback(host)
}

// isLoopback reports whether a host is this machine itself (RFC 6761, section 6.3,
// for names).
func isLoopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.IsLoopback()
}

// parseBaseURL parses the base URL of an API. It has to be https unless the host is
// this machine, because tokens are sent there.
func parseBaseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "" || u.Opaque != "":
		return nil, &mismatch{}
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, &mismatch{found: "a URL with a user, a query or a fragment", want: "a URL of host and path only"}
	case u.Scheme == "http" && !isLoopback(u.Hostname()) && !strings.HasSuffix(u.Hostname(), ".test"):
		// .test is never a real host (RFC 6761, section 6.2); in-memory networks use it.
		return nil, &mismatch{want: "https, because the token would be sent in clear text (http is allowed for loopback hosts only)"}
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, &mismatch{}
	}
	return u, nil
}

// SlackURL is the base of the Web API, with a trailing slash.
type SlackURL string

// UnmarshalText reads a URL and adds the slash that the client needs.
func (s *SlackURL) UnmarshalText(text []byte) error {
	u, err := parseBaseURL(string(text))
	if err != nil {
		return err
	}
	*s = SlackURL(strings.TrimRight(u.String(), "/") + "/")
	return nil
}

// AgenURL is the base of the Agen API, without a trailing slash and without the
// version, which the client adds.
type AgenURL string

// UnmarshalText reads a URL.
func (a *AgenURL) UnmarshalText(text []byte) error {
	u, err := parseBaseURL(string(text))
	if err != nil {
		return err
	}
	*a = AgenURL(strings.TrimSuffix(strings.TrimRight(u.String(), "/"), "/api/v1"))
	return nil
}

// SessionLink is the URL of a session, with {id} in place of its id; empty for none.
type SessionLink string

// UnmarshalText reads a template.
func (s *SessionLink) UnmarshalText(text []byte) error {
	link := string(text)
	if !strings.Contains(link, "{id}") {
		return &mismatch{}
	}
	u, err := url.Parse(strings.ReplaceAll(link, "{id}", "ses_1"))
	if err != nil || u.Hostname() == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return &mismatch{}
	}
	if strings.ContainsAny(link, "<>|\" ") { // they would end the link in Slack's markup
		return &mismatch{found: "a URL with characters that Slack's links can't have"}
	}
	*s = SessionLink(link)
	return nil
}

// StoreURL says where the state is stored.
type StoreURL string

// UnmarshalText reads bolt:path.
func (s *StoreURL) UnmarshalText(text []byte) error {
	if _, err := store.ParseURL(string(text)); err != nil {
		return &mismatch{}
	}
	*s = StoreURL(text)
	return nil
}
