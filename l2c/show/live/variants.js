// Paths as rows of chevrons; a tick narrows the cases to those that took them.
import { button, dressed, h, shielded, themed } from "./dom.js";

function render({ model, el }) {
  const words = model.get("words");
  const tell = (message) => model.send(message);
  const root = shielded(h("div", { class: "l2c-live l2c-variants", lang: words.lang, role: "region", "aria-label": words.variants }));
  el.replaceChildren(root);
  const theme = themed(root, () => model.get("theme"));
  const head = h("div", { class: "bar" }, root);
  const list = h("div", { class: "rows", role: "group", "aria-label": words.variants }, root);
  const foot = h("div", { class: "bar" }, root);

  const row = (each, chosen) => {
    const box = h("div", { class: "row" }, list);
    const label = h("label", {}, box);
    const tick = h("input", { type: "checkbox", "data-value": each.id, "aria-label": each.name }, label);
    tick.checked = chosen.has(each.id);
    tick.addEventListener("change", () => {
      tick.checked ? chosen.add(each.id) : chosen.delete(each.id);
      tell({ do: "put", value: [...chosen] });
    });
    h("b", {}, label, each.cases);
    const share = h("span", { class: "share" }, label);
    h("i", { style: `width:${Math.round(64 * each.width)}px` }, share);
    h("span", {}, share, each.share);
    h("span", { class: "median" }, label, each.median);
    const path = h("ol", { class: "path" }, box);
    for (const step of each.steps) {
      const item = h("li", { class: step.kind, title: step.name }, path);
      if (step.fill) item.style.setProperty("--fill", step.fill), item.style.setProperty("--on", step.ink);
      h("span", {}, item, step.text);
    }
  };
  const show = () => {
    const spec = model.get("spec");
    const held = document.activeElement?.dataset?.value;
    head.replaceChildren(h("b", {}, null, spec.title));
    if (spec.chosen.length) button(head, words.clear, words.clear, () => tell({ do: "put", value: null }), { class: "plain" });
    list.replaceChildren();
    const chosen = new Set(spec.chosen);
    spec.rows.forEach((each) => row(each, chosen));
    foot.replaceChildren();
    if (spec.more) button(foot, spec.more, spec.more, () => tell({ do: "more" }), { class: "plain" });
    if (held) list.querySelector(`[data-value="${CSS.escape(held)}"]`)?.focus();
    root.dataset.drawn = +(root.dataset.drawn || 0) + 1;
  };
  model.on("change:spec", show);
  model.on("change:theme", theme.apply);
  show();
  return () => (theme.stop(), model.off("change:spec", show), model.off("change:theme", theme.apply));
}

export default { render: dressed(render) };
