// Behind the scenes: delivery counts, the bridge, failures, network traffic.

import { act, parts } from "./state.js";
import { el } from "./nodes.js";

const byId = (id) => document.getElementById(id);

const kinds = [
  ["limits", "Rate limits", "Half of all calls get a 429 that asks to wait two seconds."],
  ["lost", "Lost responses", "Half of all calls succeed, but the response is lost. The bridge looks for a minute before it repeats a call."],
  ["again", "Redelivery", "Half of all events arrive twice. The others are delivered again, because their acknowledgements are lost."],
  ["down", "Agen is down", "It refuses connections. Messages get a reaction after ten seconds, and a note after two minutes."],
];

export function setUp() {
  byId("weather").append(...kinds.map(([kind, name, about]) => {
    const knob = el("button", {
      type: "button", role: "switch", "aria-checked": "false", id: "weather-" + kind, "aria-describedby": `weather-${kind}-about`,
      onclick: () => act("weather", { name: kind, on: knob.getAttribute("aria-checked") !== "true" }),
    }, el("span", { class: "knob", "aria-hidden": "true" }), name);
    return el("li", {}, knob, el("p", { id: `weather-${kind}-about` }, about));
  }));
  byId("bridge-act").addEventListener("click", () => act("bridge", { on: !parts.get("bridge")?.up }));
  byId("wire-all").addEventListener("change", () => drawWire());
}

export function draw(keys, fresh) {
  if (fresh || keys.includes("weather")) drawWeather();
  if (fresh || keys.includes("bridge")) drawBridge();
  if (fresh || keys.includes("ledger")) drawLedger();
  if (fresh || keys.some((k) => k.startsWith("w:"))) drawWire();
}

function drawWeather() {
  const on = parts.get("weather")?.on ?? {};
  for (const [kind] of kinds) byId("weather-" + kind).setAttribute("aria-checked", String(!!on[kind]));
  drawToggle();
}

function drawToggle() {
  const bad = Object.values(parts.get("weather")?.on ?? {}).some(Boolean) || parts.get("bridge")?.up === false;
  byId("lab-toggle").classList.toggle("bad", bad);
  byId("lab-toggle").textContent = bad ? "Failures on" : "Failures";
}

function drawBridge() {
  const b = parts.get("bridge") ?? {};
  const state = byId("bridge-state");
  const times = b.kills === 1 ? "killed once" : `killed ${b.kills} times`;
  let text = "It is down. Slack and Agen go on without it.";
  if (b.up) text = b.sockets > 0 ? `It runs, with ${b.sockets === 1 ? "one connection" : b.sockets + " connections"} to Slack.` : "It is starting.";
  if (b.died) text = `It ended by itself: ${b.died}`;
  state.textContent = b.kills > 0 ? `${text} (So far ${times}.)` : text;
  state.className = "state " + (b.up ? (b.sockets > 0 ? "up" : "starting") : "down");
  byId("bridge-act").textContent = b.up ? "Kill it (SIGKILL)" : "Start it again";
  byId("bridge-act").className = b.up ? "danger" : "primary";
  drawToggle();
}

function drawLedger() {
  const l = parts.get("ledger") ?? {};
  const rows = [["for the agent", l.asked, ""], ["arrived once", l.there, "good"], ["on the way", l.way, l.way ? "wait" : ""],
    ["told why not", l.said, ""], ["twice", l.doubled, l.doubled ? "wrong" : ""]];
  byId("ledger").replaceChildren(...rows.map(([name, n, kind]) =>
    el("div", { class: kind }, el("dd", {}, String(n ?? 0)), el("dt", {}, name))));
  let verdict = "Mention @Agen in a message, and watch where it goes.";
  if (l.asked > 0) verdict = l.way > 0 ? "Not every message has arrived yet. None is lost." : "Every message arrived exactly once, or its author was told why not.";
  if (l.doubled > 0) verdict = "A promise is broken: Agen has a message twice.";
  byId("verdict").textContent = verdict;
  byId("verdict").className = "verdict" + (l.doubled > 0 ? " wrong" : "");
}

function drawWire() {
  const all = byId("wire-all").checked;
  const ol = byId("wire");
  const lines = [...parts].filter(([k, l]) => k.startsWith("w:") && (all || l.bad || !l.dull)).sort((a, b) => b[1].at - a[1].at);
  const old = new Map([...ol.children].map((li) => [li.dataset.key, li]));
  let next = ol.firstElementChild;
  for (const [key, l] of lines) {
    const as = JSON.stringify(l);
    let li = old.get(key);
    old.delete(key);
    if (!li) li = el("li", { "data-key": key });
    if (li.made !== as) {
      li.made = as;
      li.className = (l.bad ? "bad " : "") + l.from;
      li.replaceChildren(el("span", { class: "at" }, time(l.at)), el("span", { class: "way" }, `${l.from} → ${l.to}`),
        el("span", { class: "what" }, l.what, " ", el("span", { class: "how" }, l.note ?? "")));
    }
    if (li === next) next = next.nextElementSibling;
    else ol.insertBefore(li, next);
  }
  for (const li of old.values()) li.remove();
}

function time(at) {
  const d = new Date(at);
  return `${String(d.getMinutes()).padStart(2, "0")}:${String(d.getSeconds()).padStart(2, "0")}.${Math.floor(d.getMilliseconds() / 100)}`;
}
