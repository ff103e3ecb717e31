// The page as a whole: who one is, where one looks, and what is read out.

import { messages, nameOf, onChange, parts, place, start, view } from "./state.js";
import { el } from "./nodes.js";
import { composer } from "./compose.js";
import * as lab from "./lab.js";
import { draw, follow, walk } from "./messages.js";

const byId = (id) => document.getElementById(id);
const narrow = matchMedia("(max-width: 760px)");
const seen = new Map(); // channel → the newest ts that was looked at
let channelBox;
let threadBox;

const tries = {
  channel: ["@Agen please find out why TestLogin fails and fix it", "@Agen ask me where to fix it", "@Agen a long answer, please", "@Agen help"],
  quiet: ["And add a test with a slow disk", "Please ask me first", "Choose a time zone", "Please refuse this one", "Merge it"],
};

function setUp() {
  byId("me").append(...place.people.map((p, i) => el("label", { title: p.guest ? `${p.name} (guest)` : p.name },
    el("input", { type: "radio", name: "me", value: p.id, checked: i === 0, onchange: () => { become(p.id); } }),
    el("span", { class: `avatar ${p.id}`, "aria-hidden": "true" }, p.name[0]),
    el("span", { class: "name" }, p.guest ? `${p.name} (guest)` : p.name))));
  channelBox = composer(byId("compose-channel"), "Message", () => ({ channel: view.channel, thread: "" }), afterSaying);
  threadBox = composer(byId("compose-thread"), "Reply", () => ({ channel: view.channel, thread: view.thread }), () => {});
  lab.setUp();
  for (const ol of [byId("messages"), byId("replies")]) {
    follow(ol);
    walk(ol);
  }
  byId("menu").addEventListener("click", () => toggle("side", "menu"));
  byId("lab-toggle").addEventListener("click", () => toggle("lab", "lab-toggle"));
  byId("lab-close").addEventListener("click", () => { shut("lab", "lab-toggle"); byId("lab-toggle").focus(); });
  byId("thread-close").addEventListener("click", closeThread);
  document.querySelector(".skip").addEventListener("click", (e) => {
    e.preventDefault();
    (view.thread && narrow.matches ? threadBox : channelBox).text.focus();
  });
  addEventListener("hashchange", route);
  addEventListener("redraw", () => redraw());
  addEventListener("keydown", escape);
  be((place.people.find((p) => p.id === sessionStorage.getItem("me")) ?? place.people[0]).id);
  route();
}

// be makes somebody the one who speaks, also when the page is loaded again.
function be(id) {
  view.me = id;
  sessionStorage.setItem("me", id);
  for (const input of byId("me").querySelectorAll("input")) input.checked = input.value === id;
}

function become(id) {
  const direct = Object.values(place.direct).includes(view.channel);
  be(id);
  view.editing = "";
  if (direct) go(place.direct[id], "");
  else redraw();
}

// The address says where one looks, so that going back works.
function route() {
  const [, channel, thread] = location.hash.split("/");
  const owner = Object.keys(place.direct).find((id) => place.direct[id] === channel);
  if (owner) be(owner); // nobody else sees a direct conversation
  const known = owner || place.channels.some((c) => c.id === channel);
  const moved = view.channel !== channel;
  view.channel = known ? channel : place.channels[0].id;
  view.thread = known ? thread ?? "" : "";
  view.editing = "";
  if (moved) byId("messages").dataset.jump = "yes";
  byId("replies").dataset.jump = "yes";
  shut("side", "menu");
  redraw();
}

function go(channel, thread) { location.hash = thread ? `#/${channel}/${thread}` : `#/${channel}`; }

function open(ts, focus) {
  go(view.channel, ts);
  if (focus) setTimeout(() => threadBox.text.focus());
}

function closeThread() {
  const from = view.thread;
  go(view.channel, "");
  setTimeout(() => (document.querySelector(`#messages [data-ts="${from}"] [data-focus=replies]`) ?? channelBox.text).focus());
}

// What the agent says to a mention is in the mention's thread.
function afterSaying(text, ts) {
  if (/@agen\b/i.test(text) && !narrow.matches) go(view.channel, ts);
}

