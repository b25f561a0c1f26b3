// What is taken away: a button on every view, for its table and for its picture.
import { filled, h, later } from "./dom.js";
import { menu } from "./menu.js";
import { savePng, saveSvg, sheet } from "./sheet.js";

// What makes a piece of a page look as it does, written into its parts.
const LOOKS = ["align-items", "background-color", "border-bottom", "border-collapse", "border-left", "border-radius", "border-right",
  "border-top", "box-sizing", "clip-path", "color", "display", "fill", "flex", "flex-direction", "flex-wrap", "float", "font-family", "font-size",
  "font-variant-numeric", "font-weight", "gap", "grid-template-columns", "grid-column", "height", "justify-content", "left", "line-height", "list-style-type",
  "margin", "max-width", "min-width", "opacity", "padding", "position", "right", "stroke", "stroke-width", "text-align", "text-anchor", "top",
  "vertical-align", "white-space", "width"];

function copied(node) {
  const copy = node.cloneNode(true);
  const [from, to] = [node, copy].map((root) => [root, ...root.querySelectorAll("*")]);
  from.forEach((element, place) => {
    const look = getComputedStyle(element);
    for (const name of LOOKS) to[place].style.setProperty(name, look.getPropertyValue(name));
    // Letters are a hair wider in a picture: what just fitted into a line shall still fit.
    if (look.flexWrap === "wrap") to[place].style.width = Math.ceil(parseFloat(look.width) + 3) + "px";
  });
  copy.querySelectorAll("script, .l2c-take, .sr, [hidden]").forEach((each) => each.remove());
  copy.style.margin = "0";
  return copy;
}

// An SVG as wide as it was drawn, whatever the screen made of it.
function drawn(svg) {
  const box = svg.viewBox?.baseVal;
  const seen = svg.getBoundingClientRect();
  const copy = svg.cloneNode(true);
  const [x, y, w, high] = box && box.width ? [box.x, box.y, box.width, box.height] : [0, 0, seen.width, seen.height];
  const by = Math.max(1, Math.min(2, 700 / w));
  const markup = [...copy.childNodes].map((each) => new XMLSerializer().serializeToString(each)).join("");
  return { markup, width: w * by, height: high * by, box: `${x} ${y} ${w} ${high}` };
}

function loaded(image) {
  const [width, height] = [image.naturalWidth || image.width, image.naturalHeight || image.height];
  return { width, height, markup: `<image width="${width}" height="${height}" href="${image.currentSrc || image.src}"/>` };
}

// The pictures that fill a view; none where they are small ones among texts.
function pictures(part) {
  const wide = part.clientWidth * 0.5;
  return [...part.querySelectorAll("svg, img")].filter((each) =>
    each.getBoundingClientRect().width > wide && !each.parentNode.closest("svg") && !each.closest("[hidden]"));
}

function pictured(part) {
  const found = pictures(part);
  if (found.length) return { parts: found.map((each) => (each.tagName === "IMG" ? loaded(each) : drawn(each))), svg: true };
  const node = part.querySelector(".l2c-live") || [...part.children].find((each) => !each.classList.contains("l2c-take")) || part;
  const wide = Math.max(node.scrollWidth, ...[...node.querySelectorAll("*")].map((each) => each.scrollWidth));
  const copy = copied(node);
  copy.style.width = wide + "px";
  const height = Math.max(node.scrollHeight, node.offsetHeight) + 8;
  const markup = `<foreignObject width="${wide}" height="${height}">${new XMLSerializer().serializeToString(copy)}</foreignObject>`;
  return { parts: [{ markup, width: wide, height }], svg: false };
}

// The first table of a view, as it reads, for views whose numbers the kernel does not keep.
function read(part) {
  const table = part.querySelector("table");
  if (!table) return null;
  const rows = [...table.rows].map((row) => [...row.cells].map((cell) => cell.innerText.trim()));
  return { heads: rows[0], rows: rows.slice(1) };
}

export function taking(model, words, tell) {
  const keyOf = (part) => [...part.classList].find((name) => name.startsWith("l2c-part-")).slice(9);
  const asMade = (made, kind, file) => (kind === "svg" ? saveSvg : savePng)(made, file);
  const open = (part, opener) => {
    const key = keyOf(part), about = model.get("about");
    const kept = (about.parts || {})[key] || {};
    const say = kept.name ? `${kept.name}: ` : "";
    const items = [];
    const table = kept.tables ? null : read(part);
    if (kept.tables || table)
      for (const kind of ["csv", "xlsx"]) items.push([words[`desk.${kind}`], () => tell({ do: "take", part: key, kind, table })]);
    const file = [about.file, kept.file].filter(Boolean).join("_") || "l2c";
    if (kept.drawn) {
      for (const kind of ["svg", "png"]) items.push([words[`desk.${kind}`], () => tell({ do: "picture", part: key, kind })]);
    } else if (!kept.list) {
      const seen = pictures(part).length > 0;
      for (const kind of seen ? ["svg", "png"] : ["png"])
        items.push([words[`desk.${kind}`], () => asMade(sheet(pictured(part).parts, "", about.lines), kind, file)]);
    }
    const at = [part.clientWidth - 220, opener.offsetTop + opener.offsetHeight + 2];
    const host = part.querySelector(".l2c-take-box");
    menu(host, say + words["desk.take"], items, [at[0], at[1]], opener);
    Object.assign(host.querySelector(".menu").style, { left: "auto", right: "0", top: "32px", maxHeight: "" });
  };
  const furnish = later(() => {
    for (const part of document.querySelectorAll('[class*="l2c-part-"]')) {
      if (part.querySelector(":scope > .l2c-take-box")) continue;
      const host = h("div", { class: "l2c-live l2c-take-box", lang: words.lang }, part);
      const title = (model.get("about").parts || {})[keyOf(part)]?.name || "";
      const name = title ? filled(words["desk.take_of"], { name: title }) : words["desk.take"];
      const opener = h("button", { type: "button", class: "l2c-take", "aria-haspopup": "menu", "aria-label": name, title: name }, host, "⤓");
      opener.addEventListener("click", () => open(part, opener));
    }
  }, 120);
  const watch = new MutationObserver(furnish);
  watch.observe(document.body, { childList: true, subtree: true });
  furnish();
  return {
    stop: () => watch.disconnect(),
    // Drawn by the kernel: as large as on paper, whatever the window made of it.
    pictures: ({ pictures: all, kind, file, title }) => {
      const parts = all.map((text) => {
        const made = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
        const [, , width, height] = made.getAttribute("viewBox").split(/[ ,]+/).map(Number);
        const by = (made.getAttribute("width") || "").endsWith("pt") ? 4 / 3 : 1;
        const markup = [...made.childNodes].map((each) => new XMLSerializer().serializeToString(each)).join("");
        return { markup, width: width * by, height: height * by, box: made.getAttribute("viewBox") };
      });
      if (parts.length) asMade(sheet(parts, title, model.get("about").lines), kind, file);
    },
    reveal: (key) => {
      const part = document.querySelector(`.l2c-part-${CSS.escape(key)}`);
      if (!part) return;
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      part.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
      part.classList.add("l2c-found");
      part.tabIndex = -1;
      part.focus({ preventScroll: true });
      setTimeout(() => part.classList.remove("l2c-found"), 2500);
    },
  };
}
