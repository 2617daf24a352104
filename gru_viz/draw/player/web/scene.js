// @ts-check
// What there is to show: one layer of one or two traces, read from the blob that wire.py wrote.

import { Cells } from "./cells.js";
import { parseSafetensors, Damaged } from "./safetensors.js";

const SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉";

/**
 * @typedef {object} Equation one of gru_viz/cells/kind.py's: a squash (`quantity` = `function` of the sum of what x says and,
 * where it is `recurrent`, the memory), a mix (the memory: `keep` of it and `write` of the `candidate`) or a show
 * (`gate` times `function` `of` the memory)
 * @property {"squash" | "mix" | "show"} kind @property {string} quantity @property {1 | 2 | 3} phase
 * @property {string} function @property {boolean} recurrent
 * @property {[string, "before" | "after"] | null} reset the gate on what the memory says, before its product or after
 * @property {string} keep @property {string | null} write null: what `keep` leaves @property {string} candidate
 * @property {string} gate @property {string} of
 */

/** One trace: strips for every step, exact numbers for the steps `first` to `last` (excluded). */
export class Side {
  /** @param {string} name @param {any} about @param {Record<string, any>} tensors @param {any} meta */
  constructor(name, about, tensors, meta) {
    this.name = name;
    this.steps = about.steps;
    this.first = about.first;
    this.last = about.last;
    this.tokens = about.tokens;
    this.unknown = new Set(about.unknown);
    /** @type {string[]} the sentences of some steps, from `told` on: of all where they are not long */
    this.narration = about.narration;
    this.told = about.told;
    /** @type {{quantity: string, steps: [number, number][], units: [number, number][]}[]} what clamps set in this layer */
    this.clamps = about.held;
    this.lines = about.lines;
    this.units = meta.units;
    this.width = meta.width;
    this.output = meta.carried[0];
    this.backward = meta.direction === "backward";
    /** Whether it reads another layer's h instead of what was given. */
    this.reads = Boolean(meta.below);
    this.belief = beliefOf(about.belief, tensors, name);
    /** Whether the steps have numbers only: what was read are numbers itself. */
    this.numbered = ["forecast", "inputs"].includes(this.belief?.kind) || this.tokens[9] === "10";
    this.tensors = tensors;
    /** @type {ArrayLike<number> | null} the row of each unit where a strip holds means of neighbours */
    this.groups = tensors.groups?.data ?? null;
    /** @type {ArrayLike<number> | null} the same of a projected output, which has units of its own */
    this.groupsOfOutput = tensors[`groups.${this.output}`]?.data ?? null;
    /** @type {Record<string, Cells>} */
    this.cells = {};
    for (const q of meta.quantities) {
      const strip = this.tensor(`strip.${q}`);
      if (strip.shape[0] !== this.steps) throw new Damaged("steps");
      this.cells[q] = new Cells(strip, tensors[`${name}.step.${q}`], tensors[`${name}.low.${q}`], meta.gates.includes(q), about.ends[q]);
    }
  }

  /** @param {string} name */
  tensor(name) {
    const found = this.tensors[`${this.name}.${name}`];
    if (!found) throw new Damaged(name);
    return found;
  }

  /** What was read at a step: the symbol, or of numbers the number, or, where there are several, which. @param {number} step */
  word(step) {
    const { belief } = this;
    const number = (/** @type {number} */ row) => String(Number(belief.at(row, step).toPrecision(4))).replace("-", "\u2212");
    if (belief?.kind === "inputs" && belief.rows === 1 && !this.reads) return number(0);
    if (belief?.kind === "forecast") return [0, ...belief.names.keys()].filter((row, k) => !k || row > 2).map(number).join(" ");
    return this.numbered ? `x${String(step + 1).replace(/\d/g, (digit) => SUBSCRIPTS[Number(digit)])}` : this.tokens[step];
  }

  /** Whether this step's exact numbers are here. @param {number} step */
  has(step) {
    return step >= this.first && step < this.last;
  }

  /** The sentence of a step; null where it is not here. @param {number} step @returns {string | null} */
  sentence(step) {
    return this.narration[step - this.told] ?? null;
  }

  /** Whether all that is said of a step is here, exactly. @param {number} step */
  complete(step) {
    return this.has(step) && (!this.narration.length || this.sentence(step) !== null) && (!this.belief || this.belief.exact(step));
  }

  /** How many units this quantity has: h of a projected LSTM has fewer. @param {string} q */
  widthOf(q) {
    return q === this.output ? this.width : this.units;
  }

  /** The row each unit's cells are drawn in, top to bottom in an order of units; of means of neighbours their own order.
   * @param {string} q @param {ArrayLike<number>} order */
  rowsOf(q, order) {
    const width = this.cells[q].rows;
    const rowOf = Array.from({ length: width }, (_, k) => k);
    if (!this.groups && width === order.length) for (let row = 0; row < width; row++) rowOf[order[row]] = row;
    return rowOf;
  }

