// @ts-check
// One quantity as units × steps. The picture is made once, a pixel a cell, and only scaled when drawn; rows that would be
// thinner than a pixel and a half are averages of their neighbours in the order shown.

import { LEVELS, NONE } from "./scene.js";

const THINNEST = 1.5;

/** A strip's picture: a pixel a cell, a row a unit or the mean of those that share one.
 * @param {HTMLCanvasElement} picture @param {{cells: ArrayLike<number>, steps: number, width: number, rowOf: ArrayLike<number>, ramp: Uint32Array, turned?: boolean}} what
 * `cells`: steps × width, `rowOf`: where each of them stands, top to bottom
 * @param {number} height of the strip on screen */
export function picture(picture, { cells, steps, width, rowOf, ramp, turned = false }, height) {
  const rows = Math.min(width, Math.max(1, Math.floor(height / THINNEST)));
  const drawn = Uint16Array.from(rowOf, (row) => Math.floor((row * rows) / width));
  const image = new ImageData(steps, rows);
  fill(new Uint32Array(image.data.buffer), cells, { steps, width, rows, drawn, ramp, turned });
  Object.assign(picture, { width: steps, height: rows });
  /** @type {CanvasRenderingContext2D} */ (picture.getContext("2d")).putImageData(image, 0, 0);
}

/** The part of a picture that is seen. @param {HTMLCanvasElement} canvas @param {HTMLCanvasElement} picture
 * @param {import("./axis.js").Axis} axis @param {number} height @param {import("./colours.js").Colours} colours */
export function drawPicture(canvas, picture, axis, height, colours) {
  const context = axis.surface(canvas, height);
  const { first, last } = axis.seen;
  const steps = Math.min(last, picture.width) - first;
  if (steps <= 0) return;
  context.imageSmoothingEnabled = false;
  context.drawImage(picture, first, 0, steps, picture.height, axis.x(first), 0, steps * axis.column, height);
  if (axis.column < 14) return;
  context.fillStyle = colours.css("panel");
  const gap = axis.column > 40 ? 2 : 1;
  for (let step = first; step <= last; step++) context.fillRect(axis.x(step) - gap / 2, 0, gap, height);
}

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
    const both = state.show === "diff" && B ? B : null;
    const side = both ? A : scene.side(state.show);
    const steps = both ? Math.min(A.steps, both.steps) : side.steps;
    const { data, width, rowOf } = side.strip(this.quantity, order);
    const ramp = colours.ramp(this.quantity, scene.isGate(this.quantity) && !both);
    const turned = this.quantity === "z" && state.convention === "new"; // a difference turns with it: LEVELS / 2 stays
    const cells = both ? difference(scene, this.quantity, A, both, steps) : data;
    picture(this.picture, { cells, steps, width, rowOf, ramp, turned }, height);
  }

  /** @param {import("./axis.js").Axis} axis @param {number} height @param {import("./colours.js").Colours} colours */
  draw(axis, height, colours) {
    drawPicture(this.canvas, this.picture, axis, height, colours);
  }
}

/** Colour every pixel by the mean of its cells; those that are not there do not count.
 * @param {Uint32Array} words @param {ArrayLike<number>} cells steps × width
 * @param {{steps: number, width: number, rows: number, drawn: Uint16Array, ramp: Uint32Array, turned: boolean}} how `drawn`:
 * the pixel row of each cell of a step */
function fill(words, cells, { steps, width, rows, drawn, ramp, turned }) {
  const total = new Uint32Array(rows);
  const count = new Uint32Array(rows);
  for (let step = 0; step < steps; step++) {
    total.fill(0);
    count.fill(0);
    for (let k = 0, at = step * width; k < width; k++, at++) {
      if (cells[at] === NONE) continue;
      total[drawn[k]] += cells[at];
      count[drawn[k]] += 1;
    }
    for (let row = 0; row < rows; row++) {
      const byte = count[row] ? Math.round(total[row] / count[row]) : NONE;
      words[row * steps + step] = ramp[turned && byte !== NONE ? LEVELS - byte : byte];
    }
  }
}

/** B − A as bytes, zero in the middle, from −1 to 1 or as wide as the wider of both scales.
 * @param {import("./scene.js").Scene} scene @param {string} q @param {import("./scene.js").Side} A @param {import("./scene.js").Side} B @param {number} steps */
function difference(scene, q, A, B, steps) {
  const end = scene.isGate(q) ? 1 : Math.max(-A.scales[q][0], -B.scales[q][0]);
  const [one, two] = [A.tensor(`strip.${q}`), B.tensor(`strip.${q}`)];
  const [[lowA, sizeA], [lowB, sizeB]] = [A.scales[q], B.scales[q]];
  const cells = new Uint8Array(steps * one.shape[1]);
  for (let at = 0; at < cells.length; at++) {
    const gap = lowB + two.data[at] * sizeB - lowA - one.data[at] * sizeA;
    const there = one.data[at] !== NONE && two.data[at] !== NONE;
    cells[at] = there ? Math.round(LEVELS / 2 + (LEVELS / 2) * Math.max(-1, Math.min(1, gap / end))) : NONE;
  }
  return cells;
}
