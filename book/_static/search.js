// Search as one types. Pagefind and its index are fetched when the reader opens search, not before.
(() => {
  const PAGE = 10;
  const root = new URL(document.documentElement.dataset.content_root ?? "./", location.href);
  const onDisk = location.protocol === "file:";
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  let library;
  const pagefind = () => {
    library ??= import(new URL("pagefind/pagefind.js", root)).then(async (module) => {
      await module.options({ baseUrl: root.pathname, excerptLength: 28 });
      return module;
    });
    return library;
  };

  // An unknown word is cut down until it begins like a known one, which answers "Woodbury" with every W.
  const letters = (text) => text.toLowerCase().replace(/[^\p{L}\p{N}\s]/gu, "");
  const begins = (word) => word.slice(0, Math.max(3, Math.ceil(0.6 * word.length)));
  const strangers = (query, records) => {
    const all = letters(records.map(({ title, content }) => `${title} ${content}`).join(" "));
    return letters(query)
      .split(/\s+/)
      .filter((word) => !all.includes(begins(word)));
  };

  // Text with <mark> around the words that were sought; Pagefind escapes nothing but angle brackets.
  const marked = (excerpt) =>
    excerpt.split(/(<mark>.*?<\/mark>)/).map((part) => {
      const text = part
        .replace(/<\/?mark>/g, "")
        .replaceAll("&lt;", "<")
        .replaceAll("&gt;", ">");
      return part.startsWith("<mark>") ? make("mark", {}, text) : text;
    });

  // A record is kept as page/fragment.html and stands for page.html#fragment.
  const load = async (result) => {
    const { url, meta, filters, content, excerpt } = await result.data();
    const cut = url.lastIndexOf("/");
    const href = `${url.slice(0, cut)}.html#${url.slice(cut + 1).replace(/\.html$/, "")}`;
    return { href, title: meta.title ?? filters.title[0], page: filters.page[0], content, excerpt };
  };

  const item = ({ href, title, page, excerpt }) =>
    make(
      "li",
      {},
      make("a", { href }, title),
      make("span", { class: "search-page" }, page === title ? "" : page),
      make("p", {}, ...marked(excerpt)),
    );

  function panel(onQuery = () => {}) {
    const input = make("input", {
      type: "search",
      name: "q",
      "aria-label": "Search the book",
      placeholder: "Words, a claim such as B-08, a function",
      autocomplete: "off",
      autocapitalize: "off",
      spellcheck: "false",
    });
    const form = make("form", { role: "search", action: new URL("search.html", root) }, input);
    const status = make("p", { role: "status" });
    const list = make("ol", { class: "search-results", role: "list" });
    const more = make("button", { type: "button", class: "search-more" }, "More results");
    const element = make("div", { class: "search-panel" }, form, status, list, more);
    const links = () => [...list.querySelectorAll("a")];
    let asked = 0;
    let found = Promise.resolve();
    let waiting = [];
    more.hidden = true;

    const show = (records) => {
      list.append(...records.map(item));
      more.hidden = !waiting.length;
    };
    const next = () => Promise.all(waiting.splice(0, PAGE).map(load));
    async function search() {
      const query = input.value.trim();
      const turn = ++asked;
      onQuery(query);
      let said = "";
      let records = [];
      let rest = [];
      if (query) {
        try {
          const { results } = await (await pagefind()).search(query);
          records = await Promise.all(results.slice(0, PAGE).map(load));
          const unknown = strangers(query, records);
          if (unknown.length) records = [];
          else rest = results.slice(PAGE);
          const count = records.length + rest.length;
          said = count ? `${count} ${count === 1 ? "result" : "results"}` : `Nothing found for “${query}”.`;
        } catch (error) {
          said = `The search index could not be read: ${error.message}`;
        }
      }
      if (turn !== asked) return;
      status.textContent = said;
      list.replaceChildren();
      waiting = rest;
      show(records);
    }

    if (onDisk) {
      status.textContent = "Opened from a folder: press Enter to list the pages that have these words.";
    } else {
      input.addEventListener("input", () => {
        found = search();
      });
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        await found;
        links()[0]?.click();
      });
      more.addEventListener("click", async () => {
        const records = await next();
        const before = links().length;
        show(records);
        links()[before]?.focus();
      });
    }
    element.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      const stops = [input, ...links()];
      const at = stops.indexOf(document.activeElement);
      if (at < 0 || !stops[at + step]) return;
      event.preventDefault();
      stops[at + step].focus();
    });
    return {
      element,
      input,
      search: () => {
        found = search();
      },
    };
  }

  // ---- the dialog, on every page ----

  let dialog;
  function build() {
    const { element, input } = panel();
    const close = make("button", { type: "button", class: "search-close" }, "Close");
    dialog = make("dialog", { class: "search-dialog", "aria-label": "Search" }, element, close);
    close.addEventListener("click", () => dialog.close());
    // A click outside is a click on the dialog itself; a result may be on this very page.
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog || event.target.closest("a")) dialog.close();
    });
    document.body.append(dialog);
    return input;
  }
  let field;
  function toggle() {
    if (dialog?.open) return dialog.close();
    field ??= build();
    if (!onDisk) pagefind().catch(() => {});
    dialog.showModal();
    field.focus();
    field.select();
  }
  const mac = /^(Mac|iP)/.test(navigator.platform);
  addEventListener("keydown", (event) => {
    const command = mac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
    if (!command || event.shiftKey || event.altKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    toggle();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.(".search-button__button")) toggle();
  });

  // ---- the search page ----

  const place = document.getElementById("search-page");
  if (!place) return;
  const query = new URLSearchParams(location.search).get("q") ?? "";
  const { element, input, search } = panel((words) => {
    if (!onDisk) history.replaceState(null, "", words ? `?q=${encodeURIComponent(words)}` : location.pathname);
  });
  input.value = query;
  place.append(element);
  if (onDisk) {
    // Sphinx's own search, which needs no server.
    place.append(make("div", { id: "search-results" }));
    for (const name of ["_static/searchtools.js", "_static/language_data.js", "searchindex.js"]) {
      const script = make("script", { src: new URL(name, root) });
      script.async = false;
      document.head.append(script);
    }
  } else if (query) search();
})();
