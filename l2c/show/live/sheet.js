// A picture on a sheet that stands alone: what it is of above it, and the whole of it.
import { h, saved } from "./dom.js";

const FONT = 'system-ui, -apple-system, "Segoe UI", "Hiragino Sans", "Yu Gothic UI", Meiryo, "Noto Sans JP", "Noto Sans CJK JP", IPAexGothic, sans-serif';
const EDGE = 24, LIGHT = { paper: "#fff", ink: "#0f172a", muted: "#55637a" };
const xml = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, " ");

// Lines as long as the sheet is wide; where there are no spaces, anywhere.
function wrapped(text, size, weight, width) {
  const pen = h("canvas", {}).getContext("2d");
  pen.font = `${weight} ${size}px ${FONT}`;
  const lines = [];
  let line = "";
  for (const word of text.split(/(?<= )|(?<=[\u3000-\u9fff\uff00-\uffef])/u)) {
    if (line && pen.measureText(line + word).width > width) {
      lines.push(line.trimEnd());
      line = "";
    }
    line += word;
  }
  return [...lines, line.trimEnd()];
}

// parts: [{ markup, width, height, box }], one below the other. title, lines: what is said above them.
export function sheet(parts, title, lines, look = LIGHT) {
  const width = Math.max(...parts.map((part) => part.width), 360);
  let y = EDGE, out = "";
  const say = (text, size, weight, colour) => {
    for (const line of wrapped(text, size, weight, width)) {
      y += Math.round(size * 1.35);
      out += `<text x="${EDGE}" y="${y - 4}" font-size="${size}" font-weight="${weight}" fill="${colour}">${xml(line)}</text>`;
    }
  };
  if (title) say(title, 16, 700, look.ink);
  for (const line of lines) say(line, 12, 400, look.muted);
  for (const part of parts) {
    y += 14;
    out += `<svg x="${EDGE}" y="${y}" width="${part.width}" height="${part.height}" viewBox="${part.box || `0 0 ${part.width} ${part.height}`}">${part.markup}</svg>`;
    y += part.height;
  }
  const [w, high] = [width + 2 * EDGE, y + EDGE].map(Math.ceil);
  return { width: w, height: high, svg: `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${w}" height="${high}" viewBox="0 0 ${w} ${high}" font-family="${xml(FONT)}"><title>${xml(title || lines.join(" · "))}</title><rect width="${w}" height="${high}" fill="${look.paper}"/>${out}</svg>` };
}

export function saveSvg(made, name) {
  saved(name + ".svg", new Blob([made.svg], { type: "image/svg+xml" }));
}

export function savePng(made, name) {
  const image = new Image();
  image.onload = () => {
    // A sheet larger than this no browser draws.
    const by = Math.min(2, 12000 / made.width, 12000 / made.height);
    const paper = h("canvas", { width: Math.round(by * made.width), height: Math.round(by * made.height) });
    paper.getContext("2d").drawImage(image, 0, 0, paper.width, paper.height);
    paper.toBlob((blob) => saved(name + ".png", blob));
  };
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(made.svg);
}
