// The bar above the pages: a question in words, named views, the address of what is shown, the report of it.
import { button, dressed, filled, h, saved, shielded, themed } from "./dom.js";
import { menu } from "./menu.js";
import { asking } from "./asking.js";
import { taking } from "./taking.js";

// A box below a button: Escape and a click elsewhere close it, and lead back.
function box(root, opener, name) {
  const made = h("div", { class: "popup", role: "dialog", "aria-label": name, hidden: true }, root);
  const outside = (event) => made.contains(event.target) || opener.contains(event.target) || close();
  const close = (back) => {
    made.hidden = true;
    opener.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside, true);
    if (back) opener.focus();
  };
  made.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close(true);
  });
  opener.setAttribute("aria-haspopup", "dialog");
  opener.setAttribute("aria-expanded", "false");
  opener.addEventListener("click", () => {
    if (!made.hidden) return close();
    made.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    made.style.left = Math.max(8, Math.min(opener.offsetLeft, root.clientWidth - made.offsetWidth - 8)) + "px";
    made.style.top = opener.offsetTop + opener.offsetHeight + 4 + "px";
    document.addEventListener("pointerdown", outside, true);
  });
  return { made, close };
}

function views(root, bar, words, model, tell) {
  const opener = button(bar, words["desk.views"], words["desk.views"], () => tell({ do: "views" }));
  opener.removeAttribute("title");
  const { made, close } = box(root, opener, words["desk.views"]);
  const list = h("ul", {}, made);
  const form = h("form", {}, made);
  const label = h("label", {}, form);
  h("span", {}, label, words["desk.view_name"]);
  const name = h("input", { type: "text", maxlength: 60, autocomplete: "off" }, label);
  h("button", { type: "submit" }, form, words["desk.view_keep"]);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tell({ do: "keep_view", name: name.value });
    name.value = "";
  });
  const show = () => {
    list.replaceChildren();
    const all = model.get("views");
    if (!all.length) h("li", { class: "none" }, list, words["desk.views_none"]);
    for (const [text, day] of all) {
      const row = h("li", {}, list);
      const open = h("button", { type: "button", class: "plain" }, row, text);
      open.addEventListener("click", () => (close(true), tell({ do: "open_view", name: text })));
      h("small", {}, row, day);
      button(row, "×", filled(words["desk.view_forget"], { name: text }), () => {
        // What all visitors share is not gone by a slip.
        row.replaceChildren(h("span", {}, null, words["desk.view_sure"]));
        button(row, words["desk.yes"], `${words["desk.yes"]}: ${text}`, () => (tell({ do: "forget_view", name: text }), name.focus())).focus();
        button(row, words["desk.no"], words["desk.no"], () => (show(), name.focus()));
      });
    }
  };
  opener.addEventListener("click", () => made.hidden || name.focus());
  return show;
}

// The address without the token: whoever opens it has to be let in like anybody else.
const link = (fragment) => location.origin + location.pathname + (fragment ? "#" + fragment : "");

function copying(root, bar, words, model) {
  const opener = button(bar, words["desk.link"], words["desk.link"], () => {});
  opener.removeAttribute("title");
  const { made } = box(root, opener, words["desk.link"]);
  const field = h("input", { type: "text", readonly: true, "aria-label": words["desk.link_field"] }, made);
  const note = h("p", { role: "status" }, made);
  // After the click has opened the box.
  opener.addEventListener("click", async () => {
    if (made.hidden) return;
    const { fragment, short } = model.get("place");
    const say = (name) => (note.textContent = [short, words[name]].filter(Boolean).join(" "));
    field.value = link(fragment || "");
    field.focus();
    field.select();
    say("desk.link_here");
    try {
      await navigator.clipboard.writeText(field.value);
      say("desk.link_copied");
    } catch {
      // Not every page may write there; the field holds it.
    }
  });
}

function report(root, bar, words, model, tell) {
  const opener = button(bar, words["desk.report"], words["desk.report"], () => {
    const kinds = [["html", "desk.report_html"], ...(model.get("able").includes("pdf") ? [["pdf", "desk.report_pdf"]] : [])];
    const at = [opener.offsetLeft, opener.offsetTop + opener.offsetHeight + 4];
    menu(root, words["desk.report"], kinds.map(([kind, name]) => [words[name], () => tell({ do: "report", kind })]), at, opener);
    // The bar is lower than what hangs from it.
    Object.assign(root.querySelector(".menu").style, { top: at[1] + "px", maxHeight: "" });
  }, { "aria-haspopup": "menu" });
  opener.removeAttribute("title");
}

// What stands after the # is what is shown, and the other way round; a page of JupyterLab has an address of its own.
function address(model, tell) {
  if (!("voila" in document.body.dataset)) return { show: () => {}, stop: () => {} };
  const here = () => location.hash.replace(/^#/, "");
  const go = () => here() !== (model.get("place").fragment || "") && tell({ do: "go", fragment: here() });
  const show = () => {
    const { fragment = "", step } = model.get("place");
    if (fragment === here()) return;
    const where = location.pathname + location.search + (fragment ? "#" + fragment : "");
    // Asked for by its owner: the page's own state, nothing of the kernel's.
    history[step ? "pushState" : "replaceState"](null, "", where);
  };
  window.addEventListener("popstate", go);
  window.addEventListener("hashchange", go);
  if (here()) go();
  return { show, stop: () => (window.removeEventListener("popstate", go), window.removeEventListener("hashchange", go)) };
}

function render({ model, el }) {
  const words = model.get("words");
  const tell = (message) => model.send(message);
  const root = shielded(h("div", { class: "l2c-live l2c-tray", lang: words.lang, role: "region", "aria-label": words["desk.name"] }));
  el.replaceChildren(root);
  const theme = themed(root, () => model.get("theme"));
  const bar = h("div", { class: "bar" }, root);
  const asked = asking(bar, words, tell);
  const able = model.get("able");
  const shown = able.includes("views") ? views(root, bar, words, model, tell) : () => {};
  if ("voila" in document.body.dataset) copying(root, bar, words, model);
  if (able.includes("report")) report(root, bar, words, model, tell);
  const line = h("div", { class: "line", hidden: true }, root);
  const said = h("span", { role: "status" }, line);
  button(line, "×", words["desk.close"], () => tell({ do: "heard" }));
  const told = () => {
    said.textContent = model.get("said");
    line.hidden = !model.get("said");
  };
  const taken = taking(model, words, tell);
  const heard = (message, buffers) => {
    if (message.answers) asked.answer(message);
    if (message.pictures) taken.pictures(message);
    else if (message.file) saved(message.file, new Blob(buffers, { type: message.type }));
    if (message.show) taken.reveal(message.show);
  };
  const placed = address(model, tell);
  model.on("change:place", placed.show);
  model.on("change:views", shown);
  model.on("change:said", told);
  model.on("change:theme", theme.apply);
  model.on("msg:custom", heard);
  shown();
  told();
  return () => {
    placed.stop();
    taken.stop();
    theme.stop();
    for (const [name, act] of [["change:place", placed.show], ["change:views", shown], ["change:said", told],
      ["change:theme", theme.apply], ["msg:custom", heard]]) model.off(name, act);
  };
}

export default { render: dressed(render) };
