// @ts-check
// The cell as pipes and valves. A pipe's width is the number it carries, its colour the sign; a valve is as far open as
// the gate. Where everything stands is the plan, which comes with the cell's record (record.py).

import { text } from "./digits.js";
import { svg, write } from "./elements.js";
import { NAMES } from "./equations.js";
import { means, readings } from "./readings.js";

/**
 * @typedef {object} Wire a wire's `reading` names the number it carries (readings.js)
 * @property {string} d @property {string} reading @property {string} part @property {number} phase
 * @property {number} [gain] how wide one unit of it is drawn: 1 within −1..1, less for sums before a function
 * @property {boolean} [thin] into a gate: beside the memory's own way
 *
 * @typedef {object} Valve
 * @property {number} x @property {number} y @property {string} reading @property {string} part @property {number} phase
 * @property {string} label @property {[number, number]} at @property {string} [anchor]
 *
 * @typedef {object} Box
 * @property {number} x @property {number} y @property {string} reading @property {string} symbol @property {string} part
 *
 * @typedef {object} Knot a `text`, or what makes a quantity: the `function` of its equation
 * @property {number} x @property {number} y @property {string} [text] @property {string} [function] @property {string} part
 * @property {number} phase
 *
 * @typedef {object} Note
 * @property {number} x @property {number} y @property {string} reading @property {string} label @property {string} part
 * @property {number} phase @property {string} [anchor]
 *
 * @typedef {object} Plan
 * @property {number} height @property {Wire[]} wires @property {Wire[]} control @property {Valve[]} valves
 * @property {Box[]} boxes @property {Knot[]} nodes @property {Note[]} notes
 */

const RADIUS = 17;
const AROUND = Math.PI * RADIUS;
const WIDEST = 11;
const THIN = 4;

export class Diagram {
  /** @param {HTMLElement} root @param {import("./store.js").Store} store */
  constructor(root, store) {
    this.root = root;
    this.store = store;
    this.scene = /** @type {import("./scene.js").Scene} */ (/** @type {unknown} */ (null));
    /** @type {((at: Record<string, number>, state: import("./store.js").State) => void)[]} */
    this.updates = [];
    /** @type {SVGElement[]} */
    this.phased = [];
  }

  /** @param {import("./scene.js").Scene} scene */
  show(scene) {
    this.scene = scene;
    this.updates = [];
    const { plan } = scene;
    this.root.hidden = !plan;
    if (!plan) return this.root.replaceChildren();
    const picture = svg("svg", { viewBox: `-26 0 640 ${plan.height}`, role: "img", "aria-label": scene.say("diagram") });
    const layers = [
      plan.control.map((wire) => this.control(wire)),
      plan.wires.map((wire) => this.wire(wire)),
      plan.nodes.map((node) => this.node(node)),
      plan.valves.map((valve) => this.valve(valve)),
      plan.boxes.map((box) => this.box(box)),
      plan.notes.map((note) => this.note(note)),
    ];
    const phase = svg("text", { x: 604, y: plan.height - 8, "text-anchor": "end", class: "phase" });
    const first = scene.remembers ? "1" : "1.alone";
    this.updates.push((_at, state) => write(phase, state.slow && state.phase ? scene.say(`phase.${state.phase === 1 ? first : state.phase}`) : ""));
    picture.append(...layers.flat(), phase);
    this.root.replaceChildren(picture);
  }

  /** @param {string} tag @param {string} part @param {number} phase @param {Record<string, any>} attributes @param {Node[]} [children] */
  part(tag, part, phase, attributes, children = []) {
    const node = svg(tag, { ...attributes, "data-part": part, "data-phase": phase }, children);
    node.addEventListener("pointerenter", () => this.store.set({ hover: part }));
    node.addEventListener("pointerleave", () => this.store.set({ hover: null }));
    return node;
  }

  /** @param {Wire} wire */
  control(wire) {
    const path = this.part("path", wire.part, wire.phase, { d: wire.d, class: `control q-${wire.part}` });
    this.updates.push((at) => (path.style.opacity = String(0.35 + 0.65 * clamp(at[wire.reading], 0, 1))));
    return path;
  }

  /** @param {Wire} wire */
  wire(wire) {
    const path = this.part("path", wire.part, wire.phase, { d: wire.d, class: wire.thin ? "wire thin" : "wire" });
    this.updates.push((at, state) => {
      const value = at[wire.reading] ?? 0;
      path.style.strokeWidth = `${1.2 + (wire.thin ? THIN : WIDEST) * Math.min(1, Math.abs(value) * (wire.gain ?? 1))}px`;
      path.dataset.sign = state.mode === "layer" ? "size" : value < 0 ? "negative" : "positive";
    });
    return path;
  }

