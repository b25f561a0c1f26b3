// The bar above the map: metric, sliders, search, zoom, and what saves the picture.
import { button, filled, h, later, tool } from "./dom.js";
import { savePng, saveSvg, sheet } from "./sheet.js";

function slider(bar, name, act, unit) {
  const label = h("label", { class: "slider" }, bar);
  h("span", {}, label, name);
  const input = h("input", { type: "range", min: 0, max: 100, "aria-label": name }, label);
  const said = h("output", {}, label);
  let stops = null;
  // Where only some shares were laid out, the slider stops at these.
  const share = () => (stops ? stops[input.value] : input.value / 100);
  const say = () => {
    said.textContent = Math.round(share() * 100) + unit;
    input.setAttribute("aria-valuetext", said.textContent);
  };
  const told = later(() => act(share()), 60);
  input.addEventListener("input", () => (say(), told()));
  return { set: (value, at) => {
    if (document.activeElement === input && input.matches(":active")) return;
    stops = at || null;
    input.max = stops ? stops.length - 1 : 100;
    input.value = stops ? stops.indexOf(value) : Math.round(value * 100);
    say();
  } };
}

const KEPT = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "opacity",
  "font-size", "font-weight", "font-family", "text-anchor"];

// The whole map, whatever is in view, with its colours written into it, on a sheet that says what it is of.
export function picture(map, layer, words) {
  const { svg, world, view } = map;
  const spec = map.spec();
  const copy = svg.cloneNode(true);
  const [from, to] = [svg, copy].map((root) => [...root.querySelectorAll("*")]);
  from.forEach((element, place) => {
    const style = getComputedStyle(element);
    for (const name of KEPT) to[place].setAttribute(name, style.getPropertyValue(name));
    for (const name of ["class", "tabindex", "role"]) to[place].removeAttribute(name);
  });
  to[from.indexOf(world)].removeAttribute("transform");
  copy.querySelector("title")?.remove();
  if (layer) {
    // What flows was drawn onto the window.
    const seen = document.createElementNS("http://www.w3.org/2000/svg", "image");
    const place = { x: -view.x / view.k, y: -view.y / view.k, width: svg.clientWidth / view.k, height: svg.clientHeight / view.k };
    for (const [name, value] of Object.entries({ ...place, href: layer.toDataURL() })) seen.setAttribute(name, value);
    copy.append(seen);
  }
  const markup = [...copy.childNodes].map((each) => new XMLSerializer().serializeToString(each)).join("");
  const { backgroundColor: paper, color: ink } = getComputedStyle(svg.parentNode);
  const otherwise = [...spec.hidden.map(([, name]) => filled(words.hidden, { name })), ...spec.groups.map((name) => filled(words.joined, { name }))];
  const lines = [[spec.sentence, ...spec.chips, ...otherwise].join(" · "), ...spec.caption, new Date().toLocaleDateString("sv")];
  return sheet([{ markup, width: spec.width, height: spec.height }], spec.title, lines, { paper, ink, muted: ink });
}

export function controls(bar, map, words, tell, layer, root) {
  const set = (changed) => tell({ do: "set", ...changed });
  const wrap = h("label", {}, bar);
  h("span", {}, wrap, words.metric);
  const metric = h("select", { "aria-label": words.metric }, wrap);
  metric.addEventListener("change", () => set({ metric: metric.value }));
  const percent = words.lang === "ja" ? "%" : " %";
  // Who draws one of them has chosen both.
  let level = {};
  const choose = (changed) => set((level = { ...level, ...changed }));
  const activities = slider(bar, words.activities, (value) => choose({ activities: value }), percent);
  const paths = slider(bar, words.paths, (value) => choose({ paths: value }), percent);
  const find = h("input", { type: "search", class: "find", placeholder: words.search, "aria-label": words.search }, bar);
  const found = h("output", { class: "sr", "aria-live": "polite" }, bar);
  const look = () => {
    const text = find.value.trim().toLowerCase();
    let hits = [];
    for (const { node, group } of map.parts().nodes) {
      const hit = text && node.kind === "activity" && (node.title + " " + node.id).toLowerCase().includes(text);
      group.classList.toggle("hit", !!hit);
      if (hit) hits.push(node);
    }
    found.textContent = text ? filled(words.found, { n: hits.length }) : "";
    if (hits.length) map.centre(hits[0].x, hits[0].y);
  };
  find.addEventListener("input", look);
  const tools = h("span", { class: "tools" }, bar);
  const middle = (by) => map.zoom(by, map.svg.clientWidth / 2, map.svg.clientHeight / 2);
  tool(tools, "plus", words.zoom_in, () => middle(1.25));
  tool(tools, "minus", words.zoom_out, () => middle(0.8));
  tool(tools, "fit", words.fit, () => map.whole());
  const turn = tool(tools, "turn", words.turn, () => set({ direction: state.direction === "down" ? "right" : "down" }));
  tool(tools, "full", words.full, () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()));
  tool(tools, "theme", words.theme, () => set({ theme: root.dataset.theme === "dark" ? "light" : "dark" }));
  button(tools, "SVG", words.save_svg, () => saveSvg(picture(map, layer(), words), "map"));
  button(tools, "PNG", words.save_png, () => savePng(picture(map, layer(), words), "map"));
  const compare = button(bar, words.compare, words.compare_long, () => set({ compare: !state.compare }), { class: "toggle" });
  const keep = button(bar, words.keep, words.keep_long, () => tell({ do: "keep" }), { class: "plain" });
  let state = {};
  return { show: (next, spec) => {
    state = next;
    metric.replaceChildren();
    for (const [id, name] of spec.metrics) h("option", { value: id, selected: id === state.metric }, metric, name);
    level = spec.level;
    activities.set(spec.level.activities, spec.stops?.activities);
    paths.set(spec.level.paths, spec.stops?.paths);
    turn.setAttribute("aria-pressed", state.direction === "right");
    compare.setAttribute("aria-pressed", state.compare);
    compare.disabled = !spec.chips.length && !spec.against;
    keep.hidden = !spec.chips.length;
    // Without Python there is nothing to choose, and nothing to lay out anew.
    turn.hidden = compare.hidden = !!spec.alone;
    if (find.value) look();
  } };
}
