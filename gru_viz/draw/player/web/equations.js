// @ts-check
// The cell's equations with this step's numbers, one row a quantity. Labels of summands come in; numbers are exact.

import { COMBINE, SQUASH, roughly, shown, text, written } from "./digits.js";
import { el, write } from "./elements.js";

/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {import("./scene.js").Side} Side */
/** @typedef {import("./scene.js").Equation} Equation */
/** @typedef {ReturnType<typeof shown>} Shown */

/** How functions are written; what is taken as it is has no name. @type {Record<string, string>} */
export const NAMES = { sigmoid: "σ", tanh: "tanh", relu: "relu", positive: "g", identity: "" };
const PRIME = "′";
const MINUS = "\u2212";

export class Equations {
  /** @param {HTMLElement} root @param {import("./store.js").Store} store */
  constructor(root, store) {
    this.root = root;
    this.store = store;
    this.scene = /** @type {Scene} */ (/** @type {unknown} */ (null));
    /** @type {Record<string, {row: HTMLElement, sum: HTMLElement, value: HTMLElement, note: HTMLElement}>} */
    this.rows = {};
  }

  /** @param {Scene} scene */
  show(scene) {
    this.scene = scene;
    this.rows = {};
    this.root.replaceChildren(...scene.equations.map((equation) => this.row(equation)));
  }

  /** @param {Equation} equation */
  row({ quantity: name, phase }) {
    const sum = el("div", { class: "sum" });
    const value = el("div", { class: "value" });
    const note = el("small", { class: "note" });
    const row = el("div", { class: "equation", "data-testid": `equation-${name}`, "data-part": name, "data-phase": phase }, [
      el("i", { class: `q-${name}` }, [name]),
      el("div", {}, [sum, note]),
      value,
    ]);
    row.addEventListener("pointerenter", () => this.store.set({ hover: name }));
    row.addEventListener("pointerleave", () => this.store.set({ hover: null }));
    this.rows[name] = { row, sum, value, note };
    return row;
  }

  /** @param {import("./store.js").State} state */
  draw(state) {
    const side = this.scene.side(state.show);
    const step = Math.min(state.step, side.steps - 1);
    const ready = side.has(step);
    this.root.classList.toggle("waiting", !ready);
    for (const [name, parts] of Object.entries(this.rows)) {
      const clamped = ready ? this.fill(name, parts, side, step, state) : null;
      if (clamped === null) {
        parts.sum.replaceChildren(el("span", { class: "words" }, [this.scene.say("loading")]));
        write(parts.value, this.near(name, side, step, state));
      }
      write(parts.note, this.note(name, clamped, state));
    }
  }

  /** The value as near as it is known while the exact numbers are on their way.
   * @param {string} name @param {Side} side @param {number} step @param {import("./store.js").State} state */
  near(name, side, step, state) {
    const { value, decimals, mean } = side.known(name, step, state.unit);
    const turned = this.scene.turned(name, state.convention) ? 1 - value : value;
    return mean ? "…" : decimals === null ? text(turned) : roughly(turned, decimals);
  }

  /** @param {string} name @param {boolean | null} clamped @param {import("./store.js").State} state */
  note(name, clamped, state) {
    const notes = [];
    if (name === this.scene.turns) notes.push(this.scene.say(`z.${state.convention}`));
    if (clamped) notes.push(this.scene.say("clamped"));
    return notes.join(" · ");
  }

  /** Write one equation; true where a clamp set the value, whatever the equation gives.
   * @param {string} name @param {any} parts @param {Side} side @param {number} step @param {import("./store.js").State} state */
  fill(name, parts, side, step, state) {
    const { scene } = this;
    const unit = state.unit;
    const value = side.value(name, step, unit);
    if (Number.isNaN(value)) {
      parts.sum.replaceChildren(el("span", { class: "words" }, [scene.say("no-value")]));
      write(parts.value, "–");
      return false;
    }
    const equation = scene.equation(name);
    const found = equation.kind === "squash" ? this.squash(equation, side, step, state)
      : equation.kind === "show" ? this.output(equation, side, step, unit)
      : equation.write ? this.carry(equation, side, step, unit) : this.blend(equation, side, step, state);
    parts.sum.replaceChildren(...found.nodes);
    write(parts.value, written(found.shown.value));
    return side.held(name, step, unit);
  }

  /** A function of a sum. @param {Equation} equation @param {Side} side @param {number} step @param {import("./store.js").State} state */
  squash(equation, side, step, state) {
    const { scene } = this;
    const { quantity, reset, recurrent } = equation;
    const turned = scene.turned(quantity, state.convention);
    const value = turned ? 1 - side.value(quantity, step, state.unit) : side.value(quantity, step, state.unit);
    const four = side.summands(quantity, step, state.unit).map((part) => (turned ? -part : part));
    const labels = this.labels(equation, side, step);
    const squash = equation.function === "identity" ? null : SQUASH[equation.function];
    const open = squash ? `${NAMES[equation.function]}(\u2009` : "";
    if (reset?.[1] === "after") {
      const [a, b, bias, hidden] = four;
      const r = side.value(reset[0], step, state.unit);
      const found = shown([a, bias, r, b, hidden], COMBINE.reset, value, squash, { gates: [2] });
      const [pa, pBias, pr, pb, pHidden] = found.parts;
      const nodes = [open, ...term(pa, labels[0], "x", true), ...term(pBias, labels[2], "b"), " + ", number(pr, reset[0]), " · ( ",
        ...term(pb, labels[1], `${scene.output}Prev`, true), ...term(pHidden, labels[3], "b"), " ) ) ", result(NAMES[equation.function], found.total)];
      return { shown: found, nodes };
    }
    const said = ["x", `${scene.output}Prev`, "b", "b"];
    const places = recurrent ? [0, 1, 2, 3] : [0, 2];
    const found = shown(places.map((k) => four[k]), COMBINE.sum, value, squash, { gate: scene.isGate(quantity) });
    const nodes = [open, ...found.parts.flatMap((part, k) => term(part, labels[places[k]], said[places[k]], k === 0)),
      ...(squash ? [" ) ", result(NAMES[equation.function], found.total)] : [])];
    return { shown: found, nodes };
  }

