// @ts-check
// The left half: ribbon of tokens, belief, strips and lines on one time axis, with playhead and crosshair.

import { Axis } from "./axis.js";
import { TOO_LONG, drawBelief } from "./belief.js";
import { endsOf, endsOfDifference } from "./ends.js";
import { percent } from "./digits.js";
import { el, svg, write } from "./elements.js";
import { DASHES, drawLines } from "./lines.js";
import { Minimap } from "./minimap.js";
import { Ribbon } from "./ribbon.js";
import { Strip } from "./strips.js";

/** @typedef {import("./store.js").State} State */
/** @typedef {import("./scene.js").Scene} Scene */

const ROOM = 416;
const ROOM_OF_MANY = 516;

export class TimeAxis {
  /** @param {HTMLElement} root @param {import("./store.js").Store} store @param {import("./colours.js").Colours} colours */
  constructor(root, store, colours) {
    const find = (/** @type {string} */ name) => /** @type {HTMLElement} */ (root.querySelector(name));
    this.root = root;
    this.store = store;
    this.colours = colours;
    this.scene = /** @type {Scene} */ (/** @type {unknown} */ (null));
    this.gutter = find(".gutter");
    this.rows = find(".rows");
    this.ends = find(".ends");
    this.playhead = find(".playhead");
    this.future = find(".future");
    this.axis = new Axis(find(".scroll"), find(".track"));
    this.ribbon = new Ribbon(find(".ribbon"), this.axis);
    this.minimap = new Minimap(/** @type {HTMLCanvasElement} */ (root.querySelector(".minimap")), this.axis);
    /** @type {Strip[]} */
    this.strips = [];
    this.marks = /** @type {HTMLElement[]} */ ([]);
    this.pending = 0;
    this.axis.scroll.addEventListener("scroll", () => this.scrolled(), { passive: true });
  }

  /** @param {Scene} scene */
  show(scene) {
    this.scene = scene;
    const strips = scene.quantities.length;
    const room = strips > 4 ? ROOM_OF_MANY : ROOM;
    const tall = this.root.closest(".player:fullscreen") ? Math.max(room, window.innerHeight - 390) : room;
    this.height = Math.max(44, Math.min(280, Math.floor(tall / strips) - 6));
    this.beliefHeight = scene.A.belief ? (scene.A.belief.kind === "inputs" ? Math.min(84, 16 * scene.A.belief.rows + 12) : 84) : 0;
    this.linesHeight = 112;
    const rows = [el("canvas"), ...scene.quantities.map(() => el("canvas")), el("canvas")];
    const [belief, ...others] = /** @type {HTMLCanvasElement[]} */ (rows);
    const lines = /** @type {HTMLCanvasElement} */ (others.pop());
    const names = el("canvas", { class: "names", "data-testid": "river-names" });
    Object.assign(this, { beliefCanvas: belief, namesCanvas: names, linesCanvas: lines });
    this.strips = scene.quantities.map((/** @type {string} */ q, /** @type {number} */ k) => new Strip(others[k], q));
    this.marks = this.strips.map(() => el("div", { class: "unitmark" }));
    const row = (/** @type {string} */ kind, /** @type {Node[]} */ children, /** @type {number} */ height, /** @type {any} */ more = {}) =>
      el("div", { class: `row ${kind}`, style: `height:${height}px`, ...more }, children);
    this.rows.replaceChildren(
      row("belief", [belief, names], this.beliefHeight, { "data-testid": "belief" }),
      ...this.strips.map((strip, k) => row("strip", [strip.canvas, this.marks[k]], this.height ?? 0, { "data-testid": `strip-${strip.quantity}`, "data-part": strip.quantity })),
      row("lines", [lines], this.linesHeight, { "data-testid": "lines" }),
    );
    this.label(scene);
  }

  /** Names of the rows at their left. @param {Scene} scene */
  label(scene) {
    const name = (/** @type {string} */ kind, /** @type {(Node | string)[]} */ children, /** @type {number} */ height, /** @type {any} */ more = {}) =>
      el("div", { class: `name ${kind}`, style: `height:${height}px`, ...more }, children);
    const { kind } = scene.A.belief ?? {};
    const belief = kind === "inputs" && scene.below ? scene.belowName() : kind ? scene.say(`belief.${kind}`) : "";
    this.unknownName = el("small", { "data-testid": "unknown-name" });
    this.unitName = el("span", { class: "words" });
    this.pinned = el("span", { class: "pinned", "data-testid": "pinned" });
    this.way = el("small", {});
    this.gutter.replaceChildren(
      el("div", { class: "name top" }),
      name("belief", [el("span", { class: "words" }, [belief]), this.unknownName], this.beliefHeight ?? 0),
      ...this.strips.map(({ quantity: q }) =>
        name("strip", [el("i", { class: `q-${q}` }, [q]), el("span", { class: "words" }, [scene.say(`quantity.${q}`)]), ...(q === scene.turns ? [this.way ?? ""] : [])], this.height ?? 0, { "data-part": q }),
      ),
      name("lines", [this.unitName, el("span", { class: "legend" }, scene.quantities.map((/** @type {string} */ q) => el("i", { class: `q-${q}` }, [q]))), this.pinned], this.linesHeight ?? 0),
    );
  }

