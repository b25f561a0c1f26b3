// Turns every waiting table of the page into one to sort, search, page through and download.

// What a spreadsheet could take for a formula, full width as well: at the beginning of a text, and after what parts the cells
// where the comma does not, as in Germany.
const FORMULA = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/;
const INSIDE = /(?<!^\s*)([;\t\r\n]["\s]*)(?=[=+\-@＝＋－＠])/g;

// --- What a cell is: null, "text", [text, number], [text, whole text], [text, date, "date" | "time"],
// and with what it is drawn of: [text, number, "share", {main, sub, low, high}], [text, text, "link", {href}]
const shown = (cell) => (cell === null ? "–" : Array.isArray(cell) ? cell[0] : cell);
const raw = (cell) => (Array.isArray(cell) ? cell[1] : cell);
const inert = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

function render(cell, type) {
  // DataTables puts what it shows and what it searches into elements, so both have to be inert.
  if (type === "display" && Array.isArray(cell) && cell[3]) return drawn(cell);
  if (type === "display" || type === "filter") return inert(shown(cell));
  return raw(cell);
}

function drawn([text, value, kind, { main, sub, low, high, href }]) {
  if (kind === "link") return `<a href="${inert(href)}" target="_blank" rel="noopener noreferrer">${inert(text)}</a>`;
  // A share stands from nothing to all, with the range of what is estimated.
  const at = (share) => 72 * Math.min(Math.max(share, 0), 1);
  const range = low == null || high == null ? "" : `<i style="left:${at(low)}px;width:${Math.max(at(high) - at(low), 1)}px"></i>`;
  const bar = `<span class="l2c-share" aria-hidden="true">${range}<b style="left:${Math.max(at(value) - 1.5, 0)}px"></b></span>`;
  return `<span class="l2c-one">${kind === "share" ? bar : ""}${inert(main)}${sub && `<br><small>${inert(sub)}</small>`}</span>`;
}

function compare(lang) {
  const texts = new Intl.Collator(lang, { numeric: true });
  return (sign) => (one, other) => {
    if (one === null || other === null) return (one === null) - (other === null); // missing ones last, both ways
    if (typeof one !== typeof other) return sign * (typeof one === "number" ? -1 : 1);
    return sign * (typeof one === "number" ? one - other : texts.compare(one, other));
  };
}

// --- Downloads
function csv(heads, rows) {
  const harmless = (value) => (FORMULA.test(value) ? "'" : "") + value.replace(INSIDE, "$1'");
  const text = (value) => `"${harmless(value).replaceAll('"', '""')}"`;
  const field = (cell) => {
    const value = raw(cell);
    if (value === null) return "";
    return typeof value === "number" ? String(value) : text(cell[2] === "time" ? value.replace("T", " ") : value);
  };
  const lines = [heads.map(text), ...rows.map((row) => row.map(field))].map((line) => line.join(","));
  // Excel takes a file without this mark for one of the system's old encoding.
  return new Blob(["\ufeff" + lines.join("\r\n") + "\r\n"], { type: "text/csv;charset=utf-8" });
}

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";
const PARTS = {
  "[Content_Types].xml": `${XML}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>`,
  "_rels/.rels": `${XML}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="r1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  "xl/workbook.xml": `${XML}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets><sheet name="l2c" sheetId="1" r:id="r1"/></sheets></workbook>`,
  "xl/_rels/workbook.xml.rels": `${XML}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="r1" Type="${OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="${OFFICE}/styles" Target="styles.xml"/></Relationships>`,
  // Formats: 0 plain, 1 head, 2 day, 3 time, 4 text that stays text when someone edits its cell.
  "xl/styles.xml": `${XML}<styleSheet xmlns="${MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/><numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1" applyNumberFormat="1" quotePrefix="1"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" quotePrefix="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`,
};

function letters(n) {
  return (n >= 26 ? letters(Math.floor(n / 26) - 1) : "") + String.fromCharCode(65 + (n % 26));
}

function sheet(heads, rows) {
  const text = (at, value, style) =>
    // A cell of Excel holds no more signs than this.
    `<c r="${at}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${inert(value.slice(0, 32767))}</t></is></c>`;
  const cell = (at, each) => {
    const value = raw(each);
    if (value === null) return "";
    if (typeof value === "number") return `<c r="${at}"><v>${value}</v></c>`;
    const kind = Array.isArray(each) && each[2] !== "link" ? each[2] : "";
    // Excel counts days from 1899-12-30, and before March 1900 wrongly.
    const days = kind ? Date.parse(kind === "time" ? value + "Z" : value) / 86400000 + 25569 : NaN;
    return days >= 61 ? `<c r="${at}" s="${kind === "time" ? 3 : 2}"><v>${days}</v></c>` : text(at, value, 4);
  };
  const line = (cells, n) => `<row r="${n + 1}">${cells.join("")}</row>`;
  const lines = [
    line(heads.map((head, c) => text(letters(c) + 1, head, 1)), 0),
    ...rows.map((row, r) => line(row.map((each, c) => cell(letters(c) + (r + 2), each)), r + 1)),
  ];
  const still = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>';
  const views = `<sheetViews><sheetView workbookViewId="0">${still}</sheetView></sheetViews>`;
  return `${XML}<worksheet xmlns="${MAIN}">${views}<sheetData>${lines.join("")}</sheetData></worksheet>`;
}

function excel(DataTable, heads, rows) {
  const book = new (DataTable.Buttons.jszip())();
  for (const [name, text] of Object.entries(PARTS)) book.file(name, text);
  book.file("xl/worksheets/sheet1.xml", sheet(heads, rows));
  const mimeType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  return book.generateAsync({ type: "blob", mimeType, compression: "DEFLATE" });
}

function save(blob, caption, ending) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = (caption.replace(/[^\p{L}\p{N}]+/gu, "_").replace(/^_+|_+$/g, "").slice(0, 60) || "l2c") + ending;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

// --- The table
function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function downloads(DataTable, content, table) {
  const heads = content.columns.map((column) => column.title);
  const rows = () => table.rows({ search: "applied", order: "applied" }).data().toArray();
  const make = { csv: csv, excel: (...parts) => excel(DataTable, ...parts) };
  const box = element("div", "l2c-downloads");
  for (const [kind, ending] of [["csv", ".csv"], ["excel", ".xlsx"]]) {
    const button = element("button", "", content.words[kind]);
    button.type = "button";
    button.addEventListener("click", async () => save(await make[kind](heads, rows()), content.caption, ending));
    box.append(button);
  }
  return box;
}

function settings(content) {
  const { columns, rows, language } = content;
  const pages = rows.length > 10;
  return {
    data: rows,
    columns: columns.map((column, place) => ({
      data: (row) => row[place],
      render,
      title: inert(column.title),
      className: column.right ? "l2c-right" : column.long ? "l2c-left l2c-long" : "l2c-left",
      visible: !column.hidden,
      type: `l2c-${content.lang}`,
    })),
    order: [],
    autoWidth: false,
    language,
    layout: { topStart: "search", topEnd: null, bottomStart: "info", bottomEnd: pages ? ["pageLength", "paging"] : null },
  };
}

// A table wider than its place is scrolled with the keys as well, and so has to be reached by them.
function reachable(box, content) {
  const place = box.querySelector(".dt-layout-table");
  const wide = place.scrollWidth > place.clientWidth;
  const said = { tabindex: "0", role: "region", "aria-label": content.caption };
  for (const [name, value] of Object.entries(said)) wide ? place.setAttribute(name, value) : place.removeAttribute(name);
  box.querySelector(".dt-paging nav")?.setAttribute("aria-label", `${content.language.pages}: ${content.caption}`);
}

function show(DataTable, box) {
  const content = JSON.parse(box.querySelector(".l2c-content").textContent);
  const live = element("table", "l2c-table");
  live.append(element("caption", "", content.caption));
  const still = box.querySelector(".l2c-still");
  still.hidden = true;
  still.after(live);
  const order = DataTable.ext.type.order;
  const by = compare(content.lang);
  order[`l2c-${content.lang}-asc`] = by(1);
  order[`l2c-${content.lang}-desc`] = by(-1);
  const table = new DataTable(live, settings(content));
  const top = box.querySelector(".dt-container");
  top.querySelector(".dt-layout-row").append(downloads(DataTable, content, table));
  if (content.note) top.after(element("p", "l2c-note", content.note));
  table.on("draw", () => reachable(box, content));
  reachable(box, content);
}

// The first table brings DataTables along for all tables of the page.
async function bundled(box) {
  const packed = Uint8Array.from(atob(box.querySelector(".l2c-bundle").textContent), (sign) => sign.charCodeAt(0));
  const text = await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  const before = window.$;
  const script = document.createElement("script");
  script.type = "module";
  script.textContent = text;
  document.head.append(script);
  const DataTable = await window.l2cTables.promise;
  // The bundle takes this name for its own copy of jQuery; the page may have had another one.
  if (before === undefined) delete window.$;
  else window.$ = before;
  return DataTable;
}

const waiting = [...document.querySelectorAll(".l2c-browse:not([data-taken])")];
for (const box of waiting) box.dataset.taken = "";
if (waiting.length) {
  if (!window.l2cTables) {
    window.l2cTables = {};
    window.l2cTables.promise = new Promise((resolve) => (window.l2cTables.resolve = resolve));
    bundled(waiting[0]);
  }
  const DataTable = await window.l2cTables.promise;
  for (const box of waiting) show(DataTable, box);
}
