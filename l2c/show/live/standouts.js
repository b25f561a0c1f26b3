// What stands out in the cases in sight, a card each: its cases, the map, what it would bring; kept, or put aside with a reason.
import { button, dressed, filled, h, later, shielded, themed } from "./dom.js";

function render({ model, el }) {
  const words = model.get("words");
  const say = (name, values) => filled(words[`standouts.${name}`], values || {});
  const tell = (message) => model.send(message);
  const root = shielded(h("div", { class: "l2c-live l2c-standouts", lang: words.lang, role: "region", "aria-label": say("title") }));
  el.replaceChildren(root);
  const theme = themed(root, () => model.get("theme"));
  const head = h("div", { class: "bar" }, root);
  h("h2", {}, head, say("title"));
  const status = h("output", { class: "status", "aria-live": "polite" }, head);
  const trouble = h("p", { class: "trouble", role: "alert", hidden: true }, root);
  const list = h("div", { class: "cards" }, root);
  const foot = h("div", { class: "foot" }, root);
  // What a person has opened stays open over redrawings.
  const open = new Map(), tried = new Map();
  let whole = false;

  // Who judges, typed once and kept by this browser; nobody has to say.
  let me = "";
  try { me = localStorage.getItem("l2c-by") || ""; } catch { /* A browser may keep nothing. */ }
  const named = (name) => {
    me = name.trim();
    try { me ? localStorage.setItem("l2c-by", me) : localStorage.removeItem("l2c-by"); } catch { /* As above. */ }
  };
  const reason = (card, box) => {
    const form = h("form", { class: "reason" }, box);
    const label = h("label", {}, form, say("reason"));
    const input = h("input", { type: "text", maxlength: 300 }, label);
    const by = h("input", { type: "text", maxlength: 60, value: me, class: "by", autocomplete: "name" }, h("label", {}, form, say("by")));
    button(form, say("aside"), say("aside"), () => {}, { type: "submit", class: "main" });
    button(form, say("cancel"), say("cancel"), () => (open.delete(card.id), show()));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      open.delete(card.id);
      named(by.value);
      tell({ do: "dismiss", id: card.id, reason: input.value, by: me });
    });
    input.focus();
  };
  const trial = (card, box) => {
    const made = h("div", { class: "trial" }, box);
    const label = h("label", {}, made, say("try"));
    const input = h("input", { type: "range", min: 0, max: card.tries.length - 1, step: 1, value: tried.get(card.id) ?? 5, "aria-label": say("try") }, label);
    const share = h("output", {}, label);
    const answer = h("p", {}, made);
    const told = () => {
      const at = +input.value;
      tried.set(card.id, at);
      share.textContent = `${at * 10}${words.lang === "ja" ? "%" : " %"}`;
      input.setAttribute("aria-valuetext", share.textContent);
      answer.replaceChildren(h("b", {}, null, card.tries[at]), document.createTextNode(at ? ` ${card.tries_range[at]}` : ""));
    };
    input.addEventListener("input", told);
    told();
    h("p", { class: "small" }, made, say("try.note"));
  };
  const drawn = (card, spec) => {
    const box = h("article", { class: card.kept ? "card kept" : card.given ? "card given" : "card", "data-id": card.id }, list);
    const top = h("div", { class: "top" }, box);
    h("h3", {}, top, card.title);
    const size = h("div", { class: "size" }, top);
    h("b", {}, size, card.size);
    if (card.range) h("span", {}, size, card.range);
    const small = h("p", { class: "small" }, box, card.cases + (card.given ? ` · ${say("given")}` : ""));
    if (card.sure_said) {
      small.append(" · ");
      h("span", { class: "dots", "aria-hidden": "true" }, small, "●".repeat(card.sure) + "○".repeat(3 - card.sure));
      small.append(` ${card.sure_said}`);
    }
    const row = h("div", { class: "acts" }, box);
    const act = (name, does, more) => button(row, say(name), `${say(name)}: ${card.title}`, does, { class: "plain", "data-act": name, ...more });
    const turn = (what) => () => (open.get(card.id) === what ? open.delete(card.id) : open.set(card.id, what), show());
    if (card.where.length) {
      act("show", () => tell({ do: "show", id: card.id }));
      act("narrow", () => tell({ do: "narrow", id: card.id }));
      act("map", () => tell({ do: "map", id: card.id }));
    }
    if (card.tries.length) act("what_if", turn("try"), { "aria-expanded": open.get(card.id) === "try" });
    act("why", turn("why"), { "aria-expanded": open.get(card.id) === "why" });
    if (spec.writes) {
      if (!card.kept) act("keep", () => tell({ do: "keep", id: card.id, by: me }));
      act("dismiss", turn("reason"), { "aria-expanded": open.get(card.id) === "reason" });
    }
    if (open.get(card.id) === "try") trial(card, box);
    if (open.get(card.id) === "why") h("p", { class: "why" }, box, card.said);
    if (open.get(card.id) === "reason") reason(card, box);
  };
  const show = () => {
    const spec = model.get("spec");
    const held = document.activeElement;
    const at = root.contains(held) ? [held.closest(".card")?.dataset.id, held.dataset.act] : null;
    status.textContent = spec.status || (spec.note ?? "");
    list.replaceChildren();
    foot.replaceChildren();
    const cards = spec.cards || [];
    cards.slice(0, whole ? cards.length : spec.first).forEach((card) => drawn(card, spec));
    if (cards.length > spec.first) {
      const text = whole ? say("fewer") : say("more", { n: cards.length - spec.first });
      button(foot, text, text, () => ((whole = !whole), show()), { class: "plain" });
    }
    if ((spec.aside || []).length) {
      const fold = h("details", {}, foot);
      fold.open = open.get("") === "aside";
      fold.addEventListener("toggle", () => (fold.open ? open.set("", "aside") : open.delete("")));
      h("summary", {}, fold, say("put_aside", { n: spec.aside.length }));
      for (const card of spec.aside) {
        const line = h("p", {}, fold, `${card.title}${card.reason ? ` — ${card.reason}` : ""} `);
        button(line, say("back"), `${say("back")}: ${card.title}`, () => tell({ do: "keep", id: card.id, by: me }), { class: "plain" });
      }
    }
    if (at?.[0]) list.querySelector(`[data-id="${CSS.escape(at[0])}"] [data-act="${at[1]}"]`)?.focus();
    root.dataset.drawn = +(root.dataset.drawn || 0) + 1;
  };
  const hide = later(() => (trouble.hidden = true), 8000);
  const told = (message) => {
    if (!message.trouble) return;
    trouble.textContent = message.trouble;
    trouble.hidden = false;
    hide();
  };
  model.on("msg:custom", told);
  model.on("change:spec", show);
  model.on("change:theme", theme.apply);
  show();
  return () => (theme.stop(), model.off("change:spec", show), model.off("msg:custom", told), model.off("change:theme", theme.apply));
}

export default { render: dressed(render) };
