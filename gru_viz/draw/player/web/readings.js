// @ts-check
// The numbers on the wires: of one unit, or the means of a layer, at one step.

/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {import("./scene.js").Side} Side */
/** @typedef {Record<string, number>} Readings */

/** One unit at one step. What x and the memory say to a gate, and its biases, stand apart, as in the equations; the
 * tutorial's z is σ of the opposite sum, so what is said to it turns its sign.
 * @param {Scene} scene @param {Side} side @param {number} step @param {number} unit @param {string} [convention] @returns {Readings} */
export function readings(scene, side, step, unit, convention = "keep") {
  /** @type {Readings} */
  const found = { hPrev: side.before("h", step, unit), h: side.value("h", step, unit) };
  for (const gate of scene.meta.rows) {
    const [input, recurrent, inputBias, hiddenBias] = side.summands(gate, step, unit);
    const sign = gate === "z" && convention === "new" ? -1 : 1;
    found[`${gate}.x`] = sign * input;
    found[`${gate}.h`] = sign * recurrent;
    found[`${gate}.b`] = sign * (inputBias + hiddenBias);
    if (gate === "n") found.hiddenBias = hiddenBias;
    if (gate !== "h") found[gate] = side.value(gate, step, unit);
  }
  return { ...found, ...(scene.cell === "GRU" ? gru(scene, found) : scene.cell === "LSTM" ? lstm(side, found, step, unit) : { total: found["h.x"] + found["h.h"] + found["h.b"] }) };
}

/** @param {Scene} scene @param {Readings} at */
function gru(scene, at) {
  const said = at["n.h"] + at.hiddenBias;
  const remembered = scene.meta.resetAfter ? at.r * said : said;
  const into = scene.meta.resetAfter ? said : at.r * at.hPrev;
  return { write: 1 - at.z, kept: at.z * at.hPrev, written: (1 - at.z) * at.n, into, remembered };
}

/** @param {Side} side @param {Readings} at @param {number} step @param {number} unit */
function lstm(side, at, step, unit) {
  const cPrev = side.before("c", step, unit);
  const c = side.value("c", step, unit);
  return { cPrev, c, kept: at.f * cPrev, written: at.i * at.g, seen: Math.tanh(c) };
}

/** Means over the layer: gates as they are, everything signed by its size. @param {Scene} scene @param {Side} side @param {number} step @returns {Readings} */
export function means(scene, side, step) {
  /** @type {Readings} */
  const total = {};
  const count = Math.min(side.units, side.width);
  for (let unit = 0; unit < count; unit++) {
    for (const [name, value] of Object.entries(readings(scene, side, step, unit))) {
      total[name] = (total[name] ?? 0) + (GATES.has(name) ? value : Math.abs(value)) / count;
    }
  }
  return total;
}

const GATES = new Set(["z", "write", "r", "i", "f", "o"]);

/** What is added up to one unit's candidate, zeros left out, largest first; null where its weights are not here. `empty`:
 * why nothing of it comes from memory: "memory" (all of h′ is 0), "zero" (all its terms are), or "".
 * @param {Scene} scene @param {Side} side @param {number} step @param {number} unit
 * @returns {{terms: {name: string, value: number}[], empty: string} | null} */
export function addends(scene, side, step, unit) {
  const row = scene.weightUnits.indexOf(unit);
  if (row < 0 || !side.has(step)) return null;
  const width = scene.weight.shape[1];
  const { after, before } = scene.reset;
  const outer = after ? side.value("r", step, unit) : 1;
  const remembered = Array.from({ length: width }, (_, j) => {
    const inner = before ? side.value("r", step, j) : 1;
    return { name: before ? `W·(r·h[${j}])` : after ? `r·W·h[${j}]` : `W·h[${j}]`, value: outer * scene.weight.data[row * width + j] * inner * side.before("h", step, j) };
  });
  const [input, , bias, hiddenBias] = side.summands(scene.candidate, step, unit);
  const named = [
    { name: scene.below ? scene.belowName() : `x “${side.word(step)}”`, value: input },
    { name: "b", value: bias },
    { name: after ? "r·b′" : "b′", value: outer * hiddenBias },
  ];
  const silent = remembered.every(({ value }) => !value);
  const blank = remembered.every((_, j) => !side.before("h", step, j));
  const terms = [...named, ...remembered].filter(({ value }) => value).sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  return { terms, empty: blank ? "memory" : silent ? "zero" : "" };
}
