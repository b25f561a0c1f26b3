// A small menu beside what was clicked: arrow keys move in it, Escape leaves it.
import { h } from "./dom.js";

// What is known of it, above what can be done with it: parts of a head and lines.
function told(root, parts) {
  root.replaceChildren();
  for (const { head, lines } of parts) {
    if (head) h("div", { class: "head" }, root, head);
    for (const line of lines) h("div", { class: "line" }, root, line);
  }
}

export function menu(box, title, items, at, back, parts = []) {
  box.querySelector(".menu")?.remove();
  const root = h("div", { class: "menu", role: items.length ? "menu" : "dialog", "aria-label": title, tabindex: -1 }, box);
  h("div", { class: "menu-title", "aria-hidden": items.length ? "true" : null }, root, title);
  const facts = h("div", { class: "facts" }, root);
  told(facts, parts);
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
    if (step && all.length) all[(here + step + all.length) % all.length].focus();
    else if (event.key === "Escape" || event.key === "Tab") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const settle = () => {
    const room = box.getBoundingClientRect();
    root.style.maxHeight = room.height - 12 + "px";
    root.style.left = Math.max(4, Math.min(at[0], room.width - root.offsetWidth - 8)) + "px";
    root.style.top = Math.max(4, Math.min(at[1], room.height - root.offsetHeight - 8)) + "px";
  };
  settle();
  document.addEventListener("pointerdown", outside, true);
  (root.querySelector("[role=menuitem]") || root).focus();
  return { more: (parts) => root.isConnected && (told(facts, parts), settle()) };
}
