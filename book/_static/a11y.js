// Wide formulas, code and tables scroll sideways, so the keyboard must reach them: those that do, and no others.
(() => {
  const places = ".formula, .highlight pre, .output_area pre, .cell_output, .cell_output .output, .pst-scrollable-table-container";
  function reach() {
    const found = [...document.querySelectorAll(places)].map((place) => [place, place.scrollWidth > place.clientWidth + 1]);
    for (const [place, scrolls] of found) {
      if (scrolls) place.tabIndex = 0;
      else place.removeAttribute("tabindex");
    }
  }
  addEventListener("load", () => document.fonts.ready.then(reach));
  addEventListener("resize", reach);
  document.addEventListener("toggle", reach, true); // what was folded had no width
})();
