// The day of a change to choose, and what is said of the outcomes since then.
import { dressed, h, shielded, themed } from "./dom.js";

function render({ model, el }) {
  const words = model.get("words");
  const root = shielded(h("div", { class: "l2c-live l2c-outcomes", lang: words.lang, role: "region", "aria-label": words.outcomes }));
  el.replaceChildren(root);
  const theme = themed(root, () => model.get("theme"));
  const bar = h("div", { class: "bar" }, root);
  const count = h("span", { class: "count" }, bar);
  const wrap = h("label", {}, bar);
  h("span", {}, wrap, words["outcomes.decision"]);
  const decision = h("select", {}, wrap);
  const dated = h("label", {}, bar);
  h("span", {}, dated, words["outcomes.day"]);
  const day = h("input", { type: "date" }, dated);
  const status = h("output", { class: "status", "aria-live": "polite" }, bar);
  const picture = h("div", { class: "picture" }, root);
  const choose = (value) => {
    day.value = value;
    status.textContent = words["outcomes.working"];
    model.send({ do: "day", day: value });
  };
  day.addEventListener("change", () => choose(day.value));
  decision.addEventListener("change", () => choose(decision.value));

  const show = () => {
    const spec = model.get("spec");
    count.textContent = spec.sentence || "";
    status.textContent = "";
    const decisions = spec.decisions || [];
    wrap.hidden = !decisions.length;
    decision.replaceChildren();
    const known = decisions.some(([value]) => value === spec.day);
    h("option", { value: known ? "" : spec.day || "", selected: !known }, decision, words[spec.day && !known ? "outcomes.other" : "outcomes.none"]);
    for (const [value, name] of decisions) h("option", { value, selected: value === spec.day }, decision, name);
    if (document.activeElement !== day) day.value = spec.day || "";
    [day.min, day.max] = spec.ends || ["", ""];
    // Drawn by the kit, in which texts of the data are escaped.
    picture.innerHTML = spec.html || "";
    root.dataset.drawn = +(root.dataset.drawn || 0) + 1;
  };
  model.on("change:spec", show);
  model.on("change:theme", theme.apply);
  show();
  return () => (theme.stop(), model.off("change:spec", show), model.off("change:theme", theme.apply));
}

export default { render: dressed(render) };
