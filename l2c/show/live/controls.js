// The bar above the map: metric, sliders, search, zoom, and what saves the picture.
import { button, filled, h, later, s, saved, tool } from "./dom.js";

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

const LINE = 18, EDGE = 14;

// The whole map, however little of it is in view, with its colours written into it, what it is, of which cases, and what it means.
export function picture(map, layer, words) {
  const { svg, view } = map, spec = map.spec();
  const copy = svg.cloneNode(true);
  const [from, to] = [svg, copy].map((root) => [...root.querySelectorAll("*")]);
  from.forEach((element, place) => {
    const style = getComputedStyle(element);
    for (const name of KEPT) to[place].setAttribute(name, style.getPropertyValue(name));
    for (const name of ["class", "tabindex", "role"]) to[place].removeAttribute(name);
  });
  const style = getComputedStyle(svg);
  const left_out = [...spec.hidden.map(([, name]) => filled(words.hidden, { name })), ...spec.groups.map((name) => filled(words.joined, { name }))];
  const above = [`${spec.title} · ${new Date().toLocaleDateString("sv")}`, [spec.sentence, ...spec.chips, ...left_out].join(" · ")];
  const top = EDGE + LINE * above.length;
  const longest = Math.max(...[...above, ...spec.caption].map((line) => [...line].reduce((sum, c) => sum + (c > "\u2e7f" ? 12.5 : 7), 0)));
  const [width, height] = [Math.ceil(Math.max(spec.width, longest + 2 * EDGE)), Math.ceil(top + spec.height + LINE * spec.caption.length + EDGE)];
  for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) copy.setAttribute(name, value);
  const left = (width - spec.width) / 2;
  copy.querySelector(":scope > g").setAttribute("transform", `translate(${left},${top})`);
  const write = (line, y, weight) => s("text", { x: EDGE, y, "font-size": 12, "font-weight": weight, fill: style.color,
    "font-family": style.fontFamily }, copy, line);
  above.forEach((line, k) => write(line, EDGE + LINE * (k + 0.4), k ? 400 : 650));
  spec.caption.forEach((line, k) => write(line, top + spec.height + LINE * (k + 0.6), 400));
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.style.background = getComputedStyle(svg.parentNode).backgroundColor;
  // The dots of a replay are drawn as they are seen; here they lie on the whole map.
  if (layer) s("image", { href: layer.toDataURL(), width: svg.clientWidth / view.k, height: svg.clientHeight / view.k,
    x: left - view.x / view.k, y: top - view.y / view.k }, copy);
  return new XMLSerializer().serializeToString(copy);
}

function savePng(map, layer, name, words) {
  const image = new Image();
  image.onload = () => {
    const sheet = h("canvas", { width: 2 * image.naturalWidth, height: 2 * image.naturalHeight });
    const pen = sheet.getContext("2d");
    pen.fillStyle = getComputedStyle(map.svg.parentNode).backgroundColor;
    pen.fillRect(0, 0, sheet.width, sheet.height);
    pen.drawImage(image, 0, 0, sheet.width, sheet.height);
    sheet.toBlob((blob) => saved(name, blob));
  };
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(picture(map, layer, words));
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
  button(tools, "SVG", words.save_svg, () => saved("map.svg", new Blob([picture(map, layer(), words)], { type: "image/svg+xml" })));
  button(tools, "PNG", words.save_png, () => savePng(map, layer(), "map.png", words));
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
