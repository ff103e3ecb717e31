// Elements out of what the server sends. It sends trees of nodes, and only tags and attributes that are named here
// become part of the page: no text is ever read as HTML.

const tags = new Set(["p", "div", "span", "b", "i", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "h3", "hr",
  "br", "table", "tr", "th", "td", "button", "select", "option", "time"]);
const attributes = new Set(["href", "class", "start", "value", "aria-label", "data-action", "data-at", "data-format"]);

export function build(node) {
  if (!node.t) return document.createTextNode(node.x ?? "");
  const e = document.createElement(tags.has(node.t) ? node.t : "span");
  for (const [name, value] of Object.entries(node.a ?? {})) {
    if (attributes.has(name) && (name !== "href" || /^(https?:|mailto:|\/session\/)/i.test(value))) e.setAttribute(name, value);
  }
  e.append(...(node.k ?? []).map(build));
  if (node.t === "a") { e.target = "_blank"; e.rel = "noopener noreferrer"; }
  if (node.t === "button") { e.type = "button"; e.dataset.focus = "action:" + e.dataset.action; }
  if (node.t === "select") e.dataset.focus = "list:" + e.getAttribute("aria-label");
  if (node.t === "time") date(e);
  return e;
}

// el makes an element of the page itself.
export function el(tag, props = {}, ...kids) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === "class") e.className = value;
    else if (name.includes("-") || name === "role" || name === "for") e.setAttribute(name, value);
    else e[name] = value;
  }
  e.append(...kids.filter((k) => k !== null && k !== undefined));
  return e;
}

const day = (d) => new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime();

// date writes one of Slack's date tokens in the reader's own zone.
function date(e) {
  const at = new Date(Number(e.dataset.at) * 1000);
  const format = e.dataset.format ?? "";
  if (Number.isNaN(at.getTime()) || !format) return;
  const write = (options) => at.toLocaleDateString([], options);
  const pretty = (otherwise) => ({ 0: "today", [-1]: "yesterday", 1: "tomorrow" })[
    Math.round((day(at) - day(new Date())) / 86400000)] ?? otherwise;
  const long = { year: "numeric", month: "long", day: "numeric" };
  const short = { year: "numeric", month: "short", day: "numeric" };
  const full = { ...long, weekday: "long" };
  const tokens = {
    time: () => clock(at), time_secs: () => at.toLocaleTimeString(), date: () => write(long), date_num: () => write({}),
    date_short: () => write(short), date_long: () => write(full), date_pretty: () => pretty(write(long)),
    date_short_pretty: () => pretty(write(short)), date_long_pretty: () => pretty(write(full)),
  };
  e.textContent = format.replace(/\{([a-z_]+)\}/g, (all, name) => tokens[name]?.() ?? all);
  e.dateTime = at.toISOString();
}

export function clock(at) {
  return at.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
}
