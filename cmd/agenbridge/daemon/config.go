package daemon

import (
	"time"

	"github.com/agenbridge/agenbridge/agen"
)

// Config is the operator's configuration, with one field for each environment
// variable in the order of the README's table. Parse makes one; the zero value is
// not usable. The tags are the only source of a variable's name, default, bounds
// and documentation (see Variables).
//
// Tags: want describes a valid value, for the message about an invalid one; min
// and max are bounds, oneof lists the only values; empty:"none" means that an
// empty value differs from an unset variable, which has the default; secret
// values are never shown and may come from a file that NAME_FILE names.
type Config struct {
	SlackBotToken agen.Secret `env:"SLACK_BOT_TOKEN" secret:"xoxb-" required:"true" want:"the bot token of the Slack app (xoxb-), from OAuth & Permissions" doc:"Bot token of the Slack app"`
	SlackAppToken agen.Secret `env:"SLACK_APP_TOKEN" secret:"xapp-" required:"true" want:"an app-level token (xapp-) with the scope connections:write, from Basic Information" doc:"App-level token with connections:write"`
	AgenKey       agen.Secret `env:"AGEN_API_KEY" secret:"any" required:"true" want:"an Agen API key" doc:"Agen API key; it decides the workspace"`

	SlackAPIURL SlackURL `env:"SLACK_API_URL" envDefault:"https://slack.com/api/" want:"an https URL such as https://slack.com/api/" doc:"Base of the Slack Web API"`
	AgenAPIURL  AgenURL  `env:"AGEN_API_URL" envDefault:"https://api.agenhq.com" want:"an https URL such as https://api.agenhq.com" doc:"Base of the Agen API"`
	StoreURL    StoreURL `env:"STORE_URL" envDefault:"bolt:agenbridge.db" want:"bolt:<path of a file>, such as bolt:/data/agenbridge.db" doc:"Where the state is stored; the image sets bolt:/data/agenbridge.db"`

	ProbeAddr  Address     `env:"PROBE_ADDR" want:"host:port or :port" doc:"Address that serves /healthz, /readyz and /metrics; empty: none; the image sets :8080"`
	AdminAddr  Address     `env:"ADMIN_ADDR" envDefault:"127.0.0.1:8321" empty:"none" want:"host:port on a loopback address" doc:"Address that serves the same and the operator endpoints; empty: none"`
	AdminToken agen.Secret `env:"ADMIN_TOKEN" secret:"any" want:"a token that a header can carry" doc:"Token for the operator endpoints; required if ADMIN_ADDR is not a loopback address"`

	LogLevel  string `env:"LOG_LEVEL" envDefault:"info" oneof:"debug|info|warn|error" doc:"Lowest level that is logged"`
	LogFormat string `env:"LOG_FORMAT" envDefault:"json" oneof:"json|text" doc:"Format of log lines"`

	SlackConnections int `env:"SLACK_CONNECTIONS" envDefault:"2" min:"1" max:"10" want:"a number from 1 to 10" doc:"Socket Mode connections to Slack; two, so that one is up when the other is lost"`
	Workers          int `env:"WORKERS" envDefault:"16" min:"1" max:"256" want:"a number from 1 to 256" doc:"Concurrent calls to Slack, and as many to Agen"`

	AllowChannels       Channels    `env:"ALLOW_CHANNELS" want:"channel ids such as C0123ABCD, separated by commas" doc:"The only channels the bot acts in, as ids; empty: all it is invited to"`
	AllowUsers          People      `env:"ALLOW_USERS" want:"ids of people (U…, W…) or user groups (S…), separated by commas" doc:"The only people and user groups that may use it, as ids; empty: all members"`
	AllowDMs            bool        `env:"ALLOW_DMS" envDefault:"true" want:"true or false" doc:"Direct messages to the bot"`
	AllowGuests         bool        `env:"ALLOW_GUESTS" envDefault:"false" want:"true or false" doc:"Guests of the workspace may use it"`
	AllowExternal       bool        `env:"ALLOW_EXTERNAL" envDefault:"false" want:"true or false" doc:"People of other organizations may use it, in channels shared with them"`
	AllowSharedChannels Channels    `env:"ALLOW_SHARED_CHANNELS" want:"channel ids such as C0123ABCD, separated by commas" doc:"Channels shared with another organization in which it acts anyway, as ids; the other organization can read the answers there"`
	AllowOptions        OptionNames `env:"ALLOW_OPTIONS" envDefault:"branch,model" empty:"none" want:"none, one or both of branch and model" doc:"Options people may set in a first mention; empty: none"`
	AllowLink           string      `env:"ALLOW_LINK" envDefault:"own" oneof:"own|any" doc:"Sessions the command link may join: own (that the same person asked for in Slack) or any of the workspace"`

	LimitPerUser         int    `env:"LIMIT_PER_USER" envDefault:"30" min:"0" max:"1000000" want:"a number; 0 for no limit" doc:"Messages per person and minute; 0: no limit"`
	LimitSessionsPerUser int    `env:"LIMIT_SESSIONS_PER_USER" envDefault:"30" min:"0" max:"1000000" want:"a number; 0 for no limit" doc:"New sessions per person and day; 0: no limit"`
	Contact              string `env:"CONTACT" max:"200" want:"one line of at most 200 characters, such as #help-agen" doc:"Contact for users; named in every refusal and failure"`

	AgenBranch     string      `env:"AGEN_BRANCH" max:"255" want:"the name of a branch" doc:"Branch that sessions start from; empty: Agen's default"`
	AgenAutoCommit bool        `env:"AGEN_AUTO_COMMIT" envDefault:"false" want:"true or false" doc:"Let the agent commit by itself"`
	AgenModel      string      `env:"AGEN_MODEL" max:"255" want:"the name of a model" doc:"Model of the agent; empty: Agen's default"`
	AgenSessionURL SessionLink `env:"AGEN_SESSION_URL" want:"a URL with {id} in it, such as https://app.example.com/sessions/{id}" doc:"Link to a session, with {id} for its id; empty: no links"`
	AgenRate       Rate        `env:"AGEN_RATE" envDefault:"5/s" want:"reads in a second or a minute, such as 5/s or 300/m" doc:"Most timeline reads, for all sessions of a route together"`

	Replies         string        `env:"REPLIES" envDefault:"all" oneof:"all|started|mentions" doc:"Replies that reach the agent: all in a thread with a session, only in threads that started with the mention, or only mentions"`
	Mirror          bool          `env:"MIRROR" envDefault:"true" want:"true or false" doc:"Show in the thread what people type in the Agen app"`
	Attribution     string        `env:"ATTRIBUTION" envDefault:"always" oneof:"always|never" doc:"Tell the agent who wrote a message"`
	ContextMessages int           `env:"CONTEXT_MESSAGES" envDefault:"50" min:"0" max:"1000" want:"a number from 0 to 1000" doc:"Messages before the first mention that are sent as background; 0: none"`
	ContextChars    int           `env:"CONTEXT_CHARS" envDefault:"40000" min:"1" max:"1000000" want:"a number from 1 to 1000000" doc:"Most characters of that background; the first message of the thread always goes along, and none is cut"`
	MaxAge          time.Duration `env:"MAX_AGE" envDefault:"72h" min:"1m" max:"720h" want:"a duration from 1m to 720h, such as 72h" doc:"How long a message is retried before it is given up"`
	Backfill        time.Duration `env:"BACKFILL" envDefault:"72h" min:"0s" max:"720h" want:"a duration from 0s to 720h, such as 72h" doc:"How far back the backfill looks for missed messages after an outage; 0s: no backfill"`
	AskAfter        time.Duration `env:"ASK_AFTER" envDefault:"1h" min:"0s" max:"720h" want:"a duration from 0s to 720h, such as 1h" doc:"Missed messages older than this are sent only after a person confirms it"`
	WatchMax        time.Duration `env:"WATCH_MAX" envDefault:"720h" min:"1h" max:"8760h" want:"a duration from 1h to 8760h, such as 720h" doc:"How long a session without news is polled"`
	Retention       time.Duration `env:"RETENTION" envDefault:"720h" min:"24h" max:"87600h" want:"a duration such as 720h" doc:"How long delivered messages are remembered for deduplication; at least BACKFILL + MAX_AGE + 24h"`

	ReactionQueued     Emoji `env:"REACTION_QUEUED" envDefault:"hourglass_flowing_sand" empty:"none" want:"the name of an emoji without colons" doc:"The message is queued; empty, here and below: no reaction"`
	ReactionProcessing Emoji `env:"REACTION_PROCESSING" envDefault:"eyes" empty:"none" want:"the name of an emoji without colons" doc:"The agent is working on it"`
	ReactionCompleted  Emoji `env:"REACTION_COMPLETED" envDefault:"white_check_mark" empty:"none" want:"the name of an emoji without colons" doc:"Completed"`
	ReactionCanceled   Emoji `env:"REACTION_CANCELED" envDefault:"black_square_for_stop" empty:"none" want:"the name of an emoji without colons" doc:"Canceled"`
	ReactionDelayed    Emoji `env:"REACTION_DELAYED" envDefault:"electric_plug" empty:"none" want:"the name of an emoji without colons" doc:"delayed: Agen can't be reached or Slack not read; the bridge keeps retrying"`
	ReactionFailed     Emoji `env:"REACTION_FAILED" envDefault:"warning" empty:"none" want:"the name of an emoji without colons" doc:"Given up; a note says why"`
	ReactionQuestion   Emoji `env:"REACTION_QUESTION" envDefault:"raising_hand" empty:"none" want:"the name of an emoji without colons" doc:"A question waits for a person; on the first message of the thread"`
	ReactionMerged     Emoji `env:"REACTION_MERGED" envDefault:"twisted_rightwards_arrows" empty:"none" want:"the name of an emoji without colons" doc:"Merged; on the first message of the thread"`

	// Routes are the ROUTE_<NAME>_* variables by NAME.
	Routes map[string]Route `env:"-"`
	// Suggestions are about variables that are probably misspelled. They are
	// warnings and not Problems, because an environment has variables of other
	// programs, too.
	Suggestions []Suggestion `env:"-"`

	// files maps the variable of each secret that was read from a file to the
	// file's path.
	files map[string]string
}

