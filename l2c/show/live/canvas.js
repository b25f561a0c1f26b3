// The picture of the map: boxes, paths and labels from the coordinates that Python laid out; zoom and pan.
import { h, s } from "./dom.js";

const SHADES = 6;
const HEATS = ["heat0", "heat1", "heat2", "heat3", "heat4"];
// Letters of 11 pixels drawn at this scale have nine: below it nobody reads them.
export const LEAST = 9 / 11;

function arrows(defs, key) {
  for (const [name, size] of [["plain", 8], ["strong", 11]])
    for (const tone of ["usual", "rework", "more", "less", "same", ...HEATS])
      s("path", { d: "M0 .3L8 4L0 7.7z", class: "head " + tone },
        s("marker", { id: key + name + tone, viewBox: "0 0 8 8", refX: 6, refY: 4, markerWidth: size,
          markerHeight: size, markerUnits: "userSpaceOnUse", orient: "auto" }, defs));
}

// What a path looks like: its tone in a comparison, its heat where the map tells times, else rework in a warm colour.
const tone = (edge) => edge.tone || (edge.heat != null ? HEATS[edge.heat] : edge.kind === "rework" ? "rework" : "usual");
const dashes = (edge) => (edge.kind === "end" ? "2 4" : edge.kind === "rework" && edge.heat != null && !edge.tone ? "7 4" : null);

function drawEdge(parent, edge, key) {
  const strong = edge.stroke > 3.4;
  const gone = edge.events === 0 && !edge.tone;
  const group = s("g", { class: `edge ${tone(edge)} ${strong ? "strong" : ""} ${gone ? "gone" : ""}`, tabindex: -1,
    role: "button", "aria-label": edge.title.replace(/\n/g, ", "), "data-id": `${edge.source}>${edge.target}` }, parent);
  const line = s("path", { d: edge.d, class: "line", fill: "none", "stroke-width": edge.stroke,
    "stroke-dasharray": dashes(edge),
    "marker-end": `url(#${key}${strong ? "strong" : "plain"}${tone(edge)})` }, group);
  s("path", { d: edge.d, fill: "none", stroke: "transparent", "stroke-width": Math.max(12, edge.stroke) }, group);
  return { edge, group, line };
}

function drawLabel(parent, edge) {
  if (edge.events === 0 && !edge.tone) return;
  const { label_x: x, label_y: y, label_w: w, label_h: high } = edge;
  const group = s("g", { class: `label ${tone(edge)}` }, parent);
  s("rect", { x: x - w / 2, y: y - high / 2, width: w, height: high, rx: 4 }, group);
  s("text", { x, y: y + 4, "font-size": 11, "text-anchor": "middle" }, group, edge.label);
}

// The gateways of a drawn process: one way, all ways, some ways.
const SIGNS_OF_GATEWAYS = { xor: "M-5 -5L5 5M5 -5L-5 5", and: "M-7 0L7 0M0 -7L0 7", or: "M-6 0A6 6 0 1 1 6 0A6 6 0 1 1 -6 0" };

function drawNode(parent, node, compared, hot) {
  const gone = node.events === 0 ? " gone" : "";
  const group = s("g", { class: `node ${node.kind}${gone}`, tabindex: -1, role: "button", "aria-label": node.title,
    "data-id": node.id, transform: `translate(${node.x} ${node.y})` }, parent);
  if (SIGNS_OF_GATEWAYS[node.kind]) {
    const r = node.h / 2;
    s("path", { d: `M0 ${-r}L${r} 0L0 ${r}L${-r} 0z`, class: "gateway" }, group);
    s("path", { d: SIGNS_OF_GATEWAYS[node.kind], class: "sign-of", fill: "none", "stroke-width": 2.2 }, group);
    return { node, group };
  }
  if (node.kind !== "activity") {
    s("circle", { r: node.h / 2 }, group);
    s("path", { d: node.kind === "start" ? "M-4 -6L7 0L-4 6z" : "M-5 -5h10v10h-10z" }, group);
    return { node, group };
  }
  const shade = compared ? 0 : Math.min(SHADES - 1, Math.floor((hot ? node.warm : node.shade) * SHADES));
  s("rect", { x: -node.w / 2, y: -node.h / 2, width: node.w, height: node.h, rx: 9, class: `${hot && !compared ? "warm" : "shade"}${shade}` }, group);
  [...node.lines.map((text) => [text, 13, 600, 1]), [node.number, 11, 400, -1]].forEach(([text, size, weight, up], k) =>
    s("text", { y: -node.h / 2 + (node.pad || 0) + 17 * (k + 1) + up, "font-size": size, "font-weight": weight, "text-anchor": "middle",
      class: `on${shade}` }, group, text));
  return { node, group };
}

