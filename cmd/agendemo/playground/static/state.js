// What the server told, and what this page is looking at.

export const parts = new Map(); // key → value, the newest of each
export const place = { bot: {}, people: [], channels: [], direct: {} };
export const view = { me: "", channel: "", thread: "", editing: "" };

const listeners = [];

// onChange calls f with the keys that changed, and whether everything is new.
export function onChange(f) { listeners.push(f); }

export function changed(keys = [], fresh = false) {
  for (const f of listeners) f(keys, fresh);
}

// start gets the place and follows the server.
export async function start(ready) {
  Object.assign(place, await (await fetch("/place")).json());
  ready();
  const source = new EventSource("/events");
  source.onmessage = (e) => take(JSON.parse(e.data));
  source.onopen = () => { document.getElementById("offline").hidden = true; };
  source.onerror = () => {
    document.getElementById("offline").hidden = false;
    if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 5000);
  };
}

const keepWire = 300;

function take(update) {
  if (update.fresh) parts.clear();
  for (const { key, value } of update.parts ?? []) parts.set(key, value);
  const wire = [...parts.keys()].filter((k) => k.startsWith("w:"));
  wire.sort((a, b) => parts.get(a).at - parts.get(b).at);
  for (const key of wire.slice(0, -keepWire)) parts.delete(key);
  changed((update.parts ?? []).map((p) => p.key), !!update.fresh);
}

// messages are those that this person may see in a channel, oldest first.
export function messages(channel) {
  const all = [];
  for (const [key, m] of parts) {
    if (key.startsWith("m:") && m.channel === channel && (!m.for || m.for === view.me)) all.push({ key, ...m });
  }
  return all.sort((a, b) => (a.ts < b.ts ? -1 : 1));
}

// act tells the server what somebody does; it returns the answer, or nothing when it was refused.
export async function act(name, deed) {
  try {
    const r = await fetch("/act/" + name, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ user: view.me, ...deed }),
    });
    const answer = await r.json();
    if (r.ok) return answer;
    warn(answer.error);
  } catch {
    warn("The playground doesn't answer. Is it still running?");
  }
  return null;
}

let hide;

export function warn(text) {
  const p = document.getElementById("alert");
  p.textContent = text;
  p.hidden = false;
  clearTimeout(hide);
  hide = setTimeout(() => { p.hidden = true; }, 8000);
}

export function nameOf(id) {
  return [place.bot, ...place.people].find((p) => p.id === id)?.name ?? id;
}
