// The ledger's filters. Without this script every claim is shown.
(() => {
  const form = document.querySelector(".ledger-filter");
  if (!form) return;
  const claims = [...document.querySelectorAll(".claim")];
  const apply = () => {
    const { source, verdict, chapter, words } = form.elements;
    const wanted = Object.entries({ source, verdict, chapter }).filter(([, menu]) => menu.value);
    const text = words.value.trim().toLowerCase();
    const shown = claims.filter((claim) => {
      claim.hidden = !wanted.every(([name, menu]) => claim.classList.contains(`${name}-${menu.value}`))
        || !claim.textContent.toLowerCase().includes(text);
      return !claim.hidden;
    });
    form.querySelector("output").textContent = `${shown.length} of ${claims.length} claims`;
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  // A link to a claim must find it, whatever the filters say, and also when it is followed twice.
  const reveal = () => {
    const claim = claims.find((candidate) => `#${candidate.id}` === location.hash);
    if (!claim) return;
    if (claim.hidden) { form.reset(); apply(); }
    claim.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  document.addEventListener("click", (event) => { if (event.target.closest('a[href*="#claim-"]')) setTimeout(reveal); });
  apply();
})();
