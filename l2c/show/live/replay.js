// The cases as dots that flow along the paths, each as long as it really took; drawn on a canvas above the map.
import { button, h } from "./dom.js";

const SAMPLES = 40;
const OTHER = 255;
const SPEEDS = [["0.5×", 60], ["1×", 30], ["2×", 15], ["4×", 7.5]];

// Points along each path, so that a dot's place is two look-ups and not a question to the browser.
function sampled(parts) {
  return parts.edges.map(({ line }) => {
    const length = line.getTotalLength();
    const points = new Float32Array(2 * (SAMPLES + 1));
    for (let i = 0; i <= SAMPLES; i++) {
      const at = line.getPointAtLength((length * i) / SAMPLES);
      points[2 * i] = at.x;
      points[2 * i + 1] = at.y;
    }
    return points;
  });
}

function decoded(about, view) {
  const n = about.moves;
  const buffer = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
  return { n, start: new Float32Array(buffer, 0, n), end: new Float32Array(buffer, 4 * n, n),
    path: new Uint16Array(buffer, 8 * n, n), colour: new Uint8Array(buffer, 10 * n, n) };
}

export function replay(root, box, map, words, tell) {
  const sheet = h("canvas", { class: "dots", "aria-hidden": "true" }, box);
  const bar = h("div", { class: "bar replay", role: "group", "aria-label": words.replay }, root);
  const pen = sheet.getContext("2d");
  let moves = null, about = null, points = [], limits = [], dots = {}, clock = 0, seconds = 30, frame = 0, last = 0;
  let frames = 0, since = 0, wanted = "";

  const play = button(bar, "▶ " + words.play, words.play, () => (frame ? pause() : start()), { class: "play" });
  const scrub = h("input", { type: "range", min: 0, max: 1000, value: 0, class: "scrub", "aria-label": words.moment }, bar);
  const date = h("output", { class: "date" }, bar);
  const speed = h("select", { "aria-label": words.speed }, bar);
  SPEEDS.forEach(([name, value]) => h("option", { value, selected: value === 30 }, speed, name));
  speed.addEventListener("change", () => (seconds = +speed.value));
  const label = h("label", {}, bar);
  h("span", {}, label, words.colour);
  const colour = h("select", { "aria-label": words.colour }, label);
  const legend = h("span", { class: "legend" }, bar);
  const note = h("span", { class: "note" }, bar);

  const ask = () => ((wanted = "asked"), tell({ do: "replay", attribute: colour.value || null }));
  colour.addEventListener("change", () => (pause(), ask()));
  scrub.addEventListener("input", () => {
    clock = scrub.value / 1000;
    moves ? paint() : ask();
  });

  // A dot is drawn once per colour, and then only copied.
  function stamps() {
    const style = getComputedStyle(root);
    dots = {};
    for (const name of ["dot0", "dot1", "dot2", "dot3", "dot4", "dot5", "other", "late"]) {
      const stamp = h("canvas", { width: 22, height: 22 });
      const ink = stamp.getContext("2d");
      ink.beginPath();
      ink.arc(11, 11, 8, 0, 7);
      ink.fillStyle = style.getPropertyValue(`--${name}`);
      ink.fill();
      ink.lineWidth = 2.5;
      ink.strokeStyle = style.getPropertyValue("--paper");
      ink.stroke();
      dots[name] = stamp;
    }
  }

  function fitted() {
    const scale = devicePixelRatio || 1;
    const [w, high] = [Math.round(box.clientWidth * scale), Math.round(box.clientHeight * scale)];
    if (sheet.width !== w || sheet.height !== high) [sheet.width, sheet.height] = [w, high];
    return scale;
  }

  function paint() {
    const scale = fitted();
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, sheet.width, sheet.height);
    if (!moves) return;
    const { k, x, y } = map.view;
    const now = clock * about.days;
    const size = Math.max(5, Math.min(13, 11 * k)) * scale;
    const late = !about.attribute;
    let shown = 0;
    for (let i = 0; i < moves.n; i++) {
      const a = moves.start[i], b = moves.end[i];
      if (a > now) break;
      if (b < now) continue;
      const path = moves.path[i], p = points[path];
      const share = b > a ? ((now - a) / (b - a)) * SAMPLES : SAMPLES;
      const at = Math.min(SAMPLES - 1, share | 0), rest = share - at;
      const px = p[2 * at] + (p[2 * at + 2] - p[2 * at]) * rest, py = p[2 * at + 1] + (p[2 * at + 3] - p[2 * at + 1]) * rest;
      const left = (px * k + x) * scale, top = (py * k + y) * scale;
      shown++;
      if (left < 0 || top < 0 || left > sheet.width || top > sheet.height) continue;
      const name = late ? (now - a > limits[path] ? "late" : "dot0") : moves.colour[i] === OTHER ? "other" : "dot" + moves.colour[i];
      pen.drawImage(dots[name], left - size / 2, top - size / 2, size, size);
    }
    scrub.value = Math.round(clock * 1000);
    const when = new Date(Date.parse(about.first + "Z") + now * 864e5);
    date.textContent = when.toISOString().slice(0, 10);
    scrub.setAttribute("aria-valuetext", date.textContent);
    root.dataset.dots = shown;
  }

  function tick(time) {
    if (!root.isConnected) return pause();
    clock += Math.min(0.1, (time - last) / 1000) / seconds;
    last = time;
    frames++;
    if (time - since > 1000) {
      root.dataset.rate = Math.round((frames * 1000) / (time - since));
      [frames, since] = [0, time];
    }
    if (clock >= 1) {
      clock = 1;
      paint();
      return pause();
    }
    paint();
    frame = requestAnimationFrame(tick);
  }

  function start() {
    if (!moves) return (wanted = "play"), tell({ do: "replay", attribute: colour.value || null });
    if (clock >= 1) clock = 0;
    play.textContent = "❚❚ " + words.pause;
    last = since = performance.now();
    frames = 0;
    frame = requestAnimationFrame(tick);
  }

  function pause() {
    cancelAnimationFrame(frame);
    frame = 0;
    play.textContent = "▶ " + words.play;
  }

  map.listeners.push(() => frame || paint());
  return {
    // New moves: of other cases, other paths, or in other colours.
    load(next, bytes, spec) {
      if (!next.moves && !next.note) return;
      about = next;
      moves = decoded(about, bytes);
      points = sampled(map.parts());
      limits = spec.edges.map((edge) => (edge.p90_days == null ? Infinity : edge.p90_days));
      stamps();
      note.textContent = about.note;
      legend.replaceChildren();
      const names = about.attribute ? [...about.legend.map((name, place) => ["dot" + place, name]), ["other", words.other]]
        : [["dot0", words.usual], ["late", words.late]];
      for (const [name, text] of names) {
        h("i", { style: `background:var(--${name})` }, legend);
        h("span", {}, legend, text);
      }
      if (wanted === "play") start();
      else paint();
      wanted = "";
    },
    // The map has other paths or cases: what was loaded no longer fits.
    drop(spec) {
      const going = frame !== 0 || (moves && clock > 0);
      pause();
      moves = null;
      const now = colour.value;
      colour.replaceChildren();
      for (const [id, name] of spec.attributes) h("option", { value: id, selected: id === now }, colour, name);
      paint();
      if (going) (wanted = "play"), tell({ do: "replay", attribute: colour.value || null });
    },
    restyle() {
      stamps();
      paint();
    },
    layer: () => (moves && clock > 0 ? sheet : null),
    stop: pause,
  };
}
