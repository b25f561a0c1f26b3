// A question in words: what is typed is compared with the questions that have an answer, and one of them is chosen.
import { h, later } from "./dom.js";

export function asking(bar, words, tell) {
  const key = "l2c" + Math.random().toString(36).slice(2, 8);
  const box = h("div", { class: "ask" }, bar);
  const field = h("input", { type: "search", role: "combobox", "aria-expanded": "false", "aria-controls": key, autocomplete: "off",
    "aria-autocomplete": "list", "aria-label": words["desk.ask"], placeholder: words["desk.ask"], maxlength: 200 }, box);
  const list = h("div", { class: "answers", hidden: true }, box);
  const note = h("div", { class: "note", role: "status" }, list);
  const items = h("div", { role: "listbox", id: key, "aria-label": words["desk.answers"] }, list);
  let answers = [], at = -1;
  const close = () => {
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const choose = (place) => {
    const found = answers[place];
    if (!found) return;
    close();
    field.value = "";
    tell({ do: "answer", id: found.id, text: found.typed });
  };
  const mark = (place) => {
    at = place;
    [...items.children].forEach((item, k) => item.setAttribute("aria-selected", k === at));
    if (at < 0) return field.removeAttribute("aria-activedescendant");
    field.setAttribute("aria-activedescendant", items.children[at].id);
    items.children[at].scrollIntoView({ block: "nearest" });
  };
  const ask = () => tell({ do: "ask", text: field.value });
  field.addEventListener("input", later(ask, 150));
  field.addEventListener("focus", ask);
  field.addEventListener("blur", () => setTimeout(close, 150));
  field.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && answers.length) mark((at + step + answers.length + (at < 0 && step < 0 ? 1 : 0)) % answers.length);
    else if (event.key === "Enter") choose(Math.max(at, 0));
    else if (event.key === "Escape" && !list.hidden) close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const answer = (message) => {
    // Of what was typed meanwhile, the answer is on its way.
    if (message.text !== field.value || document.activeElement !== field) return;
    answers = message.answers.map((each) => ({ ...each, typed: message.text }));
    note.textContent = message.found ? "" : words["desk.unknown"];
    note.hidden = message.found;
    items.replaceChildren();
    answers.forEach(({ text, where }, place) => {
      const item = h("div", { role: "option", id: `${key}-${place}`, "aria-selected": "false" }, items);
      h("span", {}, item, text);
      h("small", {}, item, where);
      item.addEventListener("pointerdown", (event) => event.preventDefault());
      item.addEventListener("click", () => choose(place));
    });
    mark(-1);
    list.hidden = !answers.length;
    field.setAttribute("aria-expanded", answers.length > 0);
  };
  return { answer };
}
