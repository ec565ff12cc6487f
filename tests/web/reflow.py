"""WCAG 2.2 §1.4.10: in a window of 320 × 256 pixels, which is one of 1280 × 1024 at 400 %, nothing scrolls sideways and no words are covered or cut."""

from __future__ import annotations

from playwright.sync_api import Page

NARROW, LOW = 320, 256

#: Texts that scroll sideways on purpose: code that is copied, and frames.
_FAULTS = """() => {
  const faults = [], told = one => (one.id ? "#" + one.id : one.className ? "." + String(one.className).split(" ")[0] : one.tagName) + " “" + one.textContent.trim().slice(0, 30) + "”";
  const wide = document.documentElement.scrollWidth;
  if (wide > innerWidth) {
    faults.push(`the page is ${wide} pixels wide`);
    for (const one of document.body.querySelectorAll("*"))
      if (one.getBoundingClientRect().right > innerWidth + 1 && ![...one.children].some(child => child.getBoundingClientRect().right > innerWidth + 1)) { faults.push("too wide: " + told(one)); break; }
  }
  const walker = document.createTreeWalker(document.querySelector("main") ?? document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (walker.nextNode()) {
    const node = walker.currentNode, one = node.parentElement;
    if (!node.data.trim() || !one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || one.closest(".hidden-from-sight, .honey, textarea, progress, select, iframe, noscript")) continue;
    range.selectNodeContents(node);
    let box = [...range.getClientRects()].find(rect => rect.width > 1 && rect.height > 1);
    if (!box) continue;
    for (let out = one; out && out !== document.body; out = out.parentElement) {
      const style = getComputedStyle(out), hides = ["hidden", "clip"].includes(style.overflowX) || style.textOverflow === "ellipsis";
      if (hides && out.scrollWidth > out.clientWidth + 1) { faults.push("cut off: " + told(one)); break; }
    }
    scrollTo(0, scrollY + box.top - innerHeight / 2);
    range.selectNodeContents(node);
    box = [...range.getClientRects()].find(rect => rect.width > 1 && rect.height > 1);
    const at = document.elementFromPoint(Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1), box.top + box.height / 2);
    if (at && !at.contains(one) && !one.contains(at)) faults.push("covered: " + told(one) + " by " + told(at));
  }
  scrollTo(0, 0);
  return [...new Set(faults)].slice(0, 5);
}"""


def faults(page: Page) -> list[str]:
    """What is wrong with the page that is shown, in such a window; the window stays as it is made."""
    page.set_viewport_size({"width": NARROW, "height": LOW})
    found: list[str] = page.evaluate(_FAULTS)
    return found
