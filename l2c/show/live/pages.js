// The head of the dashboard: what it is about, its pages, and whether something is being worked out.
import { button, dressed, h, themed, tool } from "./dom.js";

function render({ model, el }) {
  const words = model.get("words");
  const root = h("header", { class: "l2c-live l2c-head", lang: words.lang });
  el.replaceChildren(root);
  const top = h("div", { class: "top" }, root);
  h("h1", {}, top, model.get("title"));
  h("span", { class: "facts" }, top, model.get("facts"));
  const busy = h("span", { class: "busy", role: "status", hidden: true }, top, words.busy);
  tool(top, "theme", words.theme, () => {
    model.set("theme", root.dataset.theme === "dark" ? "light" : "dark");
    model.save_changes();
  });
  const tabs = h("div", { class: "tabs", role: "tablist", "aria-label": words.pages }, root);
  const made = model.get("pages").map(([id, name]) => {
    const tab = button(tabs, name, name, () => {
      model.set("page", id);
      model.save_changes();
    }, { role: "tab", "data-page": id });
    tab.removeAttribute("title");
    return tab;
  });
  tabs.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const here = made.indexOf(document.activeElement);
    made[(here + step + made.length) % made.length].focus();
    event.preventDefault();
  });
  const theme = themed(root, () => model.get("theme"));
  const show = () => {
    for (const tab of made) {
      const here = tab.dataset.page === model.get("page");
      tab.setAttribute("aria-selected", here);
      tab.tabIndex = here ? 0 : -1;
    }
    busy.hidden = !model.get("busy");
    theme.apply();
    // The page around the widgets follows the theme too.
    document.documentElement.dataset.l2cTheme = root.dataset.theme;
    document.title = model.get("title");
    document.documentElement.lang = words.lang;
  };
  model.on("change", show);
  show();
  model.set("seen", true);
  model.save_changes();
  return () => (theme.stop(), model.off("change", show));
}

export default { render: dressed(render) };
