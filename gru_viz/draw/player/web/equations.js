// @ts-check
// The cell's equations with this step's numbers, one row a quantity. Labels of summands come in; numbers are exact.

import { COMBINE, SQUASH, roughly, shown, text, written } from "./digits.js";
import { el, write } from "./elements.js";

/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {import("./scene.js").Side} Side */
/** @typedef {ReturnType<typeof shown>} Shown */

const NAMES = { sigmoid: "σ", tanh: "tanh", relu: "relu" };
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
    const order = scene.cell === "GRU" ? ["r", "z", "n", "h"] : scene.cell === "LSTM" ? ["f", "i", "g", "c", "o", "h"] : ["h"];
    this.root.replaceChildren(...order.map((name) => this.row(name)));
  }

  /** @param {string} name */
  row(name) {
    const sum = el("div", { class: "sum" });
    const value = el("div", { class: "value" });
    const note = el("small", { class: "note" });
    const phase = name === "h" || name === "c" ? 3 : name === "n" || name === "g" ? 2 : 1;
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
    const turned = name === "z" && state.convention === "new" ? 1 - value : value;
    return mean ? "…" : decimals === null ? text(turned) : roughly(turned, decimals);
  }

  /** @param {string} name @param {boolean | null} clamped @param {import("./store.js").State} state */
  note(name, clamped, state) {
    const notes = [];
    if (name === "z") notes.push(this.scene.say(`z.${state.convention}`));
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
    const found = scene.cell !== "RNN" && name === "h" ? (scene.cell === "GRU" ? this.blend(side, step, state) : this.output(side, step, unit))
      : name === "c" ? this.carry(side, step, unit) : this.gate(name, side, step, state);
    parts.sum.replaceChildren(...found.nodes);
    write(parts.value, written(found.shown.value));
    return side.held(name, step, unit);
  }

  /** @param {string} name @param {Side} side @param {number} step @param {import("./store.js").State} state */
  gate(name, side, step, state) {
    const { scene } = this;
    const turned = name === "z" && state.convention === "new";
    const squash = scene.isGate(name) ? "sigmoid" : name === "h" && scene.meta.nonlinearity === "relu" ? "relu" : "tanh";
    const value = turned ? 1 - side.value(name, step, state.unit) : side.value(name, step, state.unit);
    const four = side.summands(name, step, state.unit).map((part) => (turned ? -part : part));
    const labels = this.labels(name, side, step);
    const open = `${NAMES[/** @type {keyof typeof NAMES} */ (squash)]}(\u2009`;
    if (name === "n" && scene.meta.resetAfter) {
      const [a, b, bias, hidden] = four;
      const r = side.value("r", step, state.unit);
      const found = shown([a, bias, r, b, hidden], COMBINE.reset, value, SQUASH.tanh, { gates: [2] });
      const [pa, pBias, pr, pb, pHidden] = found.parts;
      const nodes = [open, ...term(pa, labels[0], "x", true), ...term(pBias, labels[2], "b"), " + ", number(pr, "r"), " · ( ",
        ...term(pb, labels[1], "hPrev", true), ...term(pHidden, labels[3], "b"), " ) ) ", result("tanh", found.total)];
      return { shown: found, nodes };
    }
    const found = shown(four, COMBINE.sum, value, SQUASH[squash], { gate: scene.isGate(name) });
    const parts = ["x", "hPrev", "b", "b"];
    const nodes = [open, ...found.parts.flatMap((part, k) => term(part, labels[k], parts[k], k === 0)), " ) ",
      result(NAMES[/** @type {keyof typeof NAMES} */ (squash)], found.total)];
    return { shown: found, nodes };
  }

  /** @param {string} name @param {Side} side @param {number} step */
  labels(name, side, step) {
    const before = this.scene.cell === "GRU" && name === "n" && !this.scene.meta.resetAfter;
    return [this.scene.reader(side, step), this.scene.say(before ? "term.reset" : "term.memory"), "b", `b${PRIME}`];
  }

  /** @param {Side} side @param {number} step @param {import("./store.js").State} state */
  blend(side, step, state) {
    const found = blended(side, step, state.unit);
    const [writeShare, n, before] = found.parts;
    const keep = { whole: 10n ** BigInt(writeShare.digits) - writeShare.whole, digits: writeShare.digits };
    const tutorial = state.convention === "new";
    const direct = tutorial ? writeShare : keep;
    const plain = [number(direct, "z")];
    const opposite = ["(1 − ", number(direct, "z"), ")"];
    const nodes = [...(tutorial ? plain : opposite), " · ", number(n, "n"), " + ", ...(tutorial ? opposite : plain), " · ",
      number(before, "hPrev"), words(tutorial ? `z·n + (1−z)·h${PRIME}` : `(1−z)·n + z·h${PRIME}`)];
    return { shown: found, nodes };
  }

  /** @param {Side} side @param {number} step @param {number} unit */
  carry(side, step, unit) {
    const found = carried(side, step, unit);
    const [f, c, i, g] = found.parts;
    const nodes = [number(f, "f"), " · ", number(c, "cPrev"), " + ", number(i, "i"), " · ", number(g, "g"), words(`f·c${PRIME} + i·g`)];
    return { shown: found, nodes };
  }

  /** @param {Side} side @param {number} step @param {number} unit */
  output(side, step, unit) {
    const c = side.value("c", step, unit);
    const h = side.value("h", step, unit);
    if (side.width !== side.units) {
      const value = { whole: 0n, digits: 3 };
      return { shown: { parts: [], total: value, value: shown([h], COMBINE.sum, h).value }, nodes: [words("W_hr ( o · tanh(c) )")] };
    }
    const found = shown([side.value("o", step, unit), Math.tanh(c)], COMBINE.product, h, null, { gates: [0] });
    const [o, seen] = found.parts;
    return { shown: found, nodes: [number(o, "o"), " · ", number(seen, "c"), words("o·tanh(c)")] };
  }
}

/** A GRU's h: the share that is written, n and what was before. @param {Side} side @param {number} step @param {number} unit */
export function blended(side, step, unit) {
  const parts = [1 - side.value("z", step, unit), side.value("n", step, unit), side.before("h", step, unit)];
  return shown(parts, COMBINE.blend, side.value("h", step, unit), null, { shares: [0] });
}

/** An LSTM's c: f and what was before, i and g. @param {Side} side @param {number} step @param {number} unit */
export function carried(side, step, unit) {
  const parts = [side.value("f", step, unit), side.before("c", step, unit), side.value("i", step, unit), side.value("g", step, unit)];
  return shown(parts, COMBINE.carry, side.value("c", step, unit), null, { gates: [0, 2] });
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
