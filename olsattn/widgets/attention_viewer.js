import { button, labelled } from "./kit/controls.js";
import { node, update } from "./kit/dom.js";
import { traitSetter, traits } from "./kit/host.js";
import { likeliest, read, tokenize, unpack } from "./kit/language_model.js";
import { layout } from "./kit/layout.js";
import { whole } from "./kit/share.js";
import { numbersTable } from "./kit/table.js";
import { number, percent } from "./kit/words.js";

const TRAITS = ["text", "token", "layer", "head", "tokens", "attention", "guesses"];
const POSITIONS = 64;
const LONGEST = 400;
const shared = {
  text: (v) =>
    typeof v === "string" && v.length <= LONGEST && tokenize(v).length > 0 && tokenize(v).length <= POSITIONS,
  token: whole(-1, POSITIONS - 1),
  layer: whole(0, 1),
  head: whole(0, 3),
};

const place = (token, tokens) => (token < 0 || token >= tokens.length ? tokens.length - 1 : token);

// The row of the table: what the chosen token gives to each token up to itself.
export function explore({ token, layer, head, tokens, attention }) {
  const t = place(token, tokens);
  return { numbers: { weight: attention[layer][head][t].slice(0, t + 1) } };
}

function render({ model, el }) {
  const set = traitSetter(model);
  const ours = model.fetch != null; // a page without Python runs the model itself, once it has fetched it
  let loaded = null;
  let reading = null; // of the text that was read in the page
  // The sentence that the chips are about. Python would read it again; a page has to keep what was read.
  const opening = ours ? traits(model, ["text", "tokens", "attention", "guesses"]) : { text: model.get("text") };
  const said = model.told?.text; // the address has changed the text alone
  if (said && tokenize(said).join() !== opening.tokens.join()) opening.text = opening.tokens.join(" ");

  // Left and right arrow keys go from token to token, up and down from head to head, round and round.
  const round = (v, size) => (v + size) % size;
  function onkeydown(event) {
    const { token, layer, head, tokens } = traits(model, TRAITS);
    const along = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const next = round(4 * layer + head + ({ ArrowUp: -1, ArrowDown: 1 }[event.key] ?? 0), 8);
    if (along) set({ token: round(place(token, tokens) + along, tokens.length) });
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") set({ layer: next >> 2, head: next % 4 });
    else return;
    event.preventDefault();
  }
  const label = "The text: choose who looks, or use the arrow keys";
  const words = node("div", { class: "olsattn-tokens", role: "group", "aria-label": label, onkeydown });
  const next = node("ol", { class: "olsattn-guesses", "aria-label": "Likeliest next tokens" });
  const maps = node("div", { class: "olsattn-heads", role: "group", "aria-label": "Layer and head" });
  const heads = [0, 1].flatMap((layer) =>
    [0, 1, 2, 3].map((head) => button(`${layer + 1}.${head + 1}`, () => set({ layer, head }))),
  );
  maps.append(node("span", {}, "Head"), ...heads);
  const input = node("input", {
    type: "text",
    maxlength: LONGEST,
    class: "olsattn-text",
    spellcheck: "false",
    onkeydown: (event) => event.key === "Enter" && run.click(),
  });
  const run = button(ours ? "Fetch the model (0.3 MB) and read" : "Read", () => choose(input.value));
  const form = node("div", { class: "olsattn-reader" }, labelled("Your sentence", input), run);
  const table = numbersTable("Weights of the chosen head");
  const view = layout({
    model,
    el,
    name: "attention-viewer",
    shared,
    pictures: [words, maps, next],
    controls: [form],
    chips: [
      ["a verb finds its subject", { ...opening, layer: 0, head: 3, token: -1 }],
      ["another head", { ...opening, layer: 1, head: 0, token: -1 }],
      ["what the first word can see", { ...opening, layer: 0, head: 3, token: 0 }],
    ],
    table,
  });

  async function choose(text, token = -1) {
    const count = tokenize(text).length;
    if (!count || count > POSITIONS)
      return view.say(`That is ${count} tokens. The model reads from 1 to ${POSITIONS}.`);
    if (!ours) return set({ text, token: -1 });
    run.disabled = true;
    try {
      loaded ??= unpack(await model.fetch("language_model"));
      run.textContent = "Read";
      calculate(text, token);
    } catch {
      view.say("The model could not be fetched. The sentence above stays.");
    } finally {
      run.disabled = false;
    }
  }

  function calculate(text, token) {
    reading = { text, ...read(loaded, text) };
    const t = place(token, reading.tokens);
    const guesses = likeliest(reading.next(t), loaded.vocabulary);
    set({ text, token, tokens: reading.tokens, attention: reading.attention, guesses });
  }

  // In a page the guesses after another token need the model; until it is there, only those of the last are known.
  const first = model.get("token");
  function guessed(given) {
    if (!ours) return given.guesses;
    const t = place(given.token, given.tokens);
    if (reading?.text === given.text) return likeliest(reading.next(t), loaded.vocabulary);
    return t === place(first, given.tokens) ? opening.guesses : null;
  }

  function draw() {
    const given = traits(model, TRAITS);
    const { tokens, layer, head } = given;
    const t = place(given.token, tokens);
    const weights = given.attention[layer][head][t];
    if (document.activeElement !== input) input.value = given.text;
    if (words.children.length !== tokens.length || tokens.some((token, i) => words.children[i].dataset.token !== token))
      words.replaceChildren(
        ...tokens.map((token, i) =>
          update(
            button(token, () => set({ token: i })),
            { "data-token": token },
          ),
        ),
      );
    [...words.children].forEach((word, i) => {
      const seen = i <= t;
      update(word, {
        "aria-pressed": String(i === t),
        "aria-label": tokens[i] + (i === t ? ", looks" : "") + (seen ? `, gets ${percent(weights[i], 0)}` : ", unseen"),
        style: `--weight: ${seen ? weights[i].toFixed(3) : 0}; --seen: ${seen ? 1 : 0.45}`,
      });
      word.dataset.share = seen && weights[i] > 0.005 ? number(100 * weights[i], 0) : "";
    });
    for (const [k, one] of heads.entries()) update(one, { "aria-pressed": String(k === 4 * layer + head) });
    const guesses = guessed(given);
    next.replaceChildren(
      ...(guesses ?? []).map(([word, p]) =>
        node("li", { style: `--share: ${p}` }, `${word} `, node("b", {}, percent(p, 0, 1))),
      ),
    );
    next.hidden = !guesses;
    const best = weights.indexOf(Math.max(...weights));
    view.say(
      `In head ${head + 1} of layer ${layer + 1} **${tokens[t]}** gives **${percent(weights[best], 0)}** of its `,
      `weight to **${best === t ? "itself" : tokens[best]}**${t ? "" : ": there is nothing else to see"}.`,
    );
    table.fill(explore(given).numbers, (v) => number(v, 4), ["token", tokens.slice(0, t + 1)]);
  }

  const leave = view.live(TRAITS, draw);
  if (ours && model.told?.text) choose(model.told.text, model.told.token);
  return leave;
}

export default { render, shared };
