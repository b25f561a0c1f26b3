// Makes every number of the page that knows its cases a button, which lists them.
(() => {
  const { packed, words, statuses, link, money, lang } = JSON.parse(document.getElementById("l2c-cases").textContent);
  const ROWS = 200;
  // What a spreadsheet could take for a formula, full width as well.
  const FORMULA = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/;
  const DEAL = /^006[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?$/;
  const said = (text, filled) => text.replace(/\{(\w+)\}/g, (_, name) => filled[name]);
  const number = (n) => n.toLocaleString("en-US");
  const bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));

  // --- Places of cases: a bit for each, or how many lie between each and the next; as `l2c.measures.behind` packs them.
  function places(text) {
    const [kind, ...data] = bytes(text.replaceAll("-", "+").replaceAll("_", "/"));
    const found = [];
    let [at, gap, shift] = [-1, 0, 0];
    data.forEach((byte, n) => {
      if (kind === 0) {
        for (let bit = 0; bit < 8; bit++) if ((byte >> bit) & 1) found.push(8 * n + bit);
        return;
      }
      gap += (byte & 127) * 2 ** shift;
      shift += 7;
      if (byte > 127) return;
      at += gap + 1;
      found.push(at);
      [gap, shift] = [0, 0];
    });
    return found;
  }

  // --- The cases of the page: id, day of opening, outcome and amount of each, unpacked when first asked for.
  let cases = null;
  async function every() {
    if (cases) return cases;
    const stream = new Blob([bytes(packed)]).stream().pipeThrough(new DecompressionStream("gzip"));
    const { ids, opened, status, amount } = JSON.parse(await new Response(stream).text());
    let day = 0;
    cases = ids.split("\n").map((id, n) => ({
      id,
      opened: new Date((day += opened[n]) * 86400000).toISOString().slice(0, 10),
      status: statuses[+status[n]] ?? "",
      amount: amount ? amount[n] : null,
    }));
    return cases;
  }

  // --- The list
  function element(name, parts = [], set = {}) {
    const made = Object.assign(document.createElement(name), set);
    made.append(...parts);
    return made;
  }

  const columns = ["case", "opened", "outcome", ...(money === null ? [] : ["amount"])];
  const shown = { case: (each) => each.id, opened: (each) => each.opened, outcome: (each) => each.status };
  shown.amount = (each) => (each.amount === null ? "–" : said(money, { n: number(each.amount) }));
  const raw = { ...shown, amount: (each) => each.amount };

  function ordered(rows, [column, falling]) {
    const texts = new Intl.Collator(lang, { numeric: true });
    const compare = (one, other) => {
      const [a, b] = [raw[column](one), raw[column](other)];
      if (a === null || b === null) return (a === null) - (b === null); // missing ones last, both ways
      return (falling ? -1 : 1) * (typeof a === "number" ? a - b : texts.compare(a, b));
    };
    return rows.toSorted ? rows.toSorted(compare) : [...rows].sort(compare);
  }

  function cell(each, column) {
    const text = shown[column](each);
    const linked = column === "case" && link && DEAL.test(each.id);
    const inside = linked ? element("a", [text], { href: link + each.id + "/view", target: "_blank", rel: "noopener noreferrer" }) : text;
    return element("td", [inside], { className: column === "amount" ? "l2c-right" : "" });
  }

  function csv(rows) {
    const text = (value) => `"${((FORMULA.test(value) ? "'" : "") + value).replaceAll('"', '""')}"`;
    const field = (value) => (value === null ? "" : typeof value === "number" ? String(value) : text(value));
    const lines = [columns.map((name) => text(words[name])), ...rows.map((each) => columns.map((name) => field(raw[name](each))))];
    // Excel takes a file without the mark for one of the system's old encoding.
    return new Blob(["\ufeff" + lines.map((line) => line.join(",")).join("\r\n") + "\r\n"], { type: "text/csv;charset=utf-8" });
  }

  function save(blob, name) {
    const made = element("a", [], { href: URL.createObjectURL(blob) });
    made.download = (name.replace(/[^\p{L}\p{N}]+/gu, "_").replace(/^_+|_+$/g, "").slice(0, 60) || "l2c") + ".csv";
    made.click();
    setTimeout(() => URL.revokeObjectURL(made.href), 60000);
  }

  async function list(from) {
    const all = await every();
    const own = places(from.dataset.cases).map((place) => all[place]).filter(Boolean);
    let [most, order] = [ROWS, money === null ? ["opened", true] : ["amount", true]];
    const search = element("input", [], { type: "search", placeholder: words.search, ariaLabel: words.search });
    const [count, body, head] = [element("p"), element("tbody"), element("tr")];
    count.setAttribute("role", "status");
    const more = element("button", [], { type: "button" });
    const download = element("button", [words.csv], { type: "button" });
    const close = element("button", [words.close], { type: "button" });
    const form = element("form", [search, download, close]);
    const table = element("table", [element("thead", [head]), body]);
    const title = element("h2", [from.dataset.label], { id: "l2c-behind-title" });
    const dialog = element("dialog", [title, count, form, table, more], { className: "l2c-behind" });
    dialog.setAttribute("aria-labelledby", title.id);
    const found = () => {
      const text = search.value.trim().toLowerCase();
      return ordered(own.filter((each) => columns.some((name) => shown[name](each).toLowerCase().includes(text))), order);
    };
    function draw() {
      const rows = found();
      const one = own.length === 1 ? words["count.one"] : words.count;
      const { all: whole, column } = from.dataset;
      const text = rows.length < own.length ? words.found : +whole > own.length ? words.largest : one;
      const total = number(rows.length < own.length ? own.length : +whole);
      count.textContent = said(text, { n: number(rows.length), all: total, column });
      body.replaceChildren(...rows.slice(0, most).map((each) => element("tr", columns.map((name) => cell(each, name)))));
      more.hidden = rows.length <= most;
      more.textContent = said(words.more, { n: number(Math.min(ROWS, rows.length - most)) });
      for (const [n, th] of [...head.children].entries()) {
        const here = order[0] === columns[n];
        th.setAttribute("aria-sort", here ? (order[1] ? "descending" : "ascending") : "none");
        th.firstChild.textContent = words[columns[n]] + (here ? (order[1] ? " ▼" : " ▲") : "");
      }
    }
    for (const name of columns) {
      const button = element("button", [], { type: "button" });
      button.addEventListener("click", () => draw((order = [name, order[0] === name ? !order[1] : name === "amount"])));
      head.append(element("th", [button], { scope: "col", className: name === "amount" ? "l2c-right" : "" }));
    }
    search.addEventListener("input", () => draw((most = ROWS)));
    more.addEventListener("click", () => draw((most += ROWS)));
    download.addEventListener("click", () => save(csv(found()), from.dataset.label));
    form.addEventListener("submit", (event) => event.preventDefault());
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => (dialog.remove(), from.focus()));
    draw();
    document.body.append(dialog);
    dialog.showModal();
    close.focus();
  }

  // --- Numbers that lead to their cases
  for (const each of document.querySelectorAll("[data-cases]")) {
    if (!each.matches("a,button,summary")) each.setAttribute("role", "button");
    each.setAttribute("tabindex", "0");
    each.setAttribute("aria-haspopup", "dialog");
    if (!each.textContent.trim() || each instanceof SVGElement) each.setAttribute("aria-label", each.dataset.label);
    if (each instanceof SVGElement) {
      // A picture as a whole could not hold buttons.
      each.ownerSVGElement?.setAttribute("role", "group");
    } else each.title ||= each.textContent.trim() ? words.hint : `${each.dataset.label}: ${words.hint}`;
  }
  // What goes on beyond its edge can be scrolled by keys.
  for (const box of document.querySelectorAll("[style*='overflow-x:auto']")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }
  const from = (event) => event.target.closest?.("[data-cases]");
  document.addEventListener("click", (event) => from(event) && (event.preventDefault(), list(from(event))));
  document.addEventListener("keydown", (event) => {
    if ((event.key !== "Enter" && event.key !== " ") || !event.target.matches?.("[data-cases]")) return;
    event.preventDefault();
    list(event.target);
  });
})();
