// A formula that is wider than the page scrolls sideways, so the keyboard must reach it: one that is, and no other.
// The theme does the same for code and outputs.
(() => {
  function reach() {
    const found = [...document.querySelectorAll(".formula")].map((place) => [place, place.scrollWidth > place.clientWidth + 1]);
    for (const [place, scrolls] of found) {
      if (scrolls) place.tabIndex = 0;
      else place.removeAttribute("tabindex");
    }
  }
  addEventListener("load", () => document.fonts.ready.then(reach));
  addEventListener("resize", reach);
  document.addEventListener("toggle", reach, true); // what was folded had no width
})();
