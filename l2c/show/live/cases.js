// A list of cases, or of what was found in them: sort, search, and open one to see its events.
import { button, dressed, h, later, shielded, themed } from "./dom.js";

// A text, or an estimate with its range below; a share has a bar from nothing to all.
function filled_in(cell, text) {
  if (!text.main) return (cell.textContent = text);
  if (text.share) {
    const [value, low, high] = text.share.map((share) => (share === null ? null : 72 * Math.min(Math.max(share, 0), 1)));
    const bar = h("span", { class: "share", "aria-hidden": "true" }, cell);
    if (low !== null && high !== null) h("i", { style: `left:${low}px;width:${Math.max(high - low, 1)}px` }, bar);
    h("b", { style: `left:${Math.max(value - 1.5, 0)}px` }, bar);
  }
  cell.append(text.main);
  if (text.sub) (h("br", {}, cell), h("small", {}, cell, text.sub));
}

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
  button(bar, words.take, words.take, () => tell({ do: "take" }), { class: "take" });
  const close = button(bar, "×", words.close, () => tell({ do: "close" }), { class: "close", hidden: true });
  const split = h("div", { class: "split" }, root);
  const box = h("div", { class: "table", tabindex: 0, role: "group", "aria-label": words.cases }, split);
  const detail = h("div", { class: "detail", "aria-live": "polite", tabindex: 0, role: "group", "aria-label": words.open }, split);
  const note = h("div", { class: "note" }, root);
  const bracketed = (said, more) => (words.lang === "ja" ? `${said}（${more}）` : `${said} (${more})`);

  const show = () => {
    const spec = model.get("spec");
    const held = root.contains(document.activeElement) ? document.activeElement.dataset.case : null;
    title.textContent = spec.title;
    note.textContent = spec.note;
    close.hidden = !spec.closes;
    // What was asked for comes into sight.
    if (spec.closes && title.textContent !== root.dataset.told) setTimeout(() => root.scrollIntoView({ block: "nearest" }));
    root.dataset.told = title.textContent;
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
        const { right, long } = spec.columns[place];
        const cell = h("td", { class: right ? "right" : long ? "long" : "" }, line);
        if (place !== spec.key) filled_in(cell, text);
        else if (text.href) h("a", { href: text.href, target: "_blank", rel: "noopener noreferrer", class: "record", "aria-label": `Salesforce: ${text.main}` }, cell, "↗");
        if (place === spec.key) button(cell, text.main ?? text, `${words.open}: ${text.main ?? text}`, () => tell({ do: "open", case: id }), { "data-case": id });
      });
    }
    box.replaceChildren(table);
    // Written by Python, where every text of the data was made harmless.
    detail.innerHTML = spec.detail;
    if (held) box.querySelector(`[data-case="${CSS.escape(held)}"]`)?.focus();
    root.dataset.drawn = +(root.dataset.drawn || 0) + 1;
  };
  const taken = ({ csv, name }) => {
    // Excel takes a file without this mark for one of the system's old encoding.
    const link = h("a", { download: `${name.replace(/[^\p{L}\p{N}]+/gu, "_").slice(0, 60)}.csv` });
    link.href = URL.createObjectURL(new Blob(["\ufeff" + csv], { type: "text/csv;charset=utf-8" }));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };
  model.on("msg:custom", taken);
  model.on("change:spec", show);
  model.on("change:theme", theme.apply);
  show();
  return () => (theme.stop(), model.off("change:spec", show), model.off("msg:custom", taken), model.off("change:theme", theme.apply));
}

export default { render: dressed(render) };
