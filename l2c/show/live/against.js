// With what are the chosen cases compared: all others, or those that were kept.
import { button, dressed, h, shielded, themed } from "./dom.js";

function render({ model, el }) {
  const words = model.get("words");
  const root = shielded(h("div", { class: "l2c-live l2c-against", lang: words.lang, role: "region", "aria-label": words["against"] }));
  el.replaceChildren(root);
  const theme = themed(root, () => model.get("theme"));
  const bar = h("div", { class: "bar" }, root);
  const show = () => {
    const spec = model.get("spec");
    bar.replaceChildren(h("output", { class: "count", "aria-live": "polite" }, null, spec.sentence || ""));
    const act = (name, does, off) => button(bar, words[`against.${name}`], words[`against.${name}`], () => model.send({ do: does }), { disabled: off });
    act("keep", "keep", !spec.chosen);
    if (spec.kept) act("rest", "let_go", false);
  };
  model.on("change:spec", show);
  model.on("change:theme", theme.apply);
  show();
  return () => (theme.stop(), model.off("change:spec", show), model.off("change:theme", theme.apply));
}

export default { render: dressed(render) };
