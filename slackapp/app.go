package slackapp

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/agenbridge/agenbridge/bridge"
)

// App is our Slack app: it hears what is said (Run) and is what the bridge says and asks there (bridge.Slack). Its
// methods may be called from any goroutine, also before Run and after it.
type App struct {
	cfg    Config
	log    *slog.Logger
	obs    Observer
	gate   *gate
	wire   *wire
	files  *http.Client
	dialer *websocket.Dialer
	dir    *directory
	who    *lookup[self]
	// aliases is set by UseAliases and never after that.
	aliases Aliases
	// sweeps are there once NewSweeps was called.
	sweeps atomic.Pointer[Sweeps]
	// deaf has something in it when the sockets are to be replaced.
	deaf chan struct{}

	mu          sync.Mutex
	status      Status // guarded by mu
	connections int    // open to Slack, ours; guarded by mu
	scopes      map[string]bool
}

var _ bridge.Slack = (*App)(nil)

// New makes an App. It calls nobody yet; the error tells what is wrong with the configuration.
func New(cfg Config) (*App, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	a := &App{cfg: cfg, log: cfg.Log, obs: cfg.Observer, gate: newGate(cfg.Gate), aliases: noAliases{}, scopes: map[string]bool{}, deaf: make(chan struct{}, 1)}
	a.status.Wanted = cfg.Connections
	transport := newTransport(cfg.Dial)
	a.wire = &wire{
		client: &http.Client{Transport: transport, Timeout: callTimeout, CheckRedirect: stay},
		api:    cfg.APIURL, agent: "agenbridge/" + first(cfg.Version, "dev"), token: cfg.BotToken,
		obs: cfg.Observer, trouble: a.noteOutcome,
	}
	a.files = &http.Client{Transport: transport, Timeout: callTimeout, CheckRedirect: stay}
	a.dialer = newDialer(cfg.Dial)
	a.dir = newDirectory(a.wire)
	a.who = newLookup(100*365*24*time.Hour, 1, a.askWho)
	return a, nil
}

// stay follows no redirect: the API makes none, and the token goes nowhere else.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// newTransport keeps as many connections as there are workers, and not for long: the bridge is idle most of its life.
func newTransport(dial dialFunc) *http.Transport {
	t := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: dial, ForceAttemptHTTP2: true,
		MaxIdleConns: 32, MaxIdleConnsPerHost: 16, IdleConnTimeout: 30 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second,
	}
	if dial != nil {
		t.Proxy = nil
	}
	return t
}

func newDialer(dial dialFunc) *websocket.Dialer {
	d := &websocket.Dialer{
		Proxy: http.ProxyFromEnvironment, NetDialContext: dial, HandshakeTimeout: 10 * time.Second,
		// Acknowledgements are short. Slack's events are longer, but buffers grow with neither.
		ReadBufferSize: 4 << 10, WriteBufferSize: 4 << 10,
	}
	if dial != nil {
		d.Proxy = nil
	}
	return d
}

type dialFunc = func(ctx context.Context, network, addr string) (net.Conn, error)

// whoami returns who we are. It is asked once; the errors are Faults.
func (a *App) whoami(ctx context.Context) (self, error) {
	me, err := a.who.of(ctx, "")
	if err != nil {
		return self{}, asFault(err)
	}
	return me, nil
}

// askWho is https://docs.slack.dev/reference/methods/auth.test.
func (a *App) askWho(ctx context.Context, _ string) (self, error) {
	me, _, err := a.authTest(ctx)
	return me, err
}

// Ask asks Slack who we are and what we may do, so that Status is right again after somebody changed that. The error
// is a Fault.
func (a *App) Ask(ctx context.Context) error {
	_, _, err := a.authTest(ctx)
	return asFault(err)
}

func (a *App) authTest(ctx context.Context) (self, http.Header, error) {
	var who struct {
		Team       string `json:"team_id"`
		Enterprise string `json:"enterprise_id"`
		User       string `json:"user_id"`
		Bot        string `json:"bot_id"`
		Name       string `json:"user"`
		URL        string `json:"url"`
	}
	c := call{method: "auth.test"}
	head, err := a.wire.ask(ctx, c, url.Values{}, &who)
	if err != nil {
		return self{}, nil, err
	}
	me := self{Team: who.Team, Enterprise: who.Enterprise, User: who.User, Bot: who.Bot, Name: who.Name, URL: who.URL}
	if me.Bot == "" {
		// The token of a person, or of an app's configuration: what it posts would not be the bot's.
		return self{}, nil, c.fault(bridge.ClassUnauthorized, "not_a_bot_token", 0, errText("the token is not a bot's"))
	}
	if !validID(me.Team) || !validID(me.User) {
		return self{}, nil, c.fault(bridge.ClassTemporary, "", 0, errNotSlack)
	}
	a.noteScopes(head)
	return me, head, nil
}