// Where the boxes were, so that they glide to where they are; nothing moves for those who asked for calm.
function glide(before, nodes) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  for (const { node, group } of nodes) {
    const old = before.get(node.id);
    if (!old || (old[0] === node.x && old[1] === node.y)) continue;
    group.animate([{ transform: `translate(${old[0]}px, ${old[1]}px)` },
      { transform: `translate(${node.x}px, ${node.y}px)` }], { duration: 260, easing: "ease-out" });
  }
}

// `begins`: what is too large is not shown whole at first, but its beginning, large enough to be read.
export function canvas(box, key, begins = false) {
  const svg = s("svg", { role: "group", tabindex: 0, class: "paper" }, box);
  const title = s("title", {}, svg);
  arrows(s("defs", {}, svg), key);
  const world = s("g", {}, svg);
  let parts = { edges: [], nodes: [] }, spec = null;
  const view = { k: 1, x: 0, y: 0, moved: false };
  const listeners = [];
  const place = () => {
    world.setAttribute("transform", `translate(${view.x},${view.y}) scale(${view.k})`);
    listeners.forEach((each) => each(view));
  };
  const zoom = (by, x, y) => {
    const k = Math.min(6, Math.max(0.1, view.k * by));
    view.x = x - ((x - view.x) * k) / view.k;
    view.y = y - ((y - view.y) * k) / view.k;
    view.k = k;
    view.moved = true;
    place();
  };
  // All of it, in the middle.
  const whole = () => {
    view.k = Math.min(box.clientWidth / spec.width, box.clientHeight / spec.height, 1.2);
    view.x = (box.clientWidth - spec.width * view.k) / 2;
    view.y = (box.clientHeight - spec.height * view.k) / 2;
    view.moved = false;
    place();
  };
  const home = () => {
    if (!spec || !box.clientWidth) return;
    whole();
    if (!begins || view.k >= LEAST) return;
    const across = spec.width > 1.4 * spec.height;
    view.k = across ? Math.min(LEAST, box.clientHeight / spec.height) : Math.min(LEAST, box.clientWidth / spec.width);
    view.x = across ? 8 : (box.clientWidth - spec.width * view.k) / 2;
    view.y = across ? (box.clientHeight - spec.height * view.k) / 2 : 6;
    place();
  };
  const centre = (x, y) => {
    view.k = Math.max(view.k, 0.8);
    view.x = box.clientWidth / 2 - x * view.k;
    view.y = box.clientHeight / 2 - y * view.k;
    view.moved = true;
    place();
  };
  const draw = (next) => {
    const before = new Map(parts.nodes.map(({ node }) => [node.id, [node.x, node.y]]));
    spec = next;
    world.replaceChildren();
    title.textContent = spec.title;
    svg.setAttribute("aria-label", `${spec.title}. ${spec.desc}`);
    const order = [...spec.edges].sort((a, b) => a.stroke - b.stroke);
    const edges = new Map(order.map((edge) => [edge, drawEdge(world, edge, key)]));
    const compared = spec.edges.some((edge) => edge.tone);
    parts = { edges: spec.edges.map((edge) => edges.get(edge)),
      nodes: spec.nodes.map((node) => drawNode(world, node, compared, (spec.metric || "").endsWith("_days"))) };
    spec.edges.forEach((edge) => drawLabel(world, edge));
    glide(before, parts.nodes);
    // It fits again whatever is drawn, unless a person moved it.
    if (view.moved) place();
    else home();
  };
  svg.addEventListener("wheel", (event) => {
    // The page scrolls as usual; with the control key, or when zoomed in by hand, the wheel zooms.
    if (!event.ctrlKey && !event.metaKey && !document.fullscreenElement) return;
    event.preventDefault();
    const r = box.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY * 0.0015), event.clientX - r.left, event.clientY - r.top);
  }, { passive: false });
  let from = null;
  svg.addEventListener("pointerdown", (event) => (from = [event.clientX - view.x, event.clientY - view.y, 0]));
  svg.addEventListener("pointermove", (event) => {
    if (!from || !event.buttons) return;
    const [x, y] = [event.clientX - from[0], event.clientY - from[1]];
    from[2] += Math.abs(x - view.x) + Math.abs(y - view.y);
    [view.x, view.y] = [x, y];
    // A hand that shakes at a click has moved nothing.
    view.moved ||= from[2] > 5;
    place();
  });
  return { svg, world, view, draw, zoom, home, whole, centre, listeners,
    parts: () => parts, spec: () => spec, dragged: () => from !== null && from[2] > 5 };
}
