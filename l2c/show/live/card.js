// A chart, a table or cards, drawn by the kit: whatever in it leads to cases or to a page does so by mouse and by key.
import { dressed, h, shielded, themed } from "./dom.js";
import { menu } from "./menu.js";

const LEADS = "[data-where], [data-cases], [data-page], [data-figure], [data-milestone], [data-from][data-to]";

// What a part leads to: the cases of a condition, or some that are known one by one; and a page that tells more.
function lead(part) {
  const { where, cases, milestone, from, to } = part.dataset;
  const figure = part.closest("[data-figure]")?.dataset.figure;
  const known = cases ? part : part.querySelector("[data-cases]");
  const asked = where ? { where: JSON.parse(where) }
    : known ? { cases: known.dataset.cases }
    : to ? { where: [{ word: "eventually", value: [from, to] }] }
    : milestone ? { where: [{ word: "includes", value: [milestone] }] } : null;
  const page = figure ? { figure } : part.dataset.page ? { page: part.dataset.page } : to || milestone ? { page: "time" } : null;
  return { asked, page, label: known?.dataset.label || part.getAttribute("title") || part.innerText.trim() };
}

function render({ model, el }) {
  const words = model.get("words");
  const paper = shielded(h("div", { class: "paper", lang: words.lang }));
  const over = h("div", { class: "l2c-live over" });
  el.replaceChildren(paper, over);
  const theme = themed(over, () => model.get("theme"));

  const follow = (part, at) => {
    const { asked, page, label } = lead(part);
    if (!asked) return model.send({ do: "page", ...page });
    const name = label.split("\n")[0];
    const items = ["show", "keep", "map"].map((does) => [words[`lead.${does}`], () => model.send({ do: does, label: name, ...asked })]);
    if (page) items.push([words["lead.page"], () => model.send({ do: "page", ...page })]);
    menu(over, label, items, at, part);
  };
  const place = (x, y) => {
    const room = over.getBoundingClientRect();
    return [x - room.left + 6, y - room.top + 6];
  };
  paper.addEventListener("click", (event) => {
    const part = event.target.closest("[role=button]");
    if (part && !event.target.closest("a, summary")) follow(part, place(event.clientX, event.clientY));
  });
  paper.addEventListener("keydown", (event) => {
    if ((event.key !== "Enter" && event.key !== " ") || !event.target.matches("[role=button]")) return;
    event.preventDefault();
    const room = event.target.getBoundingClientRect();
    follow(event.target, place(room.left + 20, room.top + 12));
  });

  const show = () => {
    const held = [...paper.querySelectorAll("[role=button]")].indexOf(document.activeElement);
    // Written by Python, where every text of the data was made harmless.
    paper.innerHTML = model.get("html");
    // A number in what leads there itself is no second button.
    const parts = [...paper.querySelectorAll(LEADS)].filter((part) => !part.parentElement.closest(LEADS));
    for (const part of parts) {
      part.setAttribute("role", "button");
      part.setAttribute("tabindex", "0");
      // A mark of a picture has no text to be called by, and a picture of which parts are pressed is a group.
      if (!part.innerText && part.dataset.label) part.setAttribute("aria-label", part.dataset.label);
      part.closest("svg[role=img]")?.setAttribute("role", "group");
    }
    if (held >= 0) parts[Math.min(held, parts.length - 1)]?.focus();
    el.dataset.drawn = +(el.dataset.drawn || 0) + 1;
  };
  model.on("change:html", show);
  model.on("change:theme", theme.apply);
  show();
  return () => (theme.stop(), model.off("change:html", show), model.off("change:theme", theme.apply));
}

export default { render: dressed(render) };