  /** Which row each unit has; null where it has its own. @param {string} q */
  groupsOf(q) {
    return (q === this.output && this.groupsOfOutput) || this.groups;
  }

  /** The unit's own row in a strip, or that of the units it shares one with. @param {string} q @param {number} unit */
  rowOf(q, unit) {
    return this.groupsOf(q)?.[unit] ?? unit;
  }

  /** The units whose mean a row holds: one, where every unit has its own. @param {string} q @param {number} unit */
  sharing(q, unit) {
    const groups = this.groupsOf(q);
    return groups ? Array.from(groups, (_, k) => k).filter((k) => groups[k] === groups[unit]) : [unit];
  }

  /** What is known of a unit's value at a step: the number, to how many decimals it is right (null: it is the trace's
   * own), and whether it is the mean of the units it shares a row with. @param {string} q @param {number} step @param {number} unit
   * @returns {{value: number, decimals: number | null, mean: boolean}} */
  known(q, step, unit) {
    if (unit >= this.widthOf(q)) return { value: NaN, decimals: null, mean: false };
    const strip = this.cells[q];
    const row = this.rowOf(q, unit);
    const rough = strip.value(step, row);
    if (Number.isNaN(rough)) return { value: NaN, decimals: null, mean: false };
    if (this.has(step)) return { value: this.row(`value.${q}`, step, unit), decimals: null, mean: false };
    const own = this.lines[q].indexOf(unit);
    if (own >= 0) return { value: this.tensor(`line.${q}`).data[own * this.steps + step], decimals: null, mean: false };
    return { value: rough, decimals: strip.decimals(row), mean: this.sharing(q, unit).length > 1 };
  }

  /** The unit's value as near as it is known here; NaN where only a mean with others is. @param {string} q @param {number} step @param {number} unit */
  near(q, step, unit) {
    const { value, mean } = this.known(q, step, unit);
    return mean ? NaN : value;
  }

  /** How large a unit's values become, for the scale of its lines. @param {string} q @param {number} unit */
  reach(q, unit) {
    return unit < this.widthOf(q) ? this.cells[q].reach(this.rowOf(q, unit)) : 0;
  }

  /** The trace's own number; NaN where it is not here or there is none. @param {string} q @param {number} step @param {number} unit */
  value(q, step, unit) {
    return this.has(step) ? this.known(q, step, unit).value : NaN;
  }

  /** Whether a clamp set this number. @param {string} q @param {number} step @param {number} unit */
  held(q, step, unit) {
    const among = (/** @type {[number, number][]} */ runs, /** @type {number} */ place) => runs.some(([first, last]) => first <= place && place <= last);
    return this.clamps.some((clamp) => clamp.quantity === q && among(clamp.steps, step) && among(clamp.units, unit));
  }

  /** What the cell read at this step of a quantity that is carried. @param {string} q @param {number} step @param {number} unit */
  before(q, step, unit) {
    const { data, shape } = this.tensor(`prev.${q}`);
    if (shape[0] > 1 || this.last - this.first === 1) return this.row(`prev.${q}`, step, unit);
    const edge = this.backward ? this.last - 1 : this.first;
    return step === edge ? data[unit] : this.row(`value.${q}`, step + (this.backward ? 1 : -1), unit);
  }

  /** Input part, recurrent part and the two biases; the recurrent ones 0 where the memory has no say. @param {string} gate @param {number} step @param {number} unit */
  summands(gate, step, unit) {
    const which = this.tensor("which").data[step - this.first];
    const input = this.tensor(`input.${gate}`).data[which * this.units + unit];
    const bias = this.tensor(`bias.${gate}`).data;
    if (!(`${this.name}.recurrent.${gate}` in this.tensors)) return [input, 0, bias[unit], 0];
    return [input, this.row(`recurrent.${gate}`, step, unit), bias[unit], bias[this.units + unit]];
  }

  /** @param {string} name @param {number} step @param {number} unit */
  row(name, step, unit) {
    const { data, shape } = this.tensor(name);
    return unit < shape[1] ? data[(step - this.first) * shape[1] + unit] : NaN;
  }
}

/** @param {any} about @param {Record<string, any>} tensors @param {string} name */
function beliefOf(about, tensors, name) {
  if (!about) return null;
  const { data, shape } = tensors[`${name}.belief`];
  const part = (/** @type {string} */ of) => tensors[`${name}.overview.${of}`];
  const rough = part("strip") ? new Cells(part("strip"), part("step"), part("low"), !part("step") || Boolean(part("low")), [1, 0]) : null;
  const { first, last } = about;
  const exact = (/** @type {number} */ step) => !rough || (step >= first && step < last);
  const shared = (/** @type {number} */ row) => part("groups")?.data[row] ?? row;
  return {
    ...about,
    rows: shape[0],
    exact,
    /** To how many decimals a number is right; null: it is the model's own. */
    decimals: (/** @type {number} */ row, /** @type {number} */ step) => (rough && !exact(step) ? rough.decimals(shared(row)) : null),
    at: (/** @type {number} */ row, /** @type {number} */ step) => (rough && !exact(step) ? rough.value(step, shared(row)) : data[row * shape[1] + step - first]),
    symbol: (/** @type {number} */ row, /** @type {number} */ step) =>
      about.names[tensors[`${name}.symbols`].data[row * shape[1] + step]],
    surprise: tensors[`${name}.surprise`]?.data ?? null,
  };
}

