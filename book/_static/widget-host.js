// Mounts the book's widgets on a static page: no kernel, no server, also from file://. The page embeds the traits of
// those it displays, and `olsattn` has their modules: both are made by book/_extensions/widgets.py.
(() => {
  const models = JSON.parse(
    document.querySelector('script[type="application/vnd.jupyter.widget-state+json"]').textContent,
  );

  // The part of ipywidgets' model that an anywidget module uses, without a kernel behind it.
  function localModel(values) {
    const listeners = {};
    const fire = (event, detail) => {
      for (const listener of [...(listeners[event] ?? [])]) listener(detail);
    };
    return {
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
      await widget.render({ model: localModel(state), el: place });
      place.dataset.mounted = name;
    } catch (error) {
      place.textContent =
        "This widget could not start in your browser. The figure and the text around it say what it shows.";
      throw error; // the page goes on, and its console says what went wrong
    }
  }

  document.querySelectorAll('script[type="application/vnd.jupyter.widget-view+json"]').forEach(mount);
})();
