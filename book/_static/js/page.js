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
})();