/** The largest number of what a side reads. @param {Side} side */
function largest({ belief, steps }) {
  let found = 0;
  for (let row = 0; row < belief.rows; row++) for (let step = 0; step < steps; step++) found = Math.max(found, Math.abs(belief.at(row, step)) || 0);
  return found;
}

/** The whole scene. */
export class Scene {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    const { tensors, metadata } = parseSafetensors(bytes);
    if (!metadata.player) throw new Damaged("metadata");
    const meta = JSON.parse(metadata.player);
    this.meta = meta;
    const { selection, key, labels, sides, ...make } = meta;
    this.words = JSON.stringify([labels, sides, make]);
    this.structure = JSON.stringify([labels, make, sides.A.belief?.kind, Object.keys(sides)]);
    this.labels = meta.labels;
    /** @type {{layer: number, width: number, directions: number} | null} */
    this.below = meta.below;
    /** @type {string[]} */
    this.quantities = meta.quantities;
    /** @type {string[]} what goes from one step to the next; first what the next step and the next layer read */
    this.carried = meta.carried;
    this.output = meta.carried[0];
    /** @type {Equation[]} one a row, in the order they are written */
    this.equations = meta.equations;
    this.mix = this.equations.find(({ kind }) => kind === "mix") ?? null;
    /** Whether the memory has a say in any gate or candidate. */
    this.remembers = this.equations.some(({ recurrent }) => recurrent);
    /** @type {string} whose sum the memory moves: the quantity that is proposed, a plain cell's output itself */
    this.candidate = meta.candidate;
    /** @type {string | null} the gate that two conventions write differently */
    this.turns = meta.turns;
    /** @type {import("./diagram.js").Plan | null} */
    this.plan = meta.plan;
    this.units = meta.units;
    this.key = meta.key;
    this.A = new Side("A", meta.sides.A, tensors, meta);
    this.B = meta.sides.B ? new Side("B", meta.sides.B, tensors, meta) : null;
    this.orders = meta.orders.map((/** @type {string} */ name, /** @type {number} */ k) => ({ name, units: tensors[`order.${k}`].data }));
    this.weight = tensors.weight;
    this.weightUnits = Array.from(tensors["weight.units"]?.data ?? []);
  }

  /** @param {string} q */
  isGate(q) {
    return this.meta.gates.includes(q);
  }

  /** Whether this gate is written as 1 minus itself: it is the one that turns, and the other convention was chosen.
   * @param {string} q @param {string} convention */
  turned(q, convention) {
    return q === this.turns && convention === "new";
  }

  /** The equation that makes a quantity. @param {string} q @returns {Equation} */
  equation(q) {
    return /** @type {Equation} */ (this.equations.find(({ quantity }) => quantity === q));
  }

  /** What the layer below is called, whose h this one reads as its x. */
  belowName() {
    const { layer, directions } = this.below;
    return this.say(directions > 1 ? "below.both" : "below.one", { layer });
  }

  /** Who speaks in the input's part: the symbol that was read, or the layer below. @param {Side} side @param {number} step */
  reader(side, step) {
    return this.below ? this.say("term.below", { name: this.belowName() }) : this.say("term.input", { token: side.word(step) });
  }

  /** The side whose numbers stand in the equations. @param {string} show */
  side(show) {
    return show !== "A" && this.B ? this.B : this.A;
  }

  /** What stands under the tokens: of B − A of what is read the difference, on the scale of both. @param {string} show */
  belief(show) {
    const { A, B } = this;
    const { belief } = this.side(show);
    if (show !== "diff" || !B || belief?.kind !== "inputs") return belief;
    const at = (/** @type {number} */ row, /** @type {number} */ step) => (step < A.steps && step < B.steps ? B.belief.at(row, step) - A.belief.at(row, step) : NaN);
    return { ...belief, at, end: Math.max(largest(A), largest(B)) };
  }

  /** Words by key, with {names} filled in. @param {string} key @param {Record<string, any>} [params] */
  say(key, params = {}) {
    const sentence = this.labels[key] ?? key;
    return sentence.replace(/\{(\w+)\}/g, (/** @type {string} */ _all, /** @type {string} */ name) => String(params[name] ?? ""));
  }
}
