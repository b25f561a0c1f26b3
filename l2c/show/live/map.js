// The living process map: what Python laid out, drawn, filtered by a click and played back.
import { button, chips, dressed, filled, h, later, shielded, themed } from "./dom.js";
import { canvas } from "./canvas.js";
import { controls } from "./controls.js";
import { menu } from "./menu.js";
import { replay } from "./replay.js";

const START = "▶", END = "■";
const NARROW = 600, LONGEST = 1600;

// What can be asked of an activity or a path: text and the message to Python.
function questions(part, words, spec) {
  const { lead } = part.node || part.edge;
  return [...(lead == null ? [] : [[words["lead.show"], { do: "cases", lead }]]), ...others(part, words, spec)];
}

function others(part, words, spec) {
  const narrow = (word, value) => ({ do: "narrow", word, value });
  if (part.node) {
    const { id, kind } = part.node, hide = [words.hide, { do: "hide", id }];
    if (kind !== "activity") return [];
    // What is drawn as one is no activity of the log that cases could be asked for.
    if (spec.alone || spec.groups.includes(id)) return [hide];
    return [[words.through, narrow("includes", id)], [words.around, narrow("excludes", id)],
      [words.starting, narrow("starts", id)], [words.ending, narrow("ends", id)],
      [words.slower_before, { do: "slower", step: [id] }], [words.why, { do: "why", step: [id] }], hide];
  }
  const { source, target } = part.edge;
  if (spec.alone) return [];
  const join = [words.join, { do: "join", step: [source, target] }];
  if (spec.groups.includes(source) || spec.groups.includes(target))
    return source === START || target === END || source === target ? [] : [join];
  if (source === START) return [[words.starting, narrow("starts", target)]];
  if (target === END) return [[words.ending, narrow("ends", source)]];
  return [[words.through, narrow("follows", [source, target])], [words.around, narrow("not_follows", [source, target])],
    [words.slower, { do: "slower", step: [source, target] }], [words.why, { do: "why", step: [source, target] }], ...(source === target ? [] : [join])];
}

// Boxes and paths are reached by the arrow keys, one Tab stop for all of them: the nearest in that direction.
function walk(map, event) {
  const ways = { ArrowDown: [0, 1], ArrowUp: [0, -1], ArrowRight: [1, 0], ArrowLeft: [-1, 0] };
  const way = ways[event.key];
  if (!way) return false;
  const { nodes, edges } = map.parts();
  const all = [...nodes.map((n) => ({ ...n, x: n.node.x, y: n.node.y })),
    ...edges.map((e) => ({ ...e, x: e.edge.label_x, y: e.edge.label_y }))];
  const here = all.find((part) => part.group === document.activeElement);
  if (!here) return all.length ? (focus(map, all[0]), true) : false;
  let best = null, least = Infinity;
  for (const part of all) {
    const along = (part.x - here.x) * way[0] + (part.y - here.y) * way[1];
    const aside = Math.abs((part.x - here.x) * way[1]) + Math.abs((part.y - here.y) * way[0]);
    const cost = along + 2 * aside;
    if (part !== here && along > 1 && cost < least) [best, least] = [part, cost];
  }
  if (best) focus(map, best);
  return true;
}

function focus(map, part) {
  part.group.focus();
  const { k, x, y } = map.view;
  const [left, top] = [part.x * k + x, part.y * k + y];
  const { clientWidth: w, clientHeight: high } = map.svg;
  if (left < 60 || top < 40 || left > w - 60 || top > high - 40) map.centre(part.x, part.y);
}

