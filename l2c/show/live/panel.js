// The filter panel: what is chosen here is what every view that follows it shows.
import { button, chips, dressed, filled, h, later, s, shielded, themed } from "./dom.js";

const LONG = 8, MOST = 100;

function values(parent, facet, words, tell) {
  const chosen = new Set(facet.chosen.map((value) => JSON.stringify(value)));
  const put = () => tell({ do: "put", word: facet.word, value: [...chosen].map((text) => JSON.parse(text)) });
  let text = "";
  if (facet.values.length > LONG) {
    const find = h("input", { type: "search", placeholder: words.find, "aria-label": `${words.find}: ${facet.name}`,
      value: facet.typed || "" }, parent);
    text = facet.typed || "";
    find.addEventListener("input", () => ((text = facet.typed = find.value), list()));
  }
  const box = h("div", { class: "values", role: "group", "aria-label": facet.name, tabindex: -1 }, parent);
  const list = () => {
    box.replaceChildren();
    const wanted = facet.values.filter(({ name }) => name.toLowerCase().includes(text.trim().toLowerCase()));
    // Of a list too long to be shown, what is chosen stays in sight; else nothing moves below the pointer.
    const first = wanted.length > MOST ? wanted.filter(({ value }) => chosen.has(JSON.stringify(value))) : [];
    const shown = [...first, ...wanted.filter((each) => !first.includes(each))].slice(0, MOST);
    for (const { value, name, n } of shown) {
      const label = h("label", { class: n ? "" : "none" }, box);
      const tick = h("input", { type: "checkbox", "data-word": facet.word, "data-value": JSON.stringify(value) }, label);
      tick.checked = chosen.has(JSON.stringify(value));
      h("span", { class: "name", title: name }, label, name);
      h("span", { class: "n" }, label, n.toLocaleString("en"));
      tick.addEventListener("change", () => {
        tick.checked ? chosen.add(JSON.stringify(value)) : chosen.delete(JSON.stringify(value));
        put();
      });
    }
    if (wanted.length > shown.length) h("div", { class: "note" }, box, filled(words.more, { n: wanted.length - shown.length }));
  };
  list();
}

// How the amounts, or the starts of the cases, are spread: where a range would cut them.
function spread(parent, bars) {
  const most = Math.max(1, ...bars);
  const svg = s("svg", { viewBox: `0 0 ${bars.length * 4} 24`, preserveAspectRatio: "none", class: "spread",
    "aria-hidden": "true" }, parent);
  bars.forEach((n, k) => s("rect", { x: 4 * k + 0.5, y: 24 - (24 * n) / most, width: 3, height: (24 * n) / most }, svg));
}

function range(parent, facet, words, tell) {
  spread(parent, facet.bars);
  const quick = facet.picks.length ? h("div", { class: "picks", role: "group", "aria-label": words.picks }, parent) : null;
  for (const [name, value] of facet.picks) {
    const held = facet.picked === value;
    button(quick, name, name, () => tell({ do: "put", word: facet.word, value: held ? null : value }),
      { "aria-pressed": String(held), "data-word": facet.word, "data-value": value });
  }
  const type = facet.kind === "dates" ? "date" : "number";
  const row = h("div", { class: "range" }, parent);
  const ends = [["low", words["from_" + facet.kind]], ["high", words["to_" + facet.kind]]].map(([end, name]) => {
    const label = h("label", {}, row);
    h("span", {}, label, name);
    return h("input", { type, step: "any", value: facet[end] ?? "", placeholder: facet[end + "est"],
      min: type === "date" ? facet.lowest : null, max: type === "date" ? facet.highest : null,
      "aria-label": `${facet.name}: ${name}`, "data-word": facet.word, "data-end": end }, label);
  });
  const put = () => {
    const [low, high] = ends.map((end) => end.value);
    tell({ do: "put", word: facet.word, value: low || high ? `${low}..${high}` : null });
  };
  ends.forEach((end) => end.addEventListener("change", put));
}

