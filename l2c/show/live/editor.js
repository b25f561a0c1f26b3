// The process as it shall be: a click on a step asks what shall be otherwise; Python does it and draws anew.
import { button, filled, h, saved, themed, tool } from "./dom.js";
import { canvas } from "./canvas.js";
import { menu } from "./menu.js";

// A small form in the place of the menu; `fields` are [key, label, kind, choices].
function form(box, title, fields, words, at, done) {
  box.querySelector(".menu")?.remove();
  const root = h("div", { class: "menu", role: "dialog", "aria-label": title }, box);
  h("div", { class: "menu-title", "aria-hidden": "true" }, root, title);
  const made = h("form", {}, root);
  const inputs = {};
  for (const [key, label, kind, choices] of fields) {
    const line = h("label", {}, made);
    h("span", {}, line, label);
    if (kind === "choice") {
      inputs[key] = h("select", { name: key }, line);
      for (const [value, text] of choices) h("option", { value }, inputs[key], text);
    } else {
      inputs[key] = h("input", { type: kind, name: key, min: kind === "number" ? 0 : null, step: kind === "number" ? "any" : null }, line);
    }
  }
  const close = () => root.remove();
  const row = h("div", { class: "row" }, made);
  button(row, words["edit.cancel"], words["edit.cancel"], close);
  h("button", { type: "submit", class: "main" }, row, words["edit.do"]);
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    const values = Object.fromEntries(Object.entries(inputs).map(([key, input]) => [key, input.value]));
    if (done(values)) close();
    else made.querySelector("input, select").focus();
  });
  root.addEventListener("keydown", (event) => {
    // A notebook has keys of its own.
    event.stopPropagation();
    if (event.key === "Escape") close();
  });
  const room = box.getBoundingClientRect();
  root.style.left = Math.max(4, Math.min(at[0], room.width - root.offsetWidth - 8)) + "px";
  root.style.top = Math.max(4, Math.min(at[1], room.height - root.offsetHeight - 8)) + "px";
  made.querySelector("input, select").focus();
  return inputs;
}

