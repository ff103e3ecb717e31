// The two lists of messages: the channel and the thread.

import { act, messages, nameOf, parts, place, view } from "./state.js";
import { build, clock, el } from "./nodes.js";
import { editor } from "./compose.js";

const quick = [["+1", "👍"], ["tada", "🎉"]];
const standings = {
  way: ["on its way", "Agen has no copy of this message yet"],
  there: ["at Agen once", "Agen has exactly one copy of this message"],
  doubled: ["at Agen twice!", "Agen has more than one copy of this message"],
  said: ["told why not", "Agen has no copy of this message, and its author was told"],
};

// draw brings both lists up to date.
export function draw(open) {
  const all = messages(view.channel);
  const replies = new Map();
  for (const m of all) {
    if (m.thread && !m.deleted && !m.for) replies.set(m.thread, [...(replies.get(m.thread) ?? []), m]);
  }
  const roots = all.filter((m) => (!m.thread || (m.for && !parts.has(`m:${m.channel}:${m.thread}`))) && stands(m, replies));
  list(document.getElementById("messages"), roots, (m) => message(m, replies.get(m.ts) ?? [], open));
  if (!view.thread) return;
  const thread = all.filter((m) => (m.ts === view.thread || m.thread === view.thread) && stands(m, replies));
  list(document.getElementById("replies"), thread, (m) => message(m, null, open));
}

// walk moves the focus from message to message with the arrow keys. What a message offers is behind it in the order of
// the Tab key, and only there while the message has the focus: a long thread is no long way.
export function walk(ol) {
  ol.addEventListener("keydown", (e) => {
    const at = e.target.closest(".message");
    if (e.target !== ol && e.target !== at) return; // a box or a button has the key
    const to = { ArrowDown: at ? at.nextElementSibling : ol.firstElementChild, Home: ol.firstElementChild,
      ArrowUp: at ? at.previousElementSibling : ol.lastElementChild, End: ol.lastElementChild }[e.key];
    if (!to) return;
    e.preventDefault();
    to.focus();
  });
}

// follow keeps the end of a list in sight when the list gets another size, as by a keyboard on a phone.
export function follow(ol) {
  let end = true;
  let size = "";
  const now = () => `${ol.clientWidth} ${ol.clientHeight}`;
  ol.addEventListener("scroll", () => { // with another size, it isn't somebody who scrolls
    if (size === now()) end = ol.scrollHeight - ol.scrollTop - ol.clientHeight < 60;
  }, { passive: true });
  new ResizeObserver(() => {
    size = now();
    if (end) ol.scrollTop = ol.scrollHeight;
  }).observe(ol);
}

// stands: a deleted root stays as long as it has replies.
const stands = (m, replies) => !m.deleted || (!m.thread && replies.has(m.ts));

// list shows items in order, and touches only elements that changed, so that focus and scrolling stay.
function list(ol, items, make) {
  const bottom = ol.scrollHeight - ol.scrollTop - ol.clientHeight < 60;
  const old = new Map([...ol.children].map((li) => [li.dataset.key, li]));
  let next = ol.firstElementChild;
  let grew = false;
  for (const m of items) {
    const made = make(m);
    let li = old.get(m.key);
    old.delete(m.key);
    if (!li) {
      li = el("li", { class: "message", tabIndex: -1, "data-key": m.key, "data-ts": m.ts });
      grew = true;
    }
    if (li.made !== made.as) { fill(li, made); grew = true; }
    if (li === next) next = next.nextElementSibling;
    else ol.insertBefore(li, next);
  }
  for (const li of old.values()) li.remove();
  if (grew && (bottom || ol.dataset.jump)) ol.scrollTop = ol.scrollHeight;
  delete ol.dataset.jump;
}

function fill(li, made) {
  const held = li.contains(document.activeElement) ? document.activeElement.dataset.focus ?? "" : null;
  li.made = made.as;
  li.className = "message " + made.classes;
  li.setAttribute("aria-label", made.label);
  li.replaceChildren(...made.kids());
  if (held !== null) (li.querySelector(`[data-focus="${CSS.escape(held)}"]`) ?? li).focus({ preventScroll: true });
}

// message says what an item looks like; it is built only if that isn't what is there already.
function message(m, replies, open) {
  const editing = view.editing === m.key;
  const answers = replies && replies.length > 0 ? [replies.length, replies.at(-1).ts, faces(replies)] : null;
  return {
    as: editing ? "editing" : JSON.stringify([m, answers, view.me, view.thread === m.ts]),
    classes: [m.for && "private", m.deleted && "gone", m.app && "app", view.thread === m.ts && replies && "open"]
      .filter(Boolean).join(" "),
    label: `${m.name}, ${clock(new Date(Number(m.ts) * 1000))}`,
    kids: () => [
      el("div", { class: `avatar ${m.user}`, "aria-hidden": "true" }, m.user === place.bot.id ? el("img", { src: "/icon.svg", alt: "" }) : m.name[0]),
      el("div", { class: "content" }, ...(m.deleted ? [el("p", { class: "note" }, "This message was deleted.")] : content(m, editing)),
        answers ? replyBar(m, answers, open) : null),
      m.deleted || m.for || editing ? null : tools(m, replies, open),
    ].filter(Boolean),
  };
}

