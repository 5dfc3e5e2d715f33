// The ledger's filters, kept in the address, and its folds on a phone. Without this script every claim is shown.
(() => {
  const form = document.querySelector(".ledger-filter");
  if (!form) return;
  const FIELDS = ["verdict", "source", "chapter", "words"];
  const claims = [...document.querySelectorAll(".claim")];
  const bar = [...document.querySelectorAll(".verdict-bar button")];
  const written = new Map(claims.map((claim) => [claim, claim.textContent.toLowerCase()]));
  let state = {};

  const read = () => {
    const address = new URLSearchParams(location.search);
    state = Object.fromEntries(FIELDS.map((name) => [name, address.get(name) ?? ""]));
  };
  // Whether a claim passes the filters, apart from one of them.
  const passes = (claim, apart) =>
    ["verdict", "source", "chapter"].every(
      (name) => name === apart || !state[name] || claim.classList.contains(`${name}-${state[name]}`),
    ) && written.get(claim).includes(state.words.trim().toLowerCase());

  const show = () => {
    FIELDS.slice(1).forEach((name) => {
      if (form.elements[name].value !== state[name]) form.elements[name].value = state[name];
    });
    claims.forEach((claim) => {
      claim.hidden = !passes(claim);
    });
    bar.forEach((button) => {
      const count = claims.filter(
        (claim) => claim.classList.contains(`verdict-${button.value}`) && passes(claim, "verdict"),
      ).length;
      button.setAttribute("aria-pressed", state.verdict === button.value);
      button.style.flexGrow = count;
      button.querySelector("b").textContent = count;
    });
    const shown = claims.filter((claim) => !claim.hidden).length;
    form.querySelector("output").textContent = `${shown} of ${claims.length} claims`;
    form.querySelector("[type='reset']").disabled = !FIELDS.some((name) => state[name]);
  };

  // A choice is a step that Back undoes; letters as they are typed are not.
  const change = (part, write = "pushState") => {
    state = { ...state, ...part };
    const query = new URLSearchParams(
      FIELDS.filter((name) => state[name]).map((name) => [name, state[name]]),
    ).toString();
    history[write](
      null,
      "",
      `${location.pathname}${query && `?${query}`}${write === "replaceState" ? location.hash : ""}`,
    );
    show();
  };
  const all = Object.fromEntries(FIELDS.map((name) => [name, ""]));
  for (const button of bar)
    button.addEventListener("click", () => {
      change({ verdict: state.verdict === button.value ? "" : button.value });
    });
  form.addEventListener("input", ({ target }) => {
    change({ [target.name]: target.value }, target.name === "words" ? "replaceState" : "pushState");
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    change(all);
  });

  const fold = (claim, open) => {
    claim.classList.toggle("claim-open", open);
    claim.querySelector(".claim-fold").setAttribute("aria-expanded", open);
  };
  for (const claim of claims)
    claim.querySelector(".claim-fold").addEventListener("click", () => {
      fold(claim, !claim.classList.contains("claim-open"));
    });

  // A link to a claim must find it, whatever the filters say, and also when it is followed twice.
  const reveal = () => {
    const claim = claims.find((candidate) => `#${candidate.id}` === location.hash);
    if (!claim) return;
    if (claim.hidden) change(all, "replaceState");
    fold(claim, true);
    claim.scrollIntoView();
  };
  addEventListener("popstate", () => {
    read();
    show();
  });
  addEventListener("hashchange", reveal);
  document.addEventListener("click", (event) => {
    if (event.target.closest('a[href*="#claim-"]')) setTimeout(reveal);
  });
  read();
  show();
  if (location.hash) reveal();
})();
