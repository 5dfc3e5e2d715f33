// A formula that is wider than the page scrolls sideways, so the keyboard must reach it: one that is, and no other.
// The theme does the same for code and outputs.
(() => {
  function reach() {
    const wide = (place) => place.scrollWidth > place.clientWidth + 1;
    const found = [...document.querySelectorAll(".formula")].map((place) => [place, wide(place)]);
    for (const [place, scrolls] of found) {
      // all is measured before anything is changed
      if (scrolls) place.tabIndex = 0;
      else place.removeAttribute("tabindex");
    }
  }
  addEventListener("load", () => document.fonts.ready.then(reach));
  addEventListener("resize", reach);
  document.addEventListener("toggle", reach, true); // what was folded had no width
})();