function render({ model, el }) {
  const words = model.get("words");
  const tell = (message) => model.send(message);
  const edit = (entry) => tell({ do: "edit", entry });
  const key = "l2c" + Math.random().toString(36).slice(2, 8);
  const root = h("div", { class: "l2c-live l2c-map l2c-edit", lang: words.lang, role: "region", "aria-label": words["edit.title"] });
  el.replaceChildren(root);
  const bar = h("div", { class: "bar", role: "toolbar", "aria-label": words["edit.title"] }, root);
  const fit = h("output", { class: "count", "aria-live": "polite" }, bar);
  const undo = button(bar, "↶ " + words.undo, words.undo, () => tell({ do: "undo" }), { class: "undo" });
  const clear = button(bar, words["edit.clear"], words["edit.clear"], () => tell({ do: "clear" }), { class: "plain" });
  const tools = h("span", { class: "tools" }, bar);
  button(bar, "BPMN", "BPMN", () => saved("to_be.bpmn", new Blob([model.get("xml")], { type: "application/xml" })));
  const trouble = h("div", { class: "trouble", role: "alert", hidden: true }, root);
  const sides = h("div", { class: "sides" }, root);
  const box = h("div", { class: "box", style: `height:${model.get("height")}px` }, sides);
  const side = h("div", { class: "side", style: `max-height:${model.get("height")}px` }, sides);
  const map = canvas(box, key);
  const middle = (by) => map.zoom(by, map.svg.clientWidth / 2, map.svg.clientHeight / 2);
  tool(tools, "plus", words.zoom_in, () => middle(1.25));
  tool(tools, "minus", words.zoom_out, () => middle(0.8));
  tool(tools, "fit", words.fit, () => map.whole());
  tool(tools, "full", words.full, () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()));
  const theme = themed(root, () => model.get("theme"));

  const label = (name) => model.get("spec").labels[name] || name;
  const picked = (names) => names.map((name) => [name, label(name)]);
  // Which cases: one list of attribute and value together, the shortest way to say it.
  const wheres = (first) => [["", first],
    ...model.get("spec").where.flatMap((a) => a.values.map((v) => [JSON.stringify([a.name, v]), `${a.label}: ${v}`]))];
  const where = (text) => {
    if (!text) return {};
    const [name, value] = JSON.parse(text);
    return { where: { [name]: value } };
  };
  const number = (text) => (text.trim() === "" ? null : Number(text));

  const questions = (name, at) => {
    const spec = model.get("spec"), offers = spec.offers[name] || {}, found = [];
    const asks = (text, fields, done) => found.push([text, () => form(box, label(name), fields, words, at, done)]);
    if (offers.skip) {
      found.push([words["edit.skip"], () => edit({ skip: name })]);
      asks(words["edit.skip_where"], [["where", words["edit.where"], "choice", wheres(words["edit.choose"])]],
        (v) => v.where && (edit({ skip: name, ...where(v.where) }), true));
    } else found.push([words["edit.drop"], () => tell({ do: "drop", name })]);
    for (const other of offers.parallel || [])
      found.push([filled(words["edit.parallel"], { other: label(other) }), () => edit({ parallel: [name, other] })]);
    if (offers.move?.length)
      asks(words["edit.move"], [["after", words["edit.after"], "choice", picked(offers.move)],
        ["where", words["edit.where"], "choice", wheres(words["edit.all"])]],
        (v) => (edit({ move: name, after: v.after, ...where(v.where) }), true));
    for (const other of offers.merge || [])
      asks(filled(words["edit.merge"], { other: label(other) }), [["days", words["edit.days"], "number"]],
        (v) => number(v.days) !== null && (edit({ merge: [name, other], days: number(v.days) }), true));
    asks(words["edit.insert"], [["name", words["edit.name"], "text"], ["days", words["edit.days"], "number"],
      ["like", words["edit.like"], "choice", [["", ""], ...picked(spec.activities)]],
      ["where", words["edit.where"], "choice", wheres(words["edit.all"])]],
      (v) => {
        const days = number(v.days);
        if (!v.name.trim() || (days === null) === !v.like) return false;
        edit({ insert: v.name.trim(), after: name, ...(v.like ? { like: v.like } : { days }), ...where(v.where) });
        return true;
      });
    if (offers.route && spec.people[name])
      asks(words["edit.route"], [["to", words["edit.to"], "choice", spec.people[name].map((who) => [who, who])],
        ["where", words["edit.where"], "choice", wheres(words["edit.all"])]],
        (v) => (edit({ route: name, to: v.to, ...where(v.where) }), true));
    return found;
  };
  const nodeOf = (target) => {
    const group = target.closest?.(".node.activity");
    return group && map.parts().nodes.find((n) => n.group === group);
  };
  const ask = (part, at) => menu(box, part.node.title.split("\n")[0], questions(part.node.name, at), at, map.svg);
  map.svg.addEventListener("click", (event) => {
    const part = nodeOf(event.target);
    if (!part || map.dragged()) return;
    const r = box.getBoundingClientRect();
    ask(part, [event.clientX - r.left + 6, event.clientY - r.top + 6]);
  });
  // One Tab stop; the arrows go from step to step.
  map.svg.addEventListener("keydown", (event) => {
    const steps = map.parts().nodes.filter((n) => n.node.kind === "activity");
    const here = steps.findIndex((n) => n.group === document.activeElement);
    const move = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (move) steps[Math.min(Math.max(here + move, 0), steps.length - 1)]?.group.focus();
    else if (here >= 0 && (event.key === "Enter" || event.key === " ")) {
      const r = box.getBoundingClientRect(), g = steps[here].group.getBoundingClientRect();
      ask(steps[here], [g.left - r.left + 20, g.top - r.top + 20]);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });

  const list = (spec) => {
    side.replaceChildren();
    h("h4", {}, side, words["edit.list"]);
    if (!spec.list.length) h("p", { class: "hint" }, side, `${words["edit.none"]} ${words["edit.hint"]}`);
    const ol = h("ol", {}, side);
    spec.list.forEach((text, place) => {
      const li = h("li", {}, ol);
      h("span", {}, li, text);
      button(li, "×", filled(words["edit.remove"], { name: text }), () => tell({ do: "remove", place }));
    });
    if (!spec.fit.rows.length) return;
    h("h4", {}, side, words["edit.fit_by"]);
    const table = h("table", {}, side), head = h("tr", {}, h("thead", {}, table)), body = h("tbody", {}, table);
    h("th", { colspan: 2 }, head, "");
    h("th", { class: "right" }, head, words["edit.fit_cases"]);
    h("th", { class: "right" }, head, words["edit.fit_share"]);
    let last = "";
    for (const [about, value, cases, share] of spec.fit.rows) {
      const tr = h("tr", {}, body);
      h("td", {}, tr, about === last ? "" : about);
      h("td", {}, tr, value);
      h("td", { class: "right" }, tr, cases);
      h("td", { class: "right" }, tr, share);
      last = about;
    }
  };
  const show = () => {
    const spec = model.get("spec");
    trouble.hidden = true;
    map.draw(spec);
    fit.textContent = spec.fit.said;
    undo.disabled = !spec.undo;
    clear.hidden = !spec.list.length;
    list(spec);
    root.dataset.drawn = +(root.dataset.drawn || 0) + 1;
  };
  const told = (message) => {
    if (!message.trouble) return;
    trouble.hidden = false;
    trouble.textContent = message.trouble;
  };
  const restyle = () => theme.apply();
  model.on("change:spec", show);
  model.on("change:theme", restyle);
  model.on("msg:custom", told);
  show();
  const sized = new ResizeObserver(() => map.view.moved || map.home());
  sized.observe(box);
  return () => {
    theme.stop();
    sized.disconnect();
    for (const [name, act] of [["change:spec", show], ["change:theme", restyle], ["msg:custom", told]]) model.off(name, act);
  };
}

export default { render };