  /** The order of units shown, top to bottom. @param {State} state @returns {ArrayLike<number>} */
  order(state) {
    const { orders, A, meta } = this.scene;
    const shown = A.groups ? orders.findIndex((/** @type {any} */ one) => one.name === meta.selection.order) : state.order;
    const found = orders[Math.max(0, shown)]?.units;
    return found?.length === this.scene.units ? found : Array.from({ length: this.scene.units }, (_, k) => k);
  }

  /** Everything anew: other data, size, order or theme. @param {State} state */
  paint(state) {
    const side = this.scene.side(state.show);
    this.root.classList.toggle("differs", state.show === "diff");
    this.axis.fit(side.steps);
    for (const strip of this.strips) strip.paint(this.scene, state, this.order(state), this.colours, this.height ?? 0);
    this.ribbon.show(side, this.scene.meta.partings);
    this.sayEnds(state);
    this.draw(state);
    this.mark(state);
    this.axis.reveal(state.step);
  }

  /** How far the colours run where that is not −1 to 1, and that what lies beyond is marked. @param {State} state */
  sayEnds(state) {
    const { scene } = this;
    const { A, B } = scene;
    const said = scene.quantities.map((/** @type {string} */ q) =>
      state.show === "diff" && B ? endsOfDifference(scene, q, A.cells[q], B.cells[q]) : endsOf(scene, q, [scene.side(state.show).cells[q]]));
    const { belief } = scene.side(state.show);
    const legend = belief?.unknown ? `${TOO_LONG} = ${belief.unknown}` : "";
    /** @type {any} */ (this).namesCanvas.title = legend;
    write(/** @type {Element} */ (this.unknownName), legend);
    write(this.ends, said.filter(Boolean).join(" "));
    this.ends.hidden = !this.ends.textContent;
  }

  /** What stands on canvas, for the columns that are seen. @param {State} state */
  draw(state) {
    const { axis, colours, scene } = this;
    const share = (/** @type {number} */ part) => scene.say("percent", { value: percent(part) });
    const belief = scene.belief(state.show);
    if (this.beliefHeight) drawBelief(/** @type {any} */ (this).beliefCanvas, /** @type {any} */ (this).namesCanvas, belief, axis, this.beliefHeight, colours, share);
    for (const strip of this.strips) strip.draw(axis, this.height ?? 0, colours);
    drawLines(/** @type {any} */ (this).linesCanvas, scene, state, axis, this.linesHeight ?? 0, colours);
    this.ribbon.draw(state.step);
    this.minimap.draw(this.strips[this.strips.length - 1].picture, state.step, colours);
  }

  /** Playhead and the selected unit's row. @param {State} state */
  mark(state) {
    const { axis } = this;
    const x = state.step * axis.column;
    this.playhead.style.transform = `translateX(${x}px)`;
    this.future.style.transform = `translateX(${x + axis.column}px)`;
    this.ribbon.draw(state.step);
    const place = Array.prototype.indexOf.call(this.order(state), state.unit);
    this.marks.forEach((mark, k) => {
      const width = this.scene.A.widthOf(this.strips[k].quantity);
      const row = width === this.scene.units ? place : state.unit;
      const thick = Math.max(3, (this.height ?? 0) / width);
      mark.hidden = row < 0 || row >= width;
      mark.style.transform = `translateY(${((row + 0.5) / width) * (this.height ?? 0) - thick / 2}px)`;
      mark.style.height = `${thick}px`;
    });
    if (this.unitName) write(this.unitName, this.scene.say("unit.number", { unit: state.unit }));
    this.namePins(state);
    if (this.way) write(this.way, this.scene.say(`z.short.${state.convention}`));
  }

  /** Which dashes are which pinned unit. @param {State} state */
  namePins({ pins, unit }) {
    const named = pins.map((pin, k) => ({ pin, dash: DASHES[k % DASHES.length].join(" ") })).filter(({ pin }) => pin !== unit);
    const words = named.map(({ pin }) => pin).join(" ");
    if (!this.pinned || this.pinned.dataset.names === words) return;
    this.pinned.dataset.names = words;
    const line = (/** @type {string} */ dash) => svg("svg", { viewBox: "0 0 26 6", "aria-hidden": true }, [svg("path", { d: "M0 3H26", "stroke-dasharray": dash })]);
    this.pinned.replaceChildren(...named.map(({ pin, dash }) => el("span", {}, [line(dash), String(pin)])));
  }

  /** The unit under the pointer, in the order shown. @param {MouseEvent} event @param {HTMLElement} row @param {State} state */
  unitAt(event, row, state) {
    const { top, height } = row.getBoundingClientRect();
    const width = this.scene.A.widthOf(row.dataset.part ?? this.scene.output);
    const place = Math.min(width - 1, Math.max(0, Math.floor(((event.clientY - top) / height) * width)));
    return width === this.scene.units ? this.order(state)[place] : place;
  }

  scrolled() {
    if (this.pending) return;
    this.pending = requestAnimationFrame(() => {
      this.pending = 0;
      this.axis.left = this.axis.scroll.scrollLeft;
      this.draw(this.store.state);
    });
  }
}
