// Where people type: the boxes under the two lists, and the one in a message that is being edited.

import { act, messages, place, view } from "./state.js";
import { el } from "./nodes.js";
import { edit } from "./messages.js";

// composer fills a form with a message box. to says where a message goes, sent what to do when it is there.
export function composer(form, label, to, sent) {
  const name = form.id;
  const text = box(name + "-text", label);
  const send = el("button", { type: "submit", class: "send", "aria-label": "Send" }, "➤");
  const mention = el("button", { type: "button", class: "at", title: "Mention Agen" }, "@Agen");
  const tries = el("div", { class: "tries", role: "group", "aria-label": "Things to try" });
  mention.addEventListener("click", () => insert(text, text.value === "" || /\s$/.test(text.value) ? "@Agen " : " @Agen "));
  form.append(tries, el("div", { class: "box" }, el("label", { class: "unseen", for: text.id }, label), text,
    el("div", { class: "bar" }, mention, el("span", { class: "hint" }, "Enter sends, Shift+Enter makes a line"), send)));
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    const said = text.value;
    if (!said.trim()) return;
    text.value = "";
    grow(text);
    const answer = await act("say", { ...to(), text: said });
    if (answer) sent(said, answer.ts);
    else { text.value = said; grow(text); }
  });
  keys(text, () => form.requestSubmit(), () => lastOfMine(to()));
  return {
    text,
    rename(now) { text.setAttribute("aria-label", now); text.placeholder = now; },
    suggest(list) {
      const shown = JSON.stringify(list);
      if (tries.dataset.shown === shown) return;
      tries.dataset.shown = shown;
      tries.replaceChildren(...list.map((t) => el("button", { type: "button", onclick: () => { text.value = t; grow(text); text.focus(); } }, t)));
    },
  };
}

// editor is the box in a message that is being edited.
export function editor(m) {
  const text = box("editor-text", "Edit your message");
  text.value = m.source;
  const done = () => {
    view.editing = "";
    window.dispatchEvent(new Event("redraw"));
    document.querySelector(`[data-key="${CSS.escape(m.key)}"]`)?.focus();
  };
  const save = async () => {
    if (await act("edit", { channel: m.channel, ts: m.ts, text: text.value })) done();
  };
  keys(text, save, () => {});
  const form = el("form", { class: "editor" }, text, el("div", { class: "choices" },
    el("button", { type: "button", onclick: done }, "Cancel"), el("button", { type: "submit", class: "primary" }, "Save")));
  form.addEventListener("submit", (e) => { e.preventDefault(); save(); });
  form.addEventListener("keydown", (e) => {
    if (e.key === "Escape" && !e.defaultPrevented) { e.preventDefault(); e.stopPropagation(); done(); }
  });
  queueMicrotask(() => grow(text));
  return form;
}

function box(id, label) {
  const text = el("textarea", { id, rows: 1, placeholder: label, "aria-label": label, spellcheck: false, maxLength: 40000 });
  text.addEventListener("input", () => grow(text));
  return text;
}

function grow(text) {
  text.style.height = "auto";
  if (text.value) text.style.height = Math.min(text.scrollHeight, 220) + "px";
  else text.style.height = "";
}

function insert(text, what) {
  text.setRangeText(what, text.selectionStart, text.selectionEnd, "end");
  text.focus();
  grow(text);
}

// keys makes Enter send, Arrow up edit, and @ offer names.
function keys(text, send, up) {
  const names = offer(text);
  text.addEventListener("keydown", (e) => {
    if (e.isComposing || names.key(e)) return;
    if (e.key === "Enter" && !e.shiftKey) { e.preventDefault(); send(); }
    if (e.key === "ArrowUp" && text.value === "") { e.preventDefault(); up(); }
  });
}

function lastOfMine({ channel, thread }) {
  const mine = messages(channel).filter((m) => m.user === view.me && !m.deleted &&
    (thread ? m.thread === thread || m.ts === thread : !m.thread));
  if (mine.length > 0) edit(mine.at(-1).key);
}

// offer shows the people whose names begin with what was typed behind an @.
function offer(text) {
  let chosen = 0;
  let found = [];
  const ul = el("ul", { class: "offer", role: "listbox", id: text.id + "-names", "aria-label": "People", hidden: true });
  text.setAttribute("aria-autocomplete", "list");
  text.setAttribute("aria-controls", ul.id);
  const show = () => {
    ul.hidden = found.length === 0;
    ul.replaceChildren(...found.map((p, i) => el("li", {
      id: `${ul.id}-${i}`, role: "option", "aria-selected": String(i === chosen),
      onmousedown: (e) => { e.preventDefault(); take(i); },
    }, p.name, el("span", {}, p.id === place.bot.id ? "the agent" : p.guest ? "guest" : ""))));
    if (ul.hidden) text.removeAttribute("aria-activedescendant");
    else text.setAttribute("aria-activedescendant", `${ul.id}-${chosen}`);
  };
  const begun = () => /(?:^|[\s(])@([\p{L}]*)$/u.exec(text.value.slice(0, text.selectionStart));
  const look = () => {
    const word = begun()?.[1].toLowerCase();
    found = word === undefined ? [] : [place.bot, ...place.people].filter((p) => p.name.toLowerCase().startsWith(word));
    chosen = 0;
    show();
  };
  const take = (i) => {
    const word = begun();
    if (word) text.setSelectionRange(text.selectionStart - word[1].length, text.selectionStart);
    insert(text, found[i].name + " ");
    found = [];
    show();
  };
  text.addEventListener("input", () => { if (!ul.parentNode) text.after(ul); look(); });
  text.addEventListener("blur", () => { found = []; show(); });
  return {
    // key reports whether the key was for the list.
    key(e) {
      if (ul.hidden) return false;
      const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
      if (step) { chosen = (chosen + step + found.length) % found.length; show(); }
      else if (e.key === "Enter" || e.key === "Tab") take(chosen);
      else if (e.key === "Escape") { found = []; show(); e.stopPropagation(); }
      else return false;
      e.preventDefault();
      return true;
    },
  };
}