// In what days durations are counted: a choice of two, with what a working day is beside it.
function hours(parent, spec, tell) {
  const box = h("fieldset", { class: "hours" }, parent);
  h("legend", {}, box, spec.name);
  for (const [value, name] of spec.values) {
    const label = h("label", {}, box);
    const tick = h("input", { type: "radio", name: "l2c-hours", "data-word": "hours", "data-value": value }, label);
    tick.checked = value === spec.chosen;
    h("span", { class: "name" }, label, name);
    tick.addEventListener("change", () => tick.checked && tell({ do: "hours", value }));
  }
  h("div", { class: "note" }, box, spec.note);
}

function render({ model, el }) {
  const words = model.get("words");
  // What was ticked since: an answer to an earlier click knows nothing of it yet, and must not take it away.
  let turn = model.get("spec").turn || 0;
  const mine = new Map();
  const tell = (message) => {
    if (message.do !== "put") mine.clear();
    else if (Array.isArray(message.value)) mine.set(message.word, message.value);
    model.send({ ...message, turn: ++turn });
  };
  const root = shielded(h("div", { class: "l2c-live l2c-panel", lang: words.lang, role: "region", "aria-label": words.filters }));
  el.replaceChildren(root);
  const row = h("div", { class: "bar chips" }, root);
  const trouble = h("div", { class: "trouble", role: "alert", hidden: true }, root);
  const body = h("div", { class: "facets" }, root);
  const theme = themed(root, () => model.get("theme"));
  const typed = new Map(), open = new Map(), scrolled = new Map();

  const show = () => {
    const spec = model.get("spec");
    const held = document.activeElement;
    const at = root.contains(held) ? [held.dataset.word, held.dataset.value, held.dataset.end] : null;
    body.querySelectorAll("details").forEach((each) => {
      open.set(each.dataset.word, each.open);
      scrolled.set(each.dataset.word, each.querySelector(".values")?.scrollTop || 0);
    });
    chips(row, spec, words, tell);
    body.replaceChildren();
    if (spec.turn >= turn) mine.clear();
    if (spec.hours) hours(body, spec.hours, tell);
    for (const facet of spec.facets) {
      facet.typed = typed.get(facet.word);
      if (mine.has(facet.word)) facet.chosen = mine.get(facet.word);
      const box = h("details", { "data-word": facet.word }, body);
      // On a phone the lists would stand between the head and what it is about.
      box.open = open.get(facet.word) ?? (facet.open && innerWidth > 820);
      const head = h("summary", {}, box, facet.name);
      const n = facet.kind === "values" ? facet.chosen.length : +(facet.low != null || facet.high != null);
      if (n) h("span", { class: "badge" }, head, filled(words.chosen, { n }));
      (facet.kind === "values" ? values : range)(box, facet, words, tell);
      const list = box.querySelector(".values");
      if (list) list.scrollTop = scrolled.get(facet.word) || 0;
      box.querySelector("input[type=search]")?.addEventListener("input", (event) => typed.set(facet.word, event.target.value));
    }
    if (at) [...body.querySelectorAll("input, .picks button")].find(({ dataset: d }) =>
      d.word === at[0] && d.value === at[1] && d.end === at[2])?.focus();
    root.dataset.drawn = +(root.dataset.drawn || 0) + 1;
  };
  const hide = later(() => (trouble.hidden = true), 5000);
  const told = (message) => {
    if (!message.trouble) return;
    trouble.textContent = message.trouble;
    trouble.hidden = false;
    hide();
  };
  model.on("change:spec", show);
  model.on("change:theme", theme.apply);
  model.on("msg:custom", told);
  show();
  return () => {
    theme.stop();
    model.off("change:spec", show);
    model.off("change:theme", theme.apply);
    model.off("msg:custom", told);
  };
}

export default { render: dressed(render) };
