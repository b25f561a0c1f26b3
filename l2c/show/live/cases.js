// A list of cases, or of what was found in them: sort, search, and open one to see its events.
import { button, h, later, shielded, themed } from "./dom.js";

function render({ model, el }) {
  const words = model.get("words");
  const tell = (message) => model.send(message);
  const root = shielded(h("div", { class: "l2c-live l2c-cases", lang: words.lang, role: "region", "aria-label": words.cases }));
  el.replaceChildren(root);
  const theme = themed(root, () => model.get("theme"));
  const bar = h("div", { class: "bar" }, root);
  const title = h("b", {}, bar);
  const find = h("input", { type: "search", placeholder: words.find_case, "aria-label": words.find_case }, bar);
  find.addEventListener("input", later(() => tell({ do: "find", text: find.value }), 200));
  const wrap = h("label", { hidden: true }, bar);
  const named = h("span", {}, wrap);
  const only = h("select", {}, wrap);
  only.addEventListener("change", () => tell({ do: "only", value: only.value }));
  const split = h("div", { class: "split" }, root);
  const box = h("div", { class: "table", tabindex: 0, role: "group", "aria-label": words.cases }, split);
  const detail = h("div", { class: "detail", "aria-live": "polite" }, split);
  const note = h("div", { class: "note" }, root);
  const bracketed = (said, more) => (words.lang === "ja" ? `${said}（${more}）` : `${said} (${more})`);

  const show = () => {
    const spec = model.get("spec");
    const held = root.contains(document.activeElement) ? document.activeElement.dataset.case : null;
    title.textContent = spec.title;
    note.textContent = spec.note;
    wrap.hidden = !spec.choices;
    if (spec.choices) {
      named.textContent = spec.choices.name;
      only.replaceChildren();
      for (const [value, name, n] of spec.choices.values)
        h("option", { value, selected: value === spec.choices.chosen }, only, bracketed(name, n.toLocaleString("en")));
    }
    const table = h("table", {});
    const head = h("tr", {}, h("thead", {}, table));
    spec.columns.forEach((column, place) => {
      const sorted = spec.sort[0] === place ? (spec.sort[1] ? "descending" : "ascending") : "none";
      const cell = h("th", { scope: "col", class: column.right ? "right" : "", "aria-sort": sorted }, head);
      button(cell, column.name + (sorted === "none" ? "" : sorted === "ascending" ? " ↑" : " ↓"), column.name,
        () => tell({ do: "sort", place }));
    });
    const body = h("tbody", {}, table);
    for (const { case: id, cells } of spec.rows) {
      const line = h("tr", { class: id === spec.open ? "open" : "" }, body);
      cells.forEach((text, place) => {
        const cell = h("td", { class: spec.columns[place].right ? "right" : "" }, line, place === spec.key ? null : text);
        if (place === spec.key) button(cell, text, `${words.open}: ${text}`, () => tell({ do: "open", case: id }), { "data-case": id });
      });
    }
    box.replaceChildren(table);
    // Written by Python, where every text of the data was made harmless.
    detail.innerHTML = spec.detail;
    if (held) box.querySelector(`[data-case="${CSS.escape(held)}"]`)?.focus();
    root.dataset.drawn = +(root.dataset.drawn || 0) + 1;
  };
  model.on("change:spec", show);
  model.on("change:theme", theme.apply);
  show();
  return () => (theme.stop(), model.off("change:spec", show), model.off("change:theme", theme.apply));
}

export default { render };
