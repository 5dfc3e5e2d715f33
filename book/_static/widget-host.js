// Mounts the book's widgets on a static page. MyST-NB embeds each widget's state, its script and style
// included, so the script is imported from the page itself: no kernel, no server, also from file://.
(() => {
  const state = document.querySelector('script[type="application/vnd.jupyter.widget-state+json"]');
  if (!state) return;
  const models = JSON.parse(state.textContent).state;
  const styles = new Set();

  // The part of ipywidgets' model that an anywidget module uses, without a kernel behind it.
  function localModel(values) {
    const listeners = {};
    const fire = (event, detail) => [...(listeners[event] ?? [])].forEach((listener) => listener(detail));
    return {
      get: (name) => values[name],
      set(name, value) {
        if (Object.is(values[name], value)) return;
        values[name] = value;
        fire(`change:${name}`, value);
        fire("change");
      },
      save_changes() {},
      on(event, listener) { (listeners[event] ??= new Set()).add(listener); },
      off(event, listener) { listeners[event]?.delete(listener); },
      send() { throw new Error("this page has no kernel to send a message to"); },
    };
  }

  async function mount(view) {
    const values = models[JSON.parse(view.textContent).model_id].state;
    const place = document.createElement("div");
    view.after(place);
    try {
      if (values._css && !styles.has(values._css)) {
        styles.add(values._css);
        document.head.append(Object.assign(document.createElement("style"), { textContent: values._css }));
      }
      const address = URL.createObjectURL(new Blob([values._esm], { type: "text/javascript" }));
      const { default: widget } = await import(address);
      URL.revokeObjectURL(address);
      await widget.render({ model: localModel({ ...values }), el: place });
      place.dataset.mounted = values._anywidget_id ?? "";
    } catch (error) {
      place.textContent = "This widget could not start in your browser. The figure and the text around it say what it shows.";
      throw error;
    }
  }

  document.querySelectorAll('script[type="application/vnd.jupyter.widget-view+json"]').forEach(mount);
})();
