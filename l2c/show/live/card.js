// A chart, a table or cards, drawn by the kit: whatever in it leads to cases or to a page does so by mouse and by key.
import { h, shielded, themed } from "./dom.js";
import { menu } from "./menu.js";

const LEADS = "[data-where], [data-cases], [data-page]";

function render({ model, el }) {
  const words = model.get("words");
  const paper = shielded(h("div", { class: "paper", lang: words.lang }));
  const over = h("div", { class: "l2c-live over" });
  el.replaceChildren(paper, over);
  const theme = themed(over, () => model.get("theme"));

  const follow = (part, at) => {
    const { where, cases, page, label } = part.dataset;
    if (!where && !cases) return model.send({ do: "page", page });
    const name = label || part.getAttribute("title") || part.textContent.trim();
    const asked = where ? { where: JSON.parse(where) } : { cases };
    const act = (does) => () => model.send({ do: does, label: name.split("\n")[0], ...asked });
    const items = ["show", "keep", "map"].map((does) => [words[`lead.${does}`], act(does)]);
    if (page) items.push([words["lead.page"], () => model.send({ do: "page", page })]);
    menu(over, name, items, at, part);
  };
  const place = (x, y) => {
    const room = over.getBoundingClientRect();
    return [x - room.left + 6, y - room.top + 6];
  };
  paper.addEventListener("click", (event) => {
    const part = event.target.closest(LEADS);
    if (part && !event.target.closest("a, summary")) follow(part, place(event.clientX, event.clientY));
  });
  paper.addEventListener("keydown", (event) => {
    if ((event.key !== "Enter" && event.key !== " ") || !event.target.matches(LEADS)) return;
    event.preventDefault();
    const room = event.target.getBoundingClientRect();
    follow(event.target, place(room.left + 20, room.top + 12));
  });

  const show = () => {
    const held = [...paper.querySelectorAll(LEADS)].indexOf(document.activeElement);
    // Written by Python, where every text of the data was made harmless.
    paper.innerHTML = model.get("html");
    const parts = [...paper.querySelectorAll(LEADS)];
    for (const part of parts) {
      part.setAttribute("role", "button");
      part.setAttribute("tabindex", "0");
    }
    if (held >= 0) parts[Math.min(held, parts.length - 1)]?.focus();
    el.dataset.drawn = +(el.dataset.drawn || 0) + 1;
  };
  model.on("change:html", show);
  model.on("change:theme", theme.apply);
  show();
  return () => (theme.stop(), model.off("change:html", show), model.off("change:theme", theme.apply));
}

export default { render };
