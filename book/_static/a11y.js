// Accessible names and roles that the theme, MyST-NB and sphinxcontrib-bibtex leave out or contradict.
(() => {
  const sidebar = document.getElementById("pst-primary-sidebar");
  if (sidebar) {
    sidebar.setAttribute("role", "region");
    sidebar.setAttribute("aria-label", "Book");
  }
  document.querySelectorAll(".citation-list, .citation-list > .citation").forEach((e) => e.removeAttribute("role"));
  // Wide formulas and code scroll sideways, so the keyboard must reach them.
  const scrollable = () => document.querySelectorAll("div.math, .output_area pre, .highlight pre, .cell_output").forEach((e) => {
    if (e.scrollWidth > e.clientWidth + 1) e.tabIndex = 0;
    else e.removeAttribute("tabindex");
  });
  function mend() {
    // A visible name and a different aria-label confuse speech input: keep what is seen.
    document.querySelectorAll("button.search-button__button, button.theme-switch-button, details.hide > summary")
      .forEach((e) => { if (e.innerText.trim()) e.removeAttribute("aria-label"); });
    document.querySelectorAll("button.theme-switch-button > *").forEach((icon) => {
      icon.setAttribute("aria-hidden", "true");
      icon.removeAttribute("title");
      icon.removeAttribute("aria-labelledby");
      icon.querySelectorAll("title").forEach((title) => title.remove());
    });
  }
  mend();
  addEventListener("load", () => { mend(); scrollable(); });
  addEventListener("resize", scrollable);
  new MutationObserver(mend).observe(document.body, { childList: true, subtree: true });
})();
