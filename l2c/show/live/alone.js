// The map without Python: every level of its sliders was laid out beforehand, and lies in the page with the moves of some cases.
import { LEAST } from "./canvas.js";
import { filled } from "./dom.js";
import { render } from "./map.js";

const nearest = (stops, value) =>
  stops.reduce((best, stop, k) => (Math.abs(stop - value) < Math.abs(stops[best] - value) ? k : best), 0);

// As wide as Python draws them: see `labels.weigh`.
function weigh(edges, hot) {
  const most = Math.max(0, ...edges.map((edge) => edge.value || 0)) || 1;
  for (const edge of edges) {
    const share = Math.max(edge.value || 0, 0) / most;
    const wide = edge.source === "▶" || edge.target === "■" ? 1.6 : 5.4;
    edge.stroke = +(1.1 + wide * share ** 0.7).toFixed(2);
    edge.heat = hot && edge.value != null ? Math.min(4, Math.floor(5 * share ** 0.7)) : null;
  }
}

const planned = (data, a, p) => data.plans[data.plan[a * data.paths.length + p]];

// As few columns as let it be read, else those in which it is largest: see `MapPicture.fitting`.
function fitting(folds, { width, height }) {
  const scale = (fold) => Math.min(width / fold.width, height / fold.height);
  const fold = folds.find((each) => scale(each) >= LEAST) || folds.reduce((a, b) => (scale(b) > scale(a) ? b : a));
  return { fold, scale: scale(fold) };
}

function drawn(data, state, [a, p], room) {
  const m = data.metrics.findIndex(([id]) => id === state.metric);
  const plan = planned(data, a, p), { fold } = fitting(plan.folds, room);
  const away = new Set(state.hidden);
  const nodes = fold.nodes.map(([k, x, y]) => ({ ...data.nodes[k], x, y })).filter(({ id }) => !away.has(id));
  const edges = fold.edges.map(([k, d, label_x, label_y]) => {
    const { values, labels, widths, ...step } = data.steps[k];
    return { ...step, place: k, d, label_x, label_y, value: values[m], label: labels[m], label_w: widths[m] };
  });
  const seen = edges.filter(({ source, target }) => !away.has(source) && !away.has(target));
  const hidden = [...away].map((id) => [id, data.nodes.find((node) => node.id === id)?.lines.join(" ") || id]);
  weigh(seen, state.metric.endsWith("_days"));
  return { alone: true, metric: state.metric, title: data.title, desc: plan.desc, width: fold.width, height: fold.height, nodes, edges: seen, hidden, groups: [],
    caption: [plan.caption, ...data.legend[m]], chips: [], sentence: data.sentence, against: "", empty: "", undo: false,
    metrics: data.metrics, attributes: data.attributes.map(({ id, name }) => [id, name]),
    level: { activities: data.activities[a], paths: data.paths[p] }, stops: { activities: data.activities, paths: data.paths } };
}

// The most activities that can be read where the map stands: see `levels.opening`.
function opening(data, room, p) {
  const small = data.activities.findIndex((_, a) => fitting(planned(data, a, p).folds, room).scale < LEAST);
  return small < 0 ? data.activities.length - 1 : Math.max(small - 1, 0);
}

function unpacked(text, { moves: n }) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
  return { start: new Float32Array(bytes, 0, n), wait: new Float32Array(bytes, 4 * n, n), step: new Uint16Array(bytes, 8 * n, n),
    of: new Uint16Array(bytes, 10 * n, n) };
}

// The moves on the paths in sight, as Python would send them.
function played(data, spec, attribute, words) {
  const { start, wait, step, of } = (data.known ||= unpacked(data.moves, data.flow));
  const place = new Map(spec.edges.map((edge, number) => [edge.place, number]));
  const kept = [...step.keys()].filter((k) => place.has(step[k]));
  const colours = data.attributes.find(({ id }) => id === (attribute || ""));
  const n = kept.length, bytes = new ArrayBuffer(11 * n + 3);
  const [from, to] = [new Float32Array(bytes, 0, n), new Float32Array(bytes, 4 * n, n)];
  const [path, colour] = [new Uint16Array(bytes, 8 * n, n), new Uint8Array(bytes, 10 * n, n)];
  kept.forEach((k, i) => {
    [from[i], to[i], path[i]] = [start[k], start[k] + wait[k], place.get(step[k])];
    colour[i] = colours.codes ? colours.codes[of[k]] : 0;
  });
  const hidden = data.flow.moves ? Math.round(100 * (1 - n / data.flow.moves)) : 0;
  const more = hidden ? " " + filled(words["replay.hidden"], { share: hidden + (words.lang === "ja" ? "%" : " %") }) : "";
  const about = { ...data.flow, moves: n, attribute: attribute || "", legend: colours.legend || [], note: data.note + more };
  return [about, new DataView(bytes)];
}

// What stands in for the model that Python keeps: the same names, the same messages.
export function alone(el, data) {
  const heard = {};
  const p = nearest(data.paths, data.state.paths ?? 0.4);
  let level = [nearest(data.activities, data.state.activities ?? 0), p], room = null;
  const held = { words: data.words, height: data.height, state: data.state, flow_of: {}, moves: null };
  held.spec = drawn(data, held.state, level, { width: 1000, height: data.height });
  const say = (name) => (heard["change:" + name] || []).forEach((act) => act());
  const redraw = () => ((held.spec = drawn(data, held.state, level, room)), say("state"), say("spec"));
  const send = (message) => {
    if (message.do === "room") {
      if (!room && data.state.activities == null) level = [opening(data, message, p), p];
      room = message;
      redraw();
    } else if (message.do === "set") {
      const { do: _, ...changed } = message;
      held.state = { ...held.state, ...changed };
      if ("activities" in changed) level = [nearest(data.activities, changed.activities), nearest(data.paths, changed.paths)];
      Object.keys(changed).join() === "theme" ? say("state") : redraw();
    } else if (message.do === "hide" || message.do === "show") {
      const others = held.state.hidden.filter((id) => id !== message.id);
      held.state = { ...held.state, hidden: message.do === "hide" ? [...others, message.id] : others };
      redraw();
    } else if (message.do === "cases") {
      // The list of the page hears it, which is made of all that leads anywhere.
      el.parentNode.querySelectorAll(".l2c-map-leads [data-cases]")[message.lead].click();
    } else if (message.do === "replay") {
      [held.flow_of, held.moves] = played(data, held.spec, message.attribute, data.words);
      say("moves");
    }
  };
  render({ model: { get: (name) => held[name], send, on: (name, act) => (heard[name] ||= []).push(act), off: () => {} }, el });
}
