// Levers to move, and what they would bring together: today beside changed, with ranges.
import { button, dressed, h, later, saved, shielded, themed } from "./dom.js";

function render({ model, el }) {
  const words = model.get("words");
  const tell = (message) => model.send(message);
  const root = shielded(h("div", { class: "l2c-live l2c-levers", lang: words.lang, role: "region", "aria-label": words.sliders }));
  el.replaceChildren(root);
  const theme = themed(root, () => model.get("theme"));
  const bar = h("div", { class: "bar" }, root);
  const verdict = h("div", { class: "verdict" }, root);
  const body = h("div", { class: "body" }, root);
  const side = h("div", { class: "side", role: "group", "aria-label": words.sliders }, body);
  const answer = h("div", { class: "answer" }, body);

  let made = "";
  const controls = new Map();
  const lever = (each) => {
    const box = h("label", { class: each.flag ? "lever flag" : "lever" }, side);
    const head = h("span", { class: "name" }, box, each.name);
    if (each.assumed) h("em", {}, head, words["sliders.assumed"]);
    const kind = each.flag ? { type: "checkbox" } : { type: "range", min: 0, max: each.texts.length - 1, step: 1 };
    const input = h("input", { ...kind, "data-id": each.id, "aria-label": each.name }, box);
    const value = h("output", {}, box);
    const at = () => (each.flag ? +input.checked : +input.value);
    const move = later(() => tell({ do: "move", id: each.id, at: at() }), 80);
    const say = () => {
      value.textContent = each.texts[at()];
      if (!each.flag) input.setAttribute("aria-valuetext", each.texts[at()]);
      box.classList.toggle("moved", at() !== each.rest);
    };
    input.addEventListener("input", () => (say(), move()));
    return (place) => {
      // Whoever is dragging knows better than the answer to an earlier move.
      if (document.activeElement !== input || each.flag) each.flag ? (input.checked = !!place) : (input.value = place);
      say();
    };
  };
  const levers = (spec) => {
    const now = JSON.stringify(spec.sliders.map((each) => [each.id, each.texts]));
    if (now !== made) {
      side.replaceChildren();
      controls.clear();
      for (const each of spec.sliders) controls.set(each.id, lever(each));
      made = now;
    }
    for (const each of spec.sliders) controls.get(each.id)(each.at);
  };
  const cost = h("label", { class: "cost", hidden: true }, null);
  h("span", {}, cost, words["sliders.cost"]);
  const money = h("input", { type: "number", min: 0, step: "any", "aria-label": words["sliders.cost"] }, cost);
  money.addEventListener("change", () => tell({ do: "cost", value: money.value === "" ? null : +money.value }));

  const row = (table, each) => {
    const line = h("tr", { "data-id": each.id }, table);
    const name = h("th", { scope: "row" }, line, each.name);
    if (each.assumed) h("em", {}, name, words["sliders.assumed"]);
    for (const text of [each.today, each.changed]) h("td", {}, line, text);
    h("td", { class: "gap" }, line, each.difference);
    const cell = h("td", { class: "range" }, line);
    h("span", {}, cell, each.range);
    if (each.maybe) h("small", {}, cell, each.maybe);
    if (each.bar) {
      const [low, high] = each.bar.map((x) => 50 + 48 * x);
      const track = h("i", { "aria-hidden": "true" }, cell);
      h("b", { style: `left:${low}%;width:${Math.max(high - low, 1.5)}%` }, track);
    }
  };
  const show = () => {
    const spec = model.get("spec");
    bar.replaceChildren(h("span", { class: "count" }, null, spec.sentence || ""));
    h("output", { class: "status", "aria-live": "polite" }, bar, spec.status || "");
    verdict.replaceChildren();
    verdict.hidden = !spec.verdict;
    if (spec.verdict) {
      verdict.dataset.word = spec.verdict.word;
      h("strong", {}, verdict, spec.verdict.title);
      h("span", {}, verdict, spec.verdict.why);
    }
    body.hidden = !(spec.sliders || []).length;
    if (spec.few) h("p", {}, verdict, spec.few);
    if (!body.hidden) {
      levers(spec);
      const held = document.activeElement?.dataset?.act;
      const kept = document.activeElement === money;
      answer.replaceChildren(h("h2", {}, null, words["sliders.answer"]));
      const table = h("table", {}, answer);
      const head = h("tr", {}, h("thead", {}, table));
      for (const name of ["measure", "today", "changed", "difference", "range"]) h("th", { scope: "col" }, head, words[`sliders.${name}`]);
      const rows = h("tbody", {}, table);
      for (const each of spec.rows || []) row(rows, each);
      cost.hidden = !spec.asks_cost;
      answer.append(cost);
      if (kept) money.focus();
      for (const text of [...(spec.trouble ? [spec.trouble] : spec.below || []), ...(spec.more || [])]) h("p", {}, answer, text);
      h("p", { class: "basis" }, answer, spec.basis || "");
      const foot = h("div", { class: "foot" }, answer);
      const act = (name, does, off) => button(foot, words[`sliders.${name}`], words[`sliders.${name}`], does, { "data-act": name, disabled: off });
      act("refine", () => tell({ do: "refine" }), spec.fine || !spec.rows);
      act("save", () => saved("change.yaml", new Blob([model.get("spec").file], { type: "application/yaml" })), !spec.file);
      act("reset", () => tell({ do: "reset" }), !spec.file);
      if (held) answer.querySelector(`[data-act="${held}"]`)?.focus();
    }
    root.dataset.drawn = +(root.dataset.drawn || 0) + 1;
  };
  model.on("change:spec", show);
  model.on("change:theme", theme.apply);
  show();
  return () => (theme.stop(), model.off("change:spec", show), model.off("change:theme", theme.apply));
}

export default { render: dressed(render) };
