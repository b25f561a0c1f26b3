"""What does a reader of a report see, on a screen, on a phone and on paper? Measured in a browser: `python -m tests.report_by_eye FOLDER`."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pypdf

from tests import browser

SCREEN, PHONE, PHONE_WIDTH = (1280, 800), (390, 844), 390
# An A4 page between the margins that the page itself asks for, in pixels of 1/96 inch: on screen, what stands on paper.
PAPER = round((210 - 24) / 25.4 * 96)


@dataclass(frozen=True)
class Seen:
    """What was measured of one page.

    Attributes
    ----------
    pixels, screens, words
        Height at 1280 x 800, the same in screens, and words as the browser's innerText counts them, with those in pictures.
    letters
        Height in pixels of the smallest letters on a phone of 390 pixels, pictures included; infinite without any.
    smallest
        What is written so small.
    asked
        What was asked of the network, and errors.
    wider
        Whether the page itself can be moved sideways on a phone.
    unnamed
        Pictures without a text that says what they show.
    cut
        Tables and pictures that go on beyond the edge of what holds them without a sign, on screen or phone.
    pages, alone
        Pages of A4, and headings whose chart, table or text begins on a later page than they do.
    cut_on_paper
        Tables and pictures that are wider than the paper.
    unsigned
        Pages of A4 at whose foot does not stand whose they are, and which of how many.
    """

    pixels: int
    screens: float
    words: int
    letters: float
    smallest: str
    asked: tuple[str, ...]
    wider: bool
    unnamed: tuple[str, ...]
    cut: tuple[str, ...]
    pages: int
    alone: tuple[str, ...]
    cut_on_paper: tuple[str, ...]
    unsigned: tuple[int, ...]


# Letters of a chart are shapes, of a size that stands in their `scale`; those of the map are text.
_LOOK = """
() => {
  const drawn = img => img.currentSrc.startsWith('data:image/svg+xml')
    ? new DOMParser().parseFromString(decode(img.currentSrc), 'image/svg+xml').documentElement : null;
  const decode = url => { const [head, data] = url.split(/,(.*)/s);
    return head.includes('base64') ? new TextDecoder().decode(Uint8Array.from(atob(data), c => c.charCodeAt(0)))
      : decodeURIComponent(data); };
  const shown = el => el.checkVisibility({visibilityProperty: true}) && el.getClientRects().length > 0;
  const pictures = [...document.images].filter(shown).map(img => [img, drawn(img)]);
  const sizes = [];
  const words = text => text.split(/\\s+/).filter(Boolean).length;
  let inside = 0;
  for (const [img, svg] of pictures) {
    if (!svg) continue;
    const scale = img.getBoundingClientRect().width / parseFloat(svg.getAttribute('viewBox').split(' ')[2]);
    const walker = document.createTreeWalker(svg, NodeFilter.SHOW_COMMENT | NodeFilter.SHOW_ELEMENT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.nodeType === Node.COMMENT_NODE) {
        inside += words(node.data);
        const own = node.nextElementSibling?.getAttribute('transform')?.match(/scale\\(([-\\d.e]+)/);
        if (own) sizes.push([100 * Math.abs(own[1]) * scale, node.data.trim()]);
      } else if (node.localName === 'text') {
        inside += words(node.textContent);
        sizes.push([parseFloat(node.getAttribute('font-size')) * scale, node.textContent]);
      }
    }
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const el = node.parentElement;
    if (!node.data.trim() || !shown(el) || el.closest('title,desc,style,script')) continue;
    const matrix = el.closest('svg') && el.getScreenCTM && el.getScreenCTM();
    sizes.push([parseFloat(getComputedStyle(el).fontSize) * (matrix ? Math.hypot(matrix.a, matrix.b) : 1), node.data.trim()]);
  }
  const smallest = sizes.reduce((a, b) => b[0] < a[0] ? b : a, [Infinity, '']);
  const name = el => (el.alt || el.innerText || el.textContent || el.localName).trim().slice(0, 60);
  const unnamed = [...pictures.filter(([img]) => !img.alt.trim() || img.alt.startsWith('No description')).map(([img]) => img),
    ...[...document.querySelectorAll('main svg')].filter(svg => shown(svg) && svg.parentElement.closest('svg') === null
      && !svg.matches('[aria-hidden=true]') && !svg.closest('[aria-hidden=true]')
      && !svg.querySelector('title')?.textContent.trim() && !svg.getAttribute('aria-label')
      && !svg.getAttribute('aria-labelledby'))].map(el => `${el.localName} after ${heading(el)}`);
  function heading(el) {
    const all = [...document.querySelectorAll('h1,h2,h3')].filter(h => h.compareDocumentPosition(el) & 4);
    return all.length ? all.at(-1).innerText : 'the top'; }
  // What scrolls sideways must say so: by a shadow at its edge, which moves with it.
  const sign = el => getComputedStyle(el).backgroundAttachment.includes('local');
  const cut = [];
  for (const el of document.querySelectorAll('main table, main img, main svg, main pre')) {
    if (!shown(el) || el.parentElement.closest('table,svg')) continue;
    const right = el.getBoundingClientRect().right, self = el.scrollWidth > el.clientWidth + 1 && el.localName === 'pre';
    for (let box = self ? el : el.parentElement; box && box !== document.body; box = box.parentElement) {
      const over = getComputedStyle(box).overflowX;
      if (over === 'visible' && box.localName !== 'main') continue;
      const edge = box.getBoundingClientRect().left + box.clientLeft + box.clientWidth;
      if (self || right > edge + 1) cut.push([`${name(el)}`, ['auto', 'scroll'].includes(over) && sign(box)]);
      break;
    }
  }
  return {pixels: document.documentElement.scrollHeight, words: words(document.body.innerText) + inside, smallest,
    wider: document.documentElement.scrollWidth > innerWidth, unnamed, cut};
}
"""

# Every piece of text and every picture becomes a link that names it: the places of links can be read from a PDF.
_MARK = """
() => {
  const shown = el => el.checkVisibility() && el.getClientRects().length > 0;
  const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  const leaves = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const el = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    if (node.nodeType === Node.TEXT_NODE ? node.data.trim() && !el.closest('svg,style,script')
      : ['img', 'svg'].includes(node.localName) && !node.parentElement.closest('svg')) if (shown(el)) leaves.push([node, el]);
  }
  const marks = [];
  const mark = (node, word) => { const link = document.createElement('a'); link.href = `https://mark.invalid/${word}`;
    const old = node.parentElement.closest('a'); if (old) { old.href = link.href; return; }
    node.replaceWith(link); link.append(node); };
  leaves.forEach(([node, el], k) => {
    const heading = el.closest('h1,h2,h3,h4');
    if (!heading || leaves[k - 1]?.[1].closest('h1,h2,h3,h4') === heading) return;
    const next = heading.nextElementSibling;
    const own = leaf => heading.contains(leaf) || (next?.localName === 'p' && next.contains(leaf));
    // A chapter of one paragraph has nothing else to announce.
    const rest = leaves.slice(k), next_ = rest.find(([, leaf]) => !own(leaf));
    const other = next_?.[1].closest('h1,h2,h3,h4');
    const after = next_ && !(other && other.localName <= heading.localName && next) ? next_ : rest.find(([, leaf]) => !heading.contains(leaf));
    marks.push([node, `h${marks.length}`, heading.innerText.replace('\\u00b6', ''), after?.[0]]);
  });
  for (const [node, word, , after] of marks) { mark(node, word); }
  for (const [, word, , after] of marks) { if (after) {
    const link = after.parentElement.closest('a');
    if (link?.href.includes('mark.invalid')) link.href += `-after-${word}`; else mark(after, `after-${word}`); } }
  return marks.map(([, word, text, after]) => [word, text, Boolean(after)]);
}
"""
_WIDER_THAN_PAPER = """
() => { const main = document.querySelector('main'), edge = main.getBoundingClientRect().right;
  const over = el => { for (let box = el; box && box !== main; box = box.parentElement)
    if (getComputedStyle(box).overflowX !== 'visible' && box.scrollWidth > box.clientWidth + 1) return true;
    return el.getBoundingClientRect().right > edge + 1; };
  return [...main.querySelectorAll('table,img,svg,pre')].filter(el => el.checkVisibility() && el.getClientRects().length
    && !el.parentElement.closest('table,svg') && over(el)).map(el => (el.alt || el.innerText || el.localName).trim().slice(0, 60)); }