  /** @param {Knot} node */
  node(node) {
    const name = node.text ?? (NAMES[this.scene.equation(node.function ?? "").function] || "W"); // a sum that stays as it is
    const wide = name.length > 1;
    const shape = wide
      ? svg("rect", { x: -26, y: -16, width: 52, height: 32, rx: 7 })
      : svg("circle", { r: name === "W" ? 12 : 14 });
    const label = svg("text", { "text-anchor": "middle", dy: "0.36em" }, [name]);
    const kind = name === "+" ? "plus" : wide ? "squash" : name === "W" ? "matrix" : "sigma";
    return this.part("g", node.part, node.phase, { class: `node ${kind} q-${node.part}`, transform: `translate(${node.x} ${node.y})` }, [shape, label]);
  }

  /** @param {Valve} valve */
  valve(valve) {
    const pie = svg("circle", { r: RADIUS / 2, class: "open", transform: "rotate(-90)" });
    const name = svg("text", { class: "name", x: valve.at[0] - valve.x, y: valve.at[1] - valve.y, "text-anchor": valve.anchor ?? "start" });
    const group = this.part("g", valve.part, valve.phase, { class: `valve q-${valve.part}`, transform: `translate(${valve.x} ${valve.y})` }, [
      svg("circle", { r: RADIUS, class: "rim" }), pie, name,
    ]);
    this.updates.push((at, state) => {
      const share = clamp(at[valve.reading], 0, 1);
      pie.style.strokeDasharray = `${AROUND * share} ${AROUND}`;
      write(name, `${this.scene.say(`valve.${valve.label}`)} ${this.formula(valve.reading, state.convention)} ${nearly(at[valve.reading])}`);
    });
    return group;
  }

  /** @param {Box} box */
  box(box) {
    const value = svg("text", { x: 36, y: 5, "text-anchor": "middle", class: "number" });
    const symbol = svg("text", { x: 36, y: -23, "text-anchor": "middle", class: "symbol" }, [box.symbol]);
    const group = this.part("g", box.part, 0, { class: `box q-${box.part}`, transform: `translate(${box.x} ${box.y})` }, [
      svg("rect", { y: -16, width: 72, height: 32, rx: 7 }), value, symbol,
    ]);
    this.updates.push((at, state) => {
      if (box.reading === "x") write(value, this.scene.below ? this.scene.say("below.count", { count: this.scene.below.width }) : this.token(state));
      else write(value, text(at[box.reading], 2));
      value.classList.toggle("long", (value.textContent ?? "").length > 8);
      if (box.reading === "x") write(symbol, this.scene.below ? `x = ${this.scene.belowName()}` : "x");
      else write(symbol, state.mode === "layer" ? `|${box.symbol}|` : box.symbol);
    });
    return group;
  }

  /** @param {import("./store.js").State} state */
  token(state) {
    const side = this.scene.side(state.show);
    const signs = Array.from(side.word(Math.min(state.step, side.steps - 1)));
    return `“${signs.length > 7 ? `${signs.slice(0, 6).join("")}…` : signs.join("")}”`;
  }

  /** @param {Note} note */
  note(note) {
    const label = this.part("text", note.part, note.phase, { x: note.x, y: note.y, class: `note ${note.label ? `named q-${note.part}` : ""}`, "data-reading": note.reading, "text-anchor": note.anchor ?? "start" });
    this.updates.push((at, state) => {
      const name = note.label ? `${this.scene.say(`valve.${note.label}`)} ${state.mode === "layer" ? `|${note.part}|` : note.part} = ` : "";
      const bias = note.reading.endsWith(".b");
      write(label, bias && !at[note.reading] ? "" : (bias ? "b + b′ " : name) + signed(at[note.reading], !note.label && state.mode === "unit"));
    });
    return label;
  }

  /** What is written at a valve: in the other convention a gate's letter stands for what it leaves. @param {string} reading @param {string} convention */
  formula(reading, convention) {
    const { turns } = this.scene;
    if (!turns || ![turns, "write"].includes(reading)) return reading;
    return (reading === turns) === (convention === "keep") ? turns : `1 − ${turns}`;
  }

  /** @param {import("./store.js").State} state */
  draw(state) {
    const side = this.scene.side(state.show);
    const step = Math.min(state.step, side.steps - 1);
    this.root.classList.toggle("waiting", !side.has(step));
    if (!side.has(step) || !this.scene.plan) return;
    const at = state.mode === "layer" ? means(this.scene, side, step) : readings(this.scene, side, step, state.unit, state.convention);
    for (const update of this.updates) update(at, state);
    this.root.dataset.phase = String(state.slow ? state.phase : 0);
  }
}

/** A gate with two decimals; what is only nearly shut or open is not written as if it were. @param {number} value */
function nearly(value) {
  const words = text(value, 2);
  if (words === "0.00" && value > 0) return "< 0.01";
  return words === "1.00" && value < 1 ? "> 0.99" : `= ${words}`;
}

/** @param {number} value @param {boolean} sign */
function signed(value, sign) {
  return (sign && value >= 0 ? "+" : "") + text(value, 2);
}

/** @param {number} value @param {number} low @param {number} high */
function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value || 0));
}