const (
	// routePrefix begins the variables of routes: ROUTE_<NAME>_CHANNELS and so
	// on.
	routePrefix = "ROUTE_"
	// fileSuffix ends the variables that name the file of a secret.
	fileSuffix = "_FILE"
)

// Suggestion says that a variable is not one of ours, and which one was probably
// meant.
type Suggestion struct {
	// Name is the variable that is set, Meant the one that was probably meant.
	Name, Meant string
}

// String returns one line.
func (s Suggestion) String() string {
	return s.Name + ": not a variable of agenbridge; did you mean " + s.Meant + "?"
}

// Route sends some channels to another Agen workspace.
type Route struct {
	Channels       Channels    `env:"CHANNELS" required:"true" want:"channel ids such as C0123ABCD, separated by commas" doc:"Channels that go to another Agen workspace, as ids"`
	AgenKey        agen.Secret `env:"AGEN_API_KEY" secret:"any" required:"true" want:"an Agen API key" doc:"Agen API key of that workspace"`
	AgenBranch     string      `env:"AGEN_BRANCH" max:"255" want:"the name of a branch" doc:"AGEN_BRANCH for these channels"`
	AgenModel      string      `env:"AGEN_MODEL" max:"255" want:"the name of a model" doc:"AGEN_MODEL for these channels"`
	AgenAutoCommit bool        `env:"AGEN_AUTO_COMMIT" envDefault:"false" want:"true or false" doc:"AGEN_AUTO_COMMIT for these channels"`
	AgenSessionURL SessionLink `env:"AGEN_SESSION_URL" want:"a URL with {id} in it, such as https://app.example.com/sessions/{id}" doc:"AGEN_SESSION_URL for these channels"`
}
