// A small menu beside what was clicked: arrow keys move in it, Escape leaves it.
import { h } from "./dom.js";

export function menu(box, title, items, at, back) {
  box.querySelector(".menu")?.remove();
  const root = h("div", { class: "menu", role: "menu", "aria-label": title }, box);
  h("div", { class: "menu-title", "aria-hidden": "true" }, root, title);
  const close = () => {
    root.remove();
    document.removeEventListener("pointerdown", outside, true);
    back?.focus?.();
  };
  const outside = (event) => root.contains(event.target) || close();
  items.forEach(([text, act]) => {
    // What cannot be done says why, and does nothing.
    const item = h("button", { type: "button", role: "menuitem", tabindex: -1, "aria-disabled": act ? null : "true" }, root, text);
    if (act) item.addEventListener("click", () => (close(), act()));
  });
  root.addEventListener("keydown", (event) => {
    const all = [...root.querySelectorAll("[role=menuitem]")];
    const here = all.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) all[(here + step + all.length) % all.length].focus();
    else if (event.key === "Escape" || event.key === "Tab") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const room = box.getBoundingClientRect();
  root.style.left = Math.max(4, Math.min(at[0], room.width - root.offsetWidth - 8)) + "px";
  root.style.top = Math.max(4, Math.min(at[1], room.height - root.offsetHeight - 8)) + "px";
  document.addEventListener("pointerdown", outside, true);
  root.querySelector("[role=menuitem]")?.focus();
}
