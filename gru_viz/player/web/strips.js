// @ts-check
// One quantity as units × steps. The picture is made once, a pixel a cell, and only scaled when drawn; rows that would be
// thinner than a pixel and a half are averages of their neighbours in the order shown.

import { NONE } from "./scene.js";

const THINNEST = 1.5;

export class Strip {
  /** @param {HTMLCanvasElement} canvas @param {string} quantity */
  constructor(canvas, quantity) {
    this.canvas = canvas;
    this.quantity = quantity;
    this.picture = document.createElement("canvas");
  }

  /**
   * Make the picture.
   * @param {import("./scene.js").Scene} scene @param {import("./store.js").State} state
   * @param {ArrayLike<number>} order @param {import("./colours.js").Colours} colours @param {number} height
   */
  paint(scene, state, order, colours, height) {
    const { A, B } = scene;
    const steps = state.show === "diff" && B ? Math.min(A.steps, B.steps) : scene.side(state.show).steps;
    const width = A.widthOf(this.quantity);
    const kept = width === order.length ? order : Array.from({ length: width }, (_, k) => k);
    const rows = Math.min(width, Math.max(1, Math.floor(height / THINNEST)));
    const gate = scene.isGate(this.quantity) && state.show !== "diff";
    const ramp = colours.ramp(this.quantity, gate);
    const image = new ImageData(steps, rows);
    const words = new Uint32Array(image.data.buffer);
    const byteAt = this.reader(scene, state);
    for (let row = 0; row < rows; row++) {
      const from = Math.floor((row * width) / rows);
      const to = Math.max(from + 1, Math.floor(((row + 1) * width) / rows));
      for (let step = 0; step < steps; step++) words[row * steps + step] = ramp[averaged(byteAt, kept, step, from, to)];
    }
    Object.assign(this.picture, { width: steps, height: rows });
    /** @type {CanvasRenderingContext2D} */ (this.picture.getContext("2d")).putImageData(image, 0, 0);
  }

  /** How a cell's byte is read: from the trace shown, or as the difference of both, zero in the middle.
   * @param {import("./scene.js").Scene} scene @param {import("./store.js").State} state @returns {(step: number, unit: number) => number} */
  reader(scene, state) {
    const q = this.quantity;
    const { A, B } = scene;
    if (state.show === "diff" && B) {
      const end = scene.isGate(q) ? 1 : 2 * Math.max(-A.scales[q][0], -B.scales[q][0]);
      return (step, unit) => {
        const gap = B.near(q, step, unit) - A.near(q, step, unit);
        return Number.isNaN(gap) ? NONE : Math.round(127 + 127 * Math.max(-1, Math.min(1, gap / end)));
      };
    }
    const { data, shape } = scene.side(state.show).tensor(`strip.${q}`);
    const turned = q === "z" && state.convention === "new";
    const width = shape[1];
    if (!turned) return (step, unit) => data[step * width + unit];
    return (step, unit) => {
      const byte = data[step * width + unit];
      return byte === NONE ? NONE : 254 - byte;
    };
  }

  /** @param {import("./axis.js").Axis} axis @param {number} height @param {import("./colours.js").Colours} colours */
  draw(axis, height, colours) {
    const context = axis.surface(this.canvas, height);
    const { first, last } = axis.seen;
    const steps = Math.min(last, this.picture.width) - first;
    if (steps <= 0) return;
    context.imageSmoothingEnabled = false;
    context.drawImage(this.picture, first, 0, steps, this.picture.height, axis.x(first), 0, steps * axis.column, height);
    if (axis.column < 14) return;
    context.fillStyle = colours.css("panel");
    const gap = axis.column > 40 ? 2 : 1;
    for (let step = first; step <= last; step++) context.fillRect(axis.x(step) - gap / 2, 0, gap, height);
  }
}

/** @param {(step: number, unit: number) => number} byteAt @param {ArrayLike<number>} order @param {number} step @param {number} from @param {number} to */
function averaged(byteAt, order, step, from, to) {
  if (to - from === 1) return byteAt(step, order[from]);
  let total = 0;
  let count = 0;
  for (let place = from; place < to; place++) {
    const byte = byteAt(step, order[place]);
    if (byte !== NONE) {
      total += byte;
      count += 1;
    }
  }
  return count ? Math.round(total / count) : NONE;
}