  /** @param {Equation} equation @param {Side} side @param {number} step */
  labels({ reset }, side, step) {
    return [this.scene.reader(side, step), this.scene.say(reset?.[1] === "before" ? "term.reset" : "term.memory"), "b", `b${PRIME}`];
  }

  /** A memory of which one gate says both shares. @param {Equation} mix @param {Side} side @param {number} step @param {import("./store.js").State} state */
  blend(mix, side, step, state) {
    const found = renewed(mix, side, step, state.unit);
    const { keep: z, candidate: n, quantity: h } = mix;
    const [writeShare, made, before] = found.parts;
    const keep = { whole: 10n ** BigInt(writeShare.digits) - writeShare.whole, digits: writeShare.digits };
    const tutorial = this.scene.turned(z, state.convention);
    const direct = tutorial ? writeShare : keep;
    const plain = [number(direct, z)];
    const opposite = ["(1 − ", number(direct, z), ")"];
    const nodes = [...(tutorial ? plain : opposite), " · ", number(made, n), " + ", ...(tutorial ? opposite : plain), " · ",
      number(before, `${h}Prev`), words(tutorial ? `${z}·${n} + (1−${z})·${h}${PRIME}` : `(1−${z})·${n} + ${z}·${h}${PRIME}`)];
    return { shown: found, nodes };
  }

  /** A memory with a gate for each share. @param {Equation} mix @param {Side} side @param {number} step @param {number} unit */
  carry(mix, side, step, unit) {
    const found = renewed(mix, side, step, unit);
    const { keep: f, write: i, candidate: g, quantity: c } = mix;
    const [kept, before, share, made] = found.parts;
    const nodes = [number(kept, f), " · ", number(before, `${c}Prev`), " + ", number(share, i ?? ""), " · ", number(made, g), words(`${f}·${c}${PRIME} + ${i}·${g}`)];
    return { shown: found, nodes };
  }

  /** What is shown of a memory. @param {Equation} equation @param {Side} side @param {number} step @param {number} unit */
  output({ quantity: h, gate: o, of: c, function: name }, side, step, unit) {
    const value = side.value(h, step, unit);
    if (side.width !== side.units) {
      const total = { whole: 0n, digits: 3 };
      return { shown: { parts: [], total, value: shown([value], COMBINE.sum, value).value }, nodes: [words(`W_hr ( ${o} · ${NAMES[name]}(${c}) )`)] };
    }
    const found = shown([side.value(o, step, unit), SQUASH[name](side.value(c, step, unit))], COMBINE.product, value, null, { gates: [0] });
    const [gate, seen] = found.parts;
    return { shown: found, nodes: [number(gate, o), " · ", number(seen, c), words(`${o}·${NAMES[name]}(${c})`)] };
  }
}

/** What a memory has become: of what one gate decides alone the share that is written, the candidate and what was before;
 * else each gate and what it lets through. @param {Equation} mix @param {Side} side @param {number} step @param {number} unit */
export function renewed({ quantity, keep, write, candidate }, side, step, unit) {
  const at = (/** @type {string} */ q) => side.value(q, step, unit);
  const before = side.before(quantity, step, unit);
  if (!write) return shown([1 - at(keep), at(candidate), before], COMBINE.blend, at(quantity), null, { shares: [0] });
  return shown([at(keep), before, at(write), at(candidate)], COMBINE.carry, at(quantity), null, { gates: [0, 2] });
}

/** A number, marked with the part of the cell it belongs to. @param {import("./digits.js").Fixed} value @param {string} [part] */
function number(value, part = "") {
  return el("b", { class: part ? `q-${part}` : "", "data-term": part || null }, [written(value)]);
}

/** A signed summand and who said it. @param {import("./digits.js").Fixed} value @param {string} label @param {string} part @param {boolean} [first] */
function term(value, label, part, first = false) {
  const size = { ...value, whole: value.whole < 0n ? -value.whole : value.whole };
  const sign = value.whole < 0n ? (first ? MINUS : `${MINUS} `) : first ? "" : "+ ";
  return [first ? "" : " ", el("span", { class: "term", "data-term": part }, [sign, el("b", {}, [written(size)]), el("small", {}, [`\u2009${label}`])])];
}

/** The squashed sum, kept on one line. @param {string} squash @param {import("./digits.js").Fixed} total */
function result(squash, total) {
  return el("span", { class: "whole-term" }, [`= ${squash}(\u2009`, number(total), "\u2009)"]);
}

/** @param {string} formula */
function words(formula) {
  return el("small", { class: "formula" }, [formula]);
}
