// The process as it shall be: a click on a step asks what shall be otherwise; Python does it and draws anew.
import { button, dressed, filled, h, saved, shielded, themed, tool } from "./dom.js";
import { canvas } from "./canvas.js";
import { menu } from "./menu.js";

// Which cases: an attribute, and some of its values or the ends of a number; null while nothing is chosen.
function someCases(line, key, first, choices, words) {
  const root = h("span", { class: "cases" }, line);
  const about = h("select", { name: key }, root);
  h("option", { value: "" }, about, first);
  choices.forEach((each, k) => h("option", { value: k }, about, each.label));
  const room = h("span", {}, root);
  const number = (label, placeholder) =>
    h("input", { type: "number", step: "any", "aria-label": label, placeholder: `${label} ${placeholder}` }, room);
  about.addEventListener("change", () => {
    const chosen = choices[about.value];
    room.replaceChildren();
    room.className = chosen?.values ? "values" : "ends";
    for (const value of chosen?.values || []) {
      const each = h("label", {}, room);
      h("input", { type: "checkbox", value }, each);
      h("span", {}, each, value);
    }
    if (chosen && !chosen.values) {
      number(words["edit.from"], chosen.low);
      number(words["edit.upto"], chosen.high);
    }
  });
  return {
    get value() {
      const chosen = choices[about.value];
      if (!chosen) return {};
      const inputs = [...room.querySelectorAll("input")];
      const values = inputs.filter((each) => each.checked).map((each) => each.value);
      if (chosen.values) return values.length ? { [chosen.name]: values.length > 1 ? values : values[0] } : null;
      const [low, high] = inputs.map((each) => each.value.trim());
      return low || high ? { [chosen.name]: `${low}..${high}` } : null;
    },
  };
}