export function render({ model, el }) {
  const words = model.get("words");
  const tell = (message) => model.send(message);
  const key = "l2c" + Math.random().toString(36).slice(2, 8);
  const root = shielded(h("div", { class: "l2c-live l2c-map", lang: words.lang, role: "region", "aria-label": words.title }));
  el.replaceChildren(root);
  const bar = h("div", { class: "bar", role: "toolbar", "aria-label": words.toolbar }, root);
  const row = h("div", { class: "bar chips" }, root);
  const caption = h("div", { class: "caption" }, root);
  const box = h("div", { class: "box", style: `height:${model.get("height")}px` }, root);
  const map = canvas(box, key);
  const empty = h("div", { class: "empty", hidden: true }, box);
  const tip = h("div", { class: "tip", hidden: true, role: "presentation" }, box);
  const player = replay(root, box, map, words, tell);
  const tools = controls(bar, map, words, tell, player.layer, root);
  const theme = themed(root, () => model.get("state").theme);
  let opened = null;

  const partOf = (target) => {
    const group = target.closest?.("[data-id]");
    if (!group) return null;
    const { nodes, edges } = map.parts();
    return nodes.find((n) => n.group === group) || edges.find((e) => e.group === group) || null;
  };
  const ask = (part, at) => {
    const asked = questions(part, words, map.spec());
    const [title, ...lines] = (part.node ? part.node.title : part.edge.title).split("\n");
    const parts = part.node?.details || (lines.length ? [{ head: "", lines }] : []);
    if (!asked.length && !parts.length && part.edge) return;
    const answer = (message) => {
      // What takes a moment is told where it was asked.
      if (message.do === "why") opened = { id: "why", made: menu(box, title, [], at, map.svg, [{ head: "", lines: [words.busy] }]) };
      tell(message);
    };
    const made = menu(box, title, asked.map(([text, message]) => [text, () => answer(message)]), at, map.svg, parts);
    if (part.node && !part.node.details) [opened] = [{ id: part.node.id, made }, tell({ do: "details", id: part.node.id })];
  };
  map.svg.addEventListener("click", (event) => {
    const part = partOf(event.target);
    if (!part || map.dragged()) return;
    const r = box.getBoundingClientRect();
    tip.hidden = true;
    ask(part, [event.clientX - r.left + 6, event.clientY - r.top + 6]);
  });
  map.svg.addEventListener("keydown", (event) => {
    const part = partOf(event.target);
    if (part && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      const r = box.getBoundingClientRect(), g = part.group.getBoundingClientRect();
      return ask(part, [g.left - r.left + 20, g.top - r.top + 20]);
    }
    if (walk(map, event)) return event.preventDefault();
    const middle = [map.svg.clientWidth / 2, map.svg.clientHeight / 2];
    if (event.key === "+" || event.key === "=") map.zoom(1.25, ...middle);
    else if (event.key === "-") map.zoom(0.8, ...middle);
    else if (event.key === "0") map.whole();
  });
  const hint = (event) => {
    const part = event.buttons ? null : partOf(event.target);
    tip.hidden = !part || !!box.querySelector(".menu");
    if (tip.hidden) return;
    tip.textContent = part.node ? [part.node.title, ...(part.node.details?.filter((each) => !each.head).flatMap((each) => each.lines) || [])].join("\n") : part.edge.title;
    const r = box.getBoundingClientRect();
    tip.style.left = Math.min(event.clientX - r.left + 14, r.width - 240) + "px";
    tip.style.top = Math.min(event.clientY - r.top + 14, r.height - tip.offsetHeight - 6) + "px";
  };
  map.svg.addEventListener("pointermove", hint);
  map.svg.addEventListener("pointerleave", () => (tip.hidden = true));

  const narrow = () => box.clientWidth > 0 && box.clientWidth < NARROW && !document.fullscreenElement;
  // As long as the map is where the page is narrow, else as it was asked for.
  const long = () => {
    const { width, height } = model.get("spec");
    const wanted = narrow() ? Math.min(LONGEST, Math.ceil(height * Math.min(1, box.clientWidth / width))) : model.get("height");
    box.style.height = wanted + "px";
  };
  const show = () => {
    const spec = model.get("spec"), held = document.activeElement?.dataset?.id;
    long();
    map.draw(spec);
    tools.show(model.get("state"), spec);
    chips(row, spec, words, tell);
    const apart = (text, message) => {
      const kept = h("span", { class: "chip kept" }, row);
      h("span", {}, kept, text);
      button(kept, "×", filled(words.remove, { name: text }), () => tell(message));
    };
    if (spec.against) apart(filled(words.against, { name: spec.against }), { do: "let_go" });
    for (const [id, name] of spec.hidden) apart(filled(words.hidden, { name }), { do: "show", id });
    for (const id of spec.groups) apart(filled(words.joined, { name: id }), { do: "part", id });
    empty.hidden = !spec.empty;
    empty.textContent = spec.empty;
    caption.replaceChildren(...spec.caption.map((line) => h("div", {}, null, line)));
    row.hidden = spec.alone && !spec.hidden.length;
    player.drop(spec);
    if (held) [...map.parts().nodes, ...map.parts().edges].find((p) => p.group.dataset.id === held)?.group.focus();
    root.dataset.drawn = +(root.dataset.drawn || 0) + 1;
  };
  const loaded = later(() => player.load(model.get("flow_of"), model.get("moves"), model.get("spec")), 0);
  const state = () => {
    theme.apply();
    player.restyle();
    tools.show(model.get("state"), model.get("spec"));
  };
  const told = (message) => {
    if (message.details && opened?.id === message.id) opened.made.more(message.details);
    if (!message.trouble) return;
    empty.hidden = false;
    empty.textContent = message.trouble;
    setTimeout(() => (empty.hidden = !model.get("spec").empty), 4000);
  };
  model.on("change:spec", show);
  model.on("change:moves", loaded);
  model.on("change:flow_of", loaded);
  model.on("change:state", state);
  model.on("msg:custom", told);
  show();
  // As much of the process as can be read here, folded as it fits here.
  let room = "";
  const settled = later(() => {
    // A narrow page is scrolled: there the map may be as long as it is.
    const now = [box.clientWidth, narrow() ? LONGEST : box.clientHeight];
    if (!now[0] || now.join() === room) return;
    room = now.join();
    tell({ do: "room", width: now[0], height: now[1] });
  }, 80);
  const sized = new ResizeObserver(() => {
    settled();
    long();
    if (!map.view.moved) map.home();
  });
  sized.observe(box);
  document.addEventListener("fullscreenchange", map.home);
  return () => {
    player.stop();
    theme.stop();
    sized.disconnect();
    document.removeEventListener("fullscreenchange", map.home);
    for (const [name, act] of [["change:spec", show], ["change:moves", loaded], ["change:flow_of", loaded],
      ["change:state", state], ["msg:custom", told]]) model.off(name, act);
  };
}

export default { render: dressed(render) };