"""


def seen(tab: Any, file: Path, asked: list[str]) -> Seen:
    """Measure one page in a browser's tab that notes what pages ask for."""
    tab.set_viewport_size(dict(zip(("width", "height"), SCREEN, strict=True)))
    asked.clear()
    tab.goto(file.as_uri())
    screen = tab.evaluate(_LOOK)
    tab.set_viewport_size(dict(zip(("width", "height"), PHONE, strict=True)))
    phone = _at_rest(tab)
    tab.emulate_media(media="print")
    tab.set_viewport_size({"width": PAPER, "height": 1050})
    wider = tab.evaluate(_WIDER_THAN_PAPER)
    marks = tab.evaluate(_MARK)
    paper = pypdf.PdfReader(io.BytesIO(tab.pdf(format="A4", prefer_css_page_size=True)))
    tab.emulate_media(media="screen")
    return Seen(
        pixels=screen["pixels"],
        screens=round(screen["pixels"] / SCREEN[1], 1),
        words=screen["words"],
        letters=round(phone["smallest"][0] or float("inf"), 1),
        smallest=phone["smallest"][1][:40],
        asked=tuple(asked),
        wider=phone["wider"],
        unnamed=tuple(phone["unnamed"]),
        cut=tuple(f"{side}: {name}" for side, found in (("screen", screen), ("phone", phone)) for name, signed in found["cut"] if not signed),
        pages=len(paper.pages),
        alone=tuple(_alone(paper, marks)),
        cut_on_paper=tuple(wider),
        unsigned=tuple(_unsigned(paper, tab.locator("header :is(b,h1)").first.inner_text())),
    )  # fmt: skip