// A small form in the place of the menu; `fields` are [key, label, kind, choices, what stands for all cases].
function form(box, title, fields, words, at, done, back) {
  box.querySelector(".menu")?.remove();
  const root = h("div", { class: "menu", role: "dialog", "aria-label": title }, box);
  h("div", { class: "menu-title", "aria-hidden": "true" }, root, title);
  const made = h("form", {}, root);
  const inputs = {};
  for (const [key, label, kind, choices, first] of fields) {
    const line = h(kind === "cases" ? "div" : "label", { class: "line", role: kind === "cases" ? "group" : null,
      "aria-label": kind === "cases" ? label : null }, made);
    h("span", {}, line, label);
    if (kind === "cases") inputs[key] = someCases(line, key, first, choices, words);
    else if (kind === "choice") {
      inputs[key] = h("select", { name: key }, line);
      for (const [value, text] of choices) h("option", { value }, inputs[key], text);
    } else {
      inputs[key] = h("input", { type: kind, name: key, min: kind === "number" ? 0 : null, step: kind === "number" ? "any" : null }, line);
    }
  }
  const close = () => {
    root.remove();
    back.focus();
  };
  const row = h("div", { class: "row" }, made);
  button(row, words["edit.cancel"], words["edit.cancel"], close);
  h("button", { type: "submit", class: "main" }, row, words["edit.do"]);
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    const values = Object.fromEntries(Object.entries(inputs).map(([key, input]) => [key, input.value]));
    if (done(values)) close();
    else made.querySelector("input, select").focus();
  });
  root.addEventListener("keydown", (event) => event.key === "Escape" && close());
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
  const root = shielded(h("div", { class: "l2c-live l2c-map l2c-edit", lang: words.lang, role: "region", "aria-label": words["edit.title"] }));
  el.replaceChildren(root);
  const bar = h("div", { class: "bar", role: "toolbar", "aria-label": words["edit.title"] }, root);
  const fit = h("output", { class: "count", "aria-live": "polite" }, bar);
  const undo = button(bar, "↶ " + words.undo, words.undo, () => tell({ do: "undo" }), { class: "undo" });
  const clear = button(bar, words["edit.clear"], words["edit.clear"], () => tell({ do: "clear" }), { class: "plain" });
  const tools = h("span", { class: "tools" }, bar);
  const file = h("input", { type: "file", accept: ".bpmn,.xml,application/xml", hidden: true }, root);
  const open = async (given) => given && model.send({ do: "open", name: given.name }, null, [await given.arrayBuffer()]);
  file.addEventListener("change", () => (open(file.files[0]), (file.value = "")));
  button(bar, words["edit.open"], words["edit.open"], () => file.click());
  button(bar, words["edit.save"], words["edit.save"], () => saved("to_be.bpmn", new Blob([model.get("xml")], { type: "application/xml" })));
  const trouble = h("div", { class: "trouble", role: "alert", hidden: true }, root);
  const sides = h("div", { class: "sides" }, root);
  const box = h("div", { class: "box", style: `height:${model.get("height")}px` }, sides);
  const side = h("div", { class: "side", style: `max-height:${model.get("height")}px` }, sides);
  const map = canvas(box, key, true);
  const middle = (by) => map.zoom(by, map.svg.clientWidth / 2, map.svg.clientHeight / 2);
  tool(tools, "plus", words.zoom_in, () => middle(1.25));
  tool(tools, "minus", words.zoom_out, () => middle(0.8));
  tool(tools, "fit", words.fit, () => map.whole());
  tool(tools, "full", words.full, () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()));
  const theme = themed(root, () => model.get("theme"));

  const label = (name) => model.get("spec").labels[name] || name;
  const picked = (names) => names.map((name) => [name, label(name)]);
  const where = (first) => ["where", words["edit.where"], "cases", model.get("spec").where, first];
  const only = (chosen) => (Object.keys(chosen).length ? { where: chosen } : {});
  const number = (text) => (text.trim() === "" ? null : Number(text));

  // Of two neighbours the one that comes first in the drawing.
  const inOrder = (a, b) => {
    const names = model.get("spec").nodes.map((node) => node.name);
    return names.indexOf(a) < names.indexOf(b) ? [a, b] : [b, a];
  };

  const questions = (name, at) => {
    const spec = model.get("spec"), offers = spec.offers[name] || {}, found = [];
    const asks = (text, fields, done) => found.push([text, () => form(box, label(name), fields, words, at, done, map.svg)]);
    if (offers.skip) {
      found.push([words["edit.skip"], () => edit({ skip: name })]);
      asks(words["edit.skip_where"], [where(words["edit.choose"])],
        (v) => v.where && only(v.where).where && (edit({ skip: name, ...only(v.where) }), true));
    } else found.push([words["edit.drop"], () => tell({ do: "drop", name })]);
    for (const other of offers.parallel || [])
      found.push([filled(words["edit.parallel"], { other: label(other) }), () => edit({ parallel: inOrder(name, other) })]);
    if (!offers.parallel?.length) found.push([words["edit.no_parallel"], null]);
    if (offers.move?.length)
      asks(words["edit.move"], [["after", words["edit.after"], "choice", picked(offers.move)],
        where(words["edit.all"])],
        (v) => v.where && (edit({ move: name, after: v.after, ...only(v.where) }), true));
    for (const other of offers.merge || [])
      asks(filled(words["edit.merge"], { other: label(other) }), [["days", words["edit.days"], "number"]],
        (v) => number(v.days) !== null && (edit({ merge: inOrder(name, other), days: number(v.days) }), true));
    if (!offers.merge?.length) found.push([words["edit.no_merge"], null]);
    asks(words["edit.insert"], [["name", words["edit.name"], "text"], ["days", words["edit.days"], "number"],
      ["like", words["edit.like"], "choice", [["", ""], ...picked(spec.activities)]],
      where(words["edit.all"])],
      (v) => {
        const days = number(v.days);
        if (!v.name.trim() || (days === null) === !v.like || !v.where) return false;
        edit({ insert: v.name.trim(), after: name, ...(v.like ? { like: v.like } : { days }), ...only(v.where) });
        return true;
      });
    if (offers.route && spec.people[name])
      asks(words["edit.route"], [["to", words["edit.to"], "choice", spec.people[name].map((who) => [who, who])],
        where(words["edit.all"])],
        (v) => v.where && (edit({ route: name, to: v.to, ...only(v.where) }), true));
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

  // What an entry from elsewhere leaves open, and only its author can say.
  const openFields = (needs, spec) => needs.flatMap((key) => ({
    where: [where(words["edit.choose"])],
    after: [["after", words["edit.after"], "choice", picked([...new Set(spec.nodes.map((node) => node.name).filter(Boolean))])]],
    share: [["share", words["edit.share"], "number"]],
    days: [["days", words["edit.days"], "number"], ["like", words["edit.like"], "choice", [["", ""], ...picked(spec.activities)]]],
  })[key] || []);
  const filledIn = (needs, v) => {
    if (v.like && number(v.days) !== null) return null;
    const key = (each) => (each === "days" && v.like ? "like" : each);
    const more = Object.fromEntries(needs.map(key).map((each) => [each, ["days", "share"].includes(each) ? number(v[each]) : v[each]]));
    return Object.values(more).every((value) => value !== null && value !== "") && (!more.where || only(more.where).where) ? more : null;
  };
  const otherwise = (spec) => {
    const { name, rows } = spec.other, part = h("section", { class: "other" }, side);
    h("h4", {}, part, filled(words["edit.otherwise"], { name }));
    if (!rows.length) h("p", { class: "hint" }, part, words["edit.same"]);
    const ul = h("ul", {}, part);
    rows.forEach(({ said, taken, needs, why }, place) => {
      const li = h("li", {}, ul), take = (more) => tell({ do: "take", place, more });
      h("span", {}, li, said);
      if (taken) h("em", {}, li, "✓ " + words["edit.taken"]);
      else if (why) h("em", {}, li, why);
      else if (!needs.length) button(li, words["edit.take"], `${words["edit.take"]}: ${said}`, () => take({}));
      else button(li, words["edit.take"] + " …", `${words["edit.take"]}: ${said}`, () =>
        form(box, said, openFields(needs, spec), words, [24, 24], (v) => {
          const more = filledIn(needs, v);
          if (more) take(more);
          return more;
        }, map.svg));
    });
    const row = h("div", { class: "row" }, part);
    if (rows.filter((each) => !each.taken && !each.why && !each.needs.length).length > 1)
      button(row, words["edit.take_all"], words["edit.take_all"], () => tell({ do: "take_all" }));
    button(row, words["edit.close"], words["edit.close"], () => tell({ do: "close" }), { class: "plain" });
  };
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
    if (spec.other) otherwise(spec);
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
  // A file can be dropped anywhere; Ctrl+Z takes the last edit back.
  root.addEventListener("dragover", (event) => event.dataTransfer.types.includes("Files") && event.preventDefault());
  root.addEventListener("drop", (event) => {
    event.preventDefault();
    event.stopPropagation();
    open(event.dataTransfer.files[0]);
  });
  root.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key !== "z" || event.target.matches("input")) return;
    event.preventDefault();
    event.stopPropagation();
    if (!undo.disabled) tell({ do: "undo" });
  });
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

export default { render: dressed(render) };