function content(m, editing) {
  const stands = standings[m.stands];
  return [
    m.for ? el("p", { class: "note" }, "Only visible to you") : null,
    el("p", { class: "who" }, el("b", {}, m.name), m.app ? el("span", { class: "badge" }, "APP") : null,
      el("time", { dateTime: new Date(Number(m.ts) * 1000).toISOString() }, clock(new Date(Number(m.ts) * 1000))),
      stands ? el("span", { class: "stands " + m.stands, title: stands[1] }, stands[0]) : null),
    editing ? editor(m) : body(m),
    m.reactions && !editing ? reactions(m) : null,
  ];
}

function body(m) {
  const div = el("div", { class: "body" }, ...(m.body ?? []).map(build));
  if (m.edited) {
    let last = div;
    while (/^(DIV|P)$/.test(last.lastElementChild?.tagName)) last = last.lastElementChild;
    last.append(el("span", { class: "edited" }, " (edited)"));
  }
  div.addEventListener("click", (e) => {
    const button = e.target.closest("button[data-action]");
    if (button) press(m, button, button.dataset.action);
  });
  div.addEventListener("change", (e) => {
    if (e.target.value) press(m, e.target, e.target.value);
  });
  return div;
}

async function press(m, control, action) {
  if (control.getAttribute("aria-busy")) return;
  control.setAttribute("aria-busy", "true"); // not disabled: it would lose the focus
  await act("click", { channel: m.channel, ts: m.ts, action });
  setTimeout(() => control.removeAttribute("aria-busy"), 1500);
}

function reactions(m) {
  return el("ul", { class: "reactions", "aria-label": "Reactions" }, ...m.reactions.map((r) => {
    const mine = r.users.includes(view.me);
    const who = r.users.map(nameOf).join(", ");
    return el("li", {}, el("button", {
      type: "button", class: mine ? "mine" : "", "aria-pressed": String(mine), title: `${who}: :${r.name}:`,
      "aria-label": `${r.name.replaceAll("_", " ")}, ${r.users.length}, by ${who}`, "data-focus": "reaction:" + r.name,
      "data-reaction": r.name, onclick: () => act("react", { channel: m.channel, ts: m.ts, name: r.name, on: !mine }),
    }, r.sign + " ", el("span", {}, String(r.users.length))));
  }));
}

const faces = (replies) => [...new Set(replies.map((r) => r.user))].slice(0, 3);

function replyBar(m, [count, last, users], open) {
  return el("button", { type: "button", class: "replies", "data-focus": "replies", onclick: () => open(m.ts, true) },
    ...users.map((u) => el("span", { class: `avatar tiny ${u}`, "aria-hidden": "true" },
      u === place.bot.id ? el("img", { src: "/icon.svg", alt: "" }) : nameOf(u)[0])),
    el("b", {}, count === 1 ? "1 reply" : `${count} replies`),
    el("span", { class: "last" }, `Last reply ${clock(new Date(Number(last) * 1000))}`));
}

function tools(m, replies, open) {
  const tool = (name, label, sign, onclick) => el("button", {
    type: "button", title: label, "aria-label": `${label}: ${m.name}, ${(m.plain ?? "").slice(0, 40)}`, "data-focus": name, "data-tool": name, onclick,
  }, sign);
  const mine = m.user === view.me;
  return el("div", { class: "tools", role: "group", "aria-label": "What you can do with this message" },
    ...quick.map(([name, sign]) => tool("react " + name, `React with ${sign}`, sign,
      () => act("react", { channel: m.channel, ts: m.ts, name, on: true }))),
    replies ? tool("reply", "Reply in thread", "💬", () => open(m.ts, true)) : null,
    mine ? tool("edit", "Edit", "✏️", () => edit(m.key)) : null,
    mine ? tool("delete", "Delete", "🗑️", () => remove(m)) : null);
}

export function edit(key) {
  view.editing = key;
  window.dispatchEvent(new Event("redraw"));
  document.querySelector(".editor textarea")?.focus();
}

async function remove(m) {
  const sure = document.getElementById("sure");
  sure.returnValue = "no";
  sure.showModal();
  await new Promise((done) => sure.addEventListener("close", done, { once: true }));
  if (sure.returnValue === "yes") await act("delete", { channel: m.channel, ts: m.ts });
}
