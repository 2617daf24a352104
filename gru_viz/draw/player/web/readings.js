// @ts-check
// The numbers on the wires: of one unit, or the means of a layer, at one step. What they are called, the plans say too.

import { SQUASH } from "./digits.js";

/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {import("./scene.js").Side} Side */
/** @typedef {Record<string, number>} Readings */

/** One unit at one step: of every quantity q `q` itself; of a sum what x and the memory say to it and its biases apart, as
 * in the equations, `q.x`, `q.h`, `q.b`, and all of it, `q.total`; of what is carried what was `qPrev` before; at a
 * reset gate what goes `into` it or out of it and what is `remembered`; of the memory the share it may `write`, what is
 * `kept` and `written`; of a hidden memory what is `seen` of it. A gate that is written the other way is the function of
 * the opposite sum, so what is said to it turns its sign.
 * @param {Scene} scene @param {Side} side @param {number} step @param {number} unit @param {string} [convention] @returns {Readings} */
export function readings(scene, side, step, unit, convention = "keep") {
  /** @type {Readings} */
  const found = {};
  for (const q of scene.carried) found[`${q}Prev`] = side.before(q, step, unit);
  for (const q of scene.quantities) found[q] = side.value(q, step, unit);
  for (const equation of scene.equations) {
    if (equation.kind === "squash") Object.assign(found, said(scene, side, equation, found, { step, unit, convention }));
    if (equation.kind === "mix") Object.assign(found, mixed(equation, found));
    if (equation.kind === "show") found.seen = SQUASH[equation.function](found[equation.of]);
  }
  return found;
}

/** What a sum is made of. @param {Scene} scene @param {Side} side @param {import("./scene.js").Equation} equation @param {Readings} at
 * @param {{step: number, unit: number, convention: string}} where @returns {Readings} */
function said(scene, side, { quantity, reset }, at, { step, unit, convention }) {
  const [input, recurrent, inputBias, hiddenBias] = side.summands(quantity, step, unit);
  const sign = scene.turned(quantity, convention) ? -1 : 1;
  const [x, h, b] = [sign * input, sign * recurrent, sign * (inputBias + hiddenBias)];
  const found = { [`${quantity}.x`]: x, [`${quantity}.h`]: h, [`${quantity}.b`]: b, [`${quantity}.total`]: x + h + b };
  if (!reset) return found;
  const all = h + sign * hiddenBias;
  const [gate, where] = reset;
  const into = where === "after" ? all : at[gate] * at[`${scene.output}Prev`];
  return { ...found, into, remembered: where === "after" ? at[gate] * all : all };
}

/** @param {import("./scene.js").Equation} equation @param {Readings} at @returns {Readings} */
function mixed({ quantity, keep, write, candidate }, at) {
  const share = write ? at[write] : 1 - at[keep];
  return { write: share, kept: at[keep] * at[`${quantity}Prev`], written: share * at[candidate] };
}

/** Means over the layer: gates as they are, everything signed by its size. @param {Scene} scene @param {Side} side @param {number} step @returns {Readings} */
export function means(scene, side, step) {
  /** @type {Readings} */
  const total = {};
  const count = Math.min(side.units, side.width);
  const gates = new Set([...scene.meta.gates, "write"]);
  for (let unit = 0; unit < count; unit++) {
    for (const [name, value] of Object.entries(readings(scene, side, step, unit))) {
      total[name] = (total[name] ?? 0) + (gates.has(name) ? value : Math.abs(value)) / count;
    }
  }
  return total;
}

/** What is added up to one unit's candidate, zeros left out, largest first; null where its weights are not here. `empty`:
 * why nothing of it comes from memory: "alone" (it reads x only), "memory" (all of h′ is 0), "zero" (all its terms are), or "".
 * @param {Scene} scene @param {Side} side @param {number} step @param {number} unit
 * @returns {{terms: {name: string, value: number}[], empty: string} | null} */
export function addends(scene, side, step, unit) {
  const { quantity, recurrent, reset } = scene.equation(scene.candidate);
  const row = scene.weightUnits.indexOf(unit);
  if ((recurrent && row < 0) || !side.has(step)) return null;
  const [gate, where] = reset ?? ["", ""];
  const outer = where === "after" ? side.value(gate, step, unit) : 1;
  const h = scene.output;
  const before = (/** @type {number} */ j) => side.before(h, step, j);
  const width = recurrent ? scene.weight.shape[1] : 0;
  const remembered = Array.from({ length: width }, (_, j) => {
    const inner = where === "before" ? side.value(gate, step, j) : 1;
    const name = { before: `W·(${gate}·${h}[${j}])`, after: `${gate}·W·${h}[${j}]`, "": `W·${h}[${j}]` }[where];
    return { name, value: outer * scene.weight.data[row * width + j] * inner * before(j) };
  });
  const [input, , bias, hiddenBias] = side.summands(quantity, step, unit);
  const named = [
    { name: scene.below ? scene.belowName() : `x “${side.word(step)}”`, value: input },
    { name: "b", value: bias },
    { name: where === "after" ? `${gate}·b′` : "b′", value: outer * hiddenBias },
  ];
  const silent = remembered.every(({ value }) => !value);
  const blank = remembered.every((_, j) => !before(j));
  const terms = [...named, ...remembered].filter(({ value }) => value).sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  return { terms, empty: !recurrent ? "alone" : blank ? "memory" : silent ? "zero" : "" };
}