function escape(e) {
  if (e.key !== "Escape" || e.defaultPrevented || byId("sure").open || e.target.value) return;
  if (byId("lab").classList.contains("out")) { shut("lab", "lab-toggle"); byId("lab-toggle").focus(); }
  else if (byId("side").classList.contains("out")) { shut("side", "menu"); byId("menu").focus(); }
  else if (view.thread) closeThread();
}

function toggle(id, button) {
  const out = byId(id).classList.toggle("out");
  byId(button).setAttribute("aria-expanded", String(out));
  if (out) byId(id).querySelector("button, a")?.focus();
}

function shut(id, button) {
  byId(id).classList.remove("out");
  byId(button).setAttribute("aria-expanded", "false");
}

function redraw() {
  drawSide();
  const room = place.channels.find((c) => c.id === view.channel);
  byId("channel-name").textContent = room ? "# " + room.name : "Agen";
  byId("channel-topic").textContent = room ? room.topic : "A direct conversation between you and the agent";
  channelBox.rename(room ? `Message #${room.name} as ${nameOf(view.me)}` : `Message Agen as ${nameOf(view.me)}`);
  threadBox.rename(`Reply as ${nameOf(view.me)}`);
  byId("thread").hidden = !view.thread;
  document.body.classList.toggle("in-thread", !!view.thread);
  byId("thread-where").textContent = byId("channel-name").textContent;
  const bound = view.thread && messages(view.channel).some((m) => m.app && m.user === place.bot.id && m.thread === view.thread);
  channelBox.suggest(room ? tries.channel : tries.channel.map((t) => t.replace("@Agen ", "")));
  threadBox.suggest(bound ? tries.quiet : tries.channel);
  draw(open);
  byId("messages").classList.toggle("few", byId("messages").childElementCount < 2);
}

function drawSide() {
  const all = [...parts].filter(([k]) => k.startsWith("m:"));
  const newest = (id) => all.reduce((ts, [, m]) => (m.channel === id && m.ts > ts && (!m.for || m.for === view.me) ? m.ts : ts), "");
  if (all.length > 0) seen.set(view.channel, newest(view.channel));
  const item = (id, name) => {
    const fresh = seen.has(id) && newest(id) > seen.get(id);
    if (!seen.has(id) && all.length > 0) seen.set(id, newest(id));
    return el("li", {}, el("a", {
      href: "#/" + id, class: fresh ? "fresh" : "", ...(id === view.channel ? { "aria-current": "page" } : {}),
    }, name, fresh ? el("span", { class: "unseen" }, " (new messages)") : null));
  };
  keep(byId("channels"), place.channels.map((c) => item(c.id, "# " + c.name)));
  keep(byId("directs"), [item(place.direct[view.me], "Agen")]);
}

// keep replaces a list only if it changed: a link that is replaced loses the focus.
function keep(ul, items) {
  const now = items.map((i) => i.outerHTML).join("");
  if (ul.dataset.now === now) return;
  ul.dataset.now = now;
  ul.replaceChildren(...items);
}

// announce reads out what others say and how one's own messages stand.
function announce(keys) {
  const news = [];
  for (const key of keys.filter((k) => k.startsWith("m:"))) {
    const m = parts.get(key);
    const old = heard.get(key);
    heard.set(key, summary(m));
    if (m.deleted || (m.for && m.for !== view.me)) continue;
    if (old === undefined && m.user !== view.me) news.push(`${m.name}: ${m.plain ?? ""}`);
    else if (m.user === view.me && old !== undefined && old !== summary(m) && summary(m)) news.push(`Your message: ${summary(m)}`);
  }
  if (news.length > 0) byId("said").textContent = news.slice(-3).join(". ");
}

const heard = new Map();
const summary = (m) => (m.reactions ?? []).map((r) => r.name.replaceAll("_", " ")).join(", ");

onChange((keys, fresh) => {
  if (fresh) for (const key of keys) if (key.startsWith("m:")) heard.set(key, summary(parts.get(key)));
  if (!fresh) announce(keys);
  lab.draw(keys, fresh);
  if (fresh) byId("messages").dataset.jump = "yes";
  if (fresh && view.thread && !parts.has(`m:${view.channel}:${view.thread}`)) { // of a server before this one
    view.thread = "";
    history.replaceState(null, "", "#/" + view.channel);
  }
  if (fresh || keys.some((k) => k.startsWith("m:"))) redraw();
  document.body.dataset.ready = "yes";
});

await start(setUp);