def _at_rest(tab: Any) -> dict[str, Any]:
    """What is seen of a page that was made narrow, as soon as it stays as it is."""
    before: dict[str, Any] = {}
    while True:
        # A map folds itself anew a moment after its place has changed.
        tab.wait_for_timeout(300)
        # Another drawing for a phone is looked for, and read, after the page was made narrow.
        tab.evaluate(
            "async () => { await new Promise(f => requestAnimationFrame(() => requestAnimationFrame(f)));"
            "await Promise.all([...document.images].map(each => each.decode().catch(() => {}))); }"
        )
        now: dict[str, Any] = tab.evaluate(_LOOK)
        if now == before:
            return now
        before = now


def _alone(paper: pypdf.PdfReader, marks: list[tuple[str, str, bool]]) -> list[str]:
    """The headings at the end of a page that what they announce does not share."""
    on: dict[str, int] = {}
    for number, page in enumerate(paper.pages):
        for link in page.get("/Annots") or ():
            place = urlparse(str(link.get_object().get("/A", {}).get("/URI", "")))
            if place.netloc == "mark.invalid":
                for word in place.path.strip("/").replace("-after-", " after-").split():
                    on.setdefault(word, number)
    return [
        text for word, text, followed in marks
        if word in on and (not followed or on.get(f"after-{word}", on[word]) > on[word])
    ]  # fmt: skip


def _unsigned(paper: pypdf.PdfReader, whose: str) -> list[int]:
    said = ["".join(page.extract_text().split()) for page in paper.pages]
    return [n for n, text in enumerate(said, 1) if f"{n}/{len(said)}" not in text or "".join(whose.split()) not in text]


def report(folder: Path, names: list[str] | None = None) -> dict[str, Seen]:
    """Measure every page of a report."""
    files = sorted(folder.glob("*.html")) if names is None else [folder / name for name in names]
    with browser.page(*SCREEN) as (tab, asked):
        return {file.name: seen(tab, file, asked) for file in files}


def main(folder: str) -> None:
    """Print what was measured, a line a page, and below it what is wrong by name."""
    found = report(Path(folder))
    shown = [each.name for each in fields(Seen) if each.name != "smallest"]
    print(" ".join(f"{name:>12}" for name in shown))
    for name, page in found.items():
        values = (getattr(page, each) for each in shown)
        print(" ".join(f"{len(v) if isinstance(v, tuple) else v!s:>12}" for v in values), name)
    print("all:", sum(p.screens for p in found.values()), "screens,", sum(p.pages for p in found.values()), "A4 pages,",
          sum(p.words for p in found.values()), "words")  # fmt: skip
    for name, page in found.items():
        print(f"{name}: smallest: {page.smallest!r}")
        for what in ("unnamed", "cut", "alone", "cut_on_paper"):
            for each in getattr(page, what):
                print(f"{name}: {what}: {each!r}")


if __name__ == "__main__":
    main(sys.argv[1])
