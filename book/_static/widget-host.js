// Mounts the book's widgets on a static page: no kernel, no server, also from file://. The page embeds the traits of
// those it displays, and `olsattn` has their modules: both are made by book/_extensions/widgets.py.
(() => {
  const models = JSON.parse(
    document.querySelector('script[type="application/vnd.jupyter.widget-state+json"]').textContent,
  );

  // Data that a page loads when its reader asks: a script, because a page opened from a folder may load nothing else.
  const here = document.currentScript?.src;
  const load = (resource) =>
    new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = new URL(`widgets/${resource}.data.js`, here);
      script.onload = () => resolve(olsattn.data[resource]);
      script.onerror = () => reject(new Error(`${script.src} could not be loaded`));
      document.head.append(script);
    });

  // The part of ipywidgets' model that an anywidget module uses, without a kernel behind it. What the address of the
  // page says of the widget's traits holds from the start, and `link` is the address that says how they are now.
  function localModel(values, name, tests) {
    const { told, saying } = olsattn.need("kit/share.js");
    const said = told(location.href, name, tests);
    Object.assign(values, said);
    const listeners = {};
    const fire = (event, detail) => {
      for (const listener of [...(listeners[event] ?? [])]) listener(detail);
    };
    return {
      told: Object.keys(said).length ? said : null,
      link: () => saying(location.href, name, Object.fromEntries(Object.keys(tests).map((key) => [key, values[key]]))),
      fetch: async (resource) => olsattn.data?.[resource] ?? (await load(resource)),
      get: (name) => values[name],
      set(name, value) {
        if (Object.is(values[name], value)) return;
        values[name] = value;
        fire(`change:${name}`, value);
        fire("change");
      },
      save_changes() {},
      on(event, listener) {
        listeners[event] ??= new Set();
        listeners[event].add(listener);
      },
      off(event, listener) {
        listeners[event]?.delete(listener);
      },
      send() {
        throw new Error("this page has no kernel to send a message to");
      },
    };
  }

  async function mount(view) {
    const place = document.createElement("div");
    view.after(place);
    try {
      const { module, class: name, state } = models.state[JSON.parse(view.textContent).model_id];
      const { default: widget } = olsattn.need(module); // at once: before the scripts that follow
      place.id = module.replace(".js", ""); // where a link to the widget's state leads
      const model = localModel(state, place.id, widget.shared ?? {});
      await widget.render({ model, el: place });
      place.dataset.mounted = name;
    } catch (error) {
      place.textContent =
        "This widget could not start in your browser. The figure and the text around it say what it shows.";
      throw error; // the page goes on, and its console says what went wrong
    }
  }

  document.querySelectorAll('script[type="application/vnd.jupyter.widget-view+json"]').forEach(mount);
})();
