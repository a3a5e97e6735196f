// Small things every page needs.
(() => {
  "use strict";
  // What scrolls sideways must be reachable by keyboard, and only that.
  function mark() {
    for (const block of document.querySelectorAll(".equation .formula, .highlight pre, .output pre, .output .text_html")) {
      const scrolls = block.scrollWidth > block.clientWidth + 1;
      if (scrolls) {
        block.tabIndex = 0;
        if (!block.hasAttribute("role")) block.setAttribute("role", "group");
        if (!block.hasAttribute("aria-label")) block.setAttribute("aria-label", block.matches(".formula") ? "Formula" : "Code or output");
      } else if (block.tabIndex === 0) {
        block.removeAttribute("tabindex");
      }
    }
  }
  mark();
  document.fonts?.ready.then(mark);
  let waiting = 0;
  window.addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(mark, 100); });
  document.addEventListener("toggle", mark, true);

  // A link into a closed fold opens it, in browsers too that do not do so by themselves.
  function openAround() {
    let place = null;
    try { place = document.getElementById(decodeURIComponent(location.hash.slice(1))); } catch { return; }
    let opened = false;
    for (let fold = place?.closest("details"); fold; fold = fold.parentElement.closest("details")) {
      if (!fold.open) { fold.open = true; opened = true; }
    }
    if (opened) place.scrollIntoView();
  }
  // What pip is given is the whole address, wherever the site stands.
  for (const link of document.querySelectorAll("a[data-wheel]")) link.textContent = link.href;

  openAround();
  window.addEventListener("hashchange", openAround);
})();
