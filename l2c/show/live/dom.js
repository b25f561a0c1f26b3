// Elements, texts and themes: what every widget needs. No dependencies, no network.
const SVG = "http://www.w3.org/2000/svg";

function made(kind, attributes, parent, text) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === false || value == null) continue;
    kind.setAttribute(name, value === true ? "" : value);
  }
  // Texts of the data are text, never markup.
  if (text != null) kind.textContent = text;
  if (parent) parent.append(kind);
  return kind;
}

export const h = (tag, attributes, parent, text) => made(document.createElement(tag), attributes, parent, text);
export const s = (tag, attributes, parent, text) => made(document.createElementNS(SVG, tag), attributes, parent, text);

// A notebook has keys of its own, "x" cuts the cell: what is pressed in a widget is meant for the widget. Those with Ctrl still work.
export function shielded(root) {
  const own = (event) => event.key === "Enter" || !(event.ctrlKey || event.metaKey);
  // Notebook looks at keys before the widget sees them, and leaves alone what says so; JupyterLab and VS Code look after it.
  const before = (event) => event.target.toggleAttribute("data-lm-suppress-shortcuts", own(event));
  root.addEventListener("focusin", () => window.addEventListener("keydown", before, true));
  root.addEventListener("focusout", () => window.removeEventListener("keydown", before, true));
  root.addEventListener("keydown", (event) => own(event) && event.stopPropagation());
  return root;
}

export function button(parent, text, label, act, attributes) {
  const made = h("button", { type: "button", "aria-label": label, title: label, ...attributes }, parent, text);
  made.addEventListener("click", act);
  return made;
}

// Signs are drawn, since not every font has them.
const SIGNS = {
  plus: "M8 3v10M3 8h10", minus: "M3 8h10", fit: "M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3M6 6h4v4H6z",
  turn: "M3 5h9M9 2l3 3-3 3M13 11H4M7 8l-3 3 3 3", full: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4",
  theme: "M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12",
};

export function tool(parent, sign, label, act) {
  const made = button(parent, null, label, act);
  const root = s("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true", class: "sign" }, made);
  s("path", { d: SIGNS[sign], fill: "none", stroke: "currentColor", "stroke-width": 1.6, "stroke-linejoin": "round" }, root);
  return made;
}

export function filled(phrase, values) {
  return phrase.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

export function later(act, wait) {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...given), wait);
  };
}

// "auto" follows JupyterLab's theme where there is one, else the system's. The head of the dashboard says its own at once, to
// be followed until the kernel, which may be busy, has said it too.
export function themed(root, chosen) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const page = document.documentElement;
  const put = (wanted) => {
    const lab = document.body.dataset.jpThemeLight;
    const dark = lab === undefined ? system.matches : lab === "false";
    root.dataset.theme = wanted === "auto" || !wanted ? (dark ? "dark" : "light") : wanted;
  };
  const apply = () => put(chosen());
  const watch = new MutationObserver(apply);
  watch.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  const head = new MutationObserver(() => put(page.dataset.l2cTheme));
  head.observe(page, { attributes: true, attributeFilter: ["data-l2c-theme"] });
  system.addEventListener("change", apply);
  apply();
  return { apply, stop: () => (watch.disconnect(), head.disconnect(), system.removeEventListener("change", apply)) };
}

export function saved(name, blob) {
  const link = h("a", { href: URL.createObjectURL(blob), download: name }, document.body);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// A row of chips: each says a condition in force and takes it away; undo and reset beside them.
export function chips(parent, spec, words, tell) {
  const held = [...parent.querySelectorAll("button")].indexOf(document.activeElement);
  parent.replaceChildren();
  h("output", { class: "count", "aria-live": "polite", tabindex: -1 }, parent, spec.sentence);
  spec.chips.forEach((text, place) => {
    const chip = h("span", { class: "chip" }, parent);
    h("span", {}, chip, text);
    button(chip, "×", filled(words.remove, { name: text }), () => tell({ do: "remove", place }));
  });
  if (spec.undo) button(parent, "↶ " + words.undo, words.undo, () => tell({ do: "undo" }), { class: "plain" });
  if (spec.chips.length) button(parent, words.clear, words.clear, () => tell({ do: "clear" }), { class: "plain" });
  // Whoever works with the keyboard stays where they were: on the next chip, else on the count.
  const left = parent.querySelectorAll("button");
  if (held >= 0) (left[Math.min(held, left.length - 1)] || parent.firstChild).focus();
}

// A widget whose classes can change. To be reported upstream. What: classes that Python adds to or takes from a widget that
// stands in the page never arrive. Version: anywidget 0.11. Its `createView` calls `model.off(null, null, view)`, which also
// takes away the listeners of ipywidgets' own DOMWidgetView. The way round: listen again.
export const dressed = (render) => async (context) => {
  const { model, el } = context;
  let worn = model.get("_dom_classes");
  const dress = () => {
    el.classList.remove(...worn);
    worn = model.get("_dom_classes");
    el.classList.add(...worn);
  };
  model.on("change:_dom_classes", dress);
  const end = await render(context);
  return () => (end?.(), model.off("change:_dom_classes", dress));
};
