// @ts-check
// One quantity as units × steps. The picture is made once, a pixel a cell, and only scaled when drawn; rows that would be
// thinner than a pixel and a half are averages of their neighbours in the order shown. What lies beyond the colours' ends
// has the end's colour and a dark bar through its middle.

import { LEVELS, MIDDLE, colourOf, isBeyond } from "./cells.js";

const THINNEST = 1.5;
/** A bar that marks what lies beyond takes this share of its column. */
const BAR = 0.18;

/** A strip's picture: a pixel a cell, a row a unit or the mean of those that share one.
 * @param {HTMLCanvasElement} picture @param {{place: (step: number, row: number) => number, steps: number, width: number, rowOf: ArrayLike<number>, ramp: Uint32Array}} what
 * `place`: where a cell stands on the colours, `rowOf`: where each of them stands, top to bottom
 * @param {number} height of the strip on screen
 * @returns {Uint8Array | null} rows × steps: 1 where something lies beyond the colours' ends; null where nothing does */
export function picture(picture, { place, steps, width, rowOf, ramp }, height) {
  const rows = Math.min(width, Math.max(1, Math.floor(height / THINNEST)));
  const drawn = Uint16Array.from(rowOf, (row) => Math.floor((row * rows) / width));
  const image = new ImageData(steps, rows);
  const beyond = fill(new Uint32Array(image.data.buffer), place, { steps, width, rows, drawn, ramp });
  Object.assign(picture, { width: steps, height: rows });
  /** @type {CanvasRenderingContext2D} */ (picture.getContext("2d")).putImageData(image, 0, 0);
  return beyond;
}

/** The part of a picture that is seen. @param {HTMLCanvasElement} canvas @param {HTMLCanvasElement} picture
 * @param {Uint8Array | null} beyond @param {import("./axis.js").Axis} axis @param {number} height @param {import("./colours.js").Colours} colours */
export function drawPicture(canvas, picture, beyond, axis, height, colours) {
  const context = axis.surface(canvas, height);
  const { first, last } = axis.seen;
  const steps = Math.min(last, picture.width) - first;
  if (steps <= 0) return;
  context.imageSmoothingEnabled = false;
  context.drawImage(picture, first, 0, steps, picture.height, axis.x(first), 0, steps * axis.column, height);
  if (beyond) drawBeyond(context, beyond, picture, axis, height, colours);
  if (axis.column < 14) return;
  context.fillStyle = colours.css("panel");
  const gap = axis.column > 40 ? 2 : 1;
  for (let step = first; step <= last; step++) context.fillRect(axis.x(step) - gap / 2, 0, gap, height);
}

/** @param {CanvasRenderingContext2D} context @param {Uint8Array} beyond @param {HTMLCanvasElement} picture
 * @param {import("./axis.js").Axis} axis @param {number} height @param {import("./colours.js").Colours} colours */
function drawBeyond(context, beyond, picture, axis, height, colours) {
  const { first, last } = axis.seen;
  const row = height / picture.height;
  const wide = Math.max(1.5, BAR * axis.column);
  context.fillStyle = colours.css("ink");
  for (let step = first; step < Math.min(last, picture.width); step++) {
    for (let k = 0; k < picture.height; k++) {
      if (beyond[k * picture.width + step]) context.fillRect(axis.x(step) + (axis.column - wide) / 2, k * row, wide, row);
    }
  }
}

export class Strip {
  /** @param {HTMLCanvasElement} canvas @param {string} quantity */
  constructor(canvas, quantity) {
    this.canvas = canvas;
    this.quantity = quantity;
    this.picture = document.createElement("canvas");
    this.beyond = /** @type {Uint8Array | null} */ (null);
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
    const cells = side.cells[this.quantity];
    const steps = both ? Math.min(A.steps, both.steps) : side.steps;
    const ramp = colours.ramp(this.quantity, cells.gate && !both);
    const turned = scene.turned(this.quantity, state.convention); // a difference turns with it: the middle stays
    const straight = both ? difference(cells, both.cells[this.quantity]) : (/** @type {number} */ step, /** @type {number} */ row) => cells.place(step, row);
    const place = turned ? (/** @type {number} */ step, /** @type {number} */ row) => LEVELS - straight(step, row) : straight;
    this.beyond = picture(this.picture, { place, steps, width: cells.rows, rowOf: side.rowsOf(this.quantity, order), ramp }, height);
  }

  /** @param {import("./axis.js").Axis} axis @param {number} height @param {import("./colours.js").Colours} colours */
  draw(axis, height, colours) {
    drawPicture(this.canvas, this.picture, this.beyond, axis, height, colours);
  }
}

/** Colour every pixel by the mean of its cells, each at most at the colours' end; those that are not there do not count.
 * @param {Uint32Array} words @param {(step: number, row: number) => number} place
 * @param {{steps: number, width: number, rows: number, drawn: Uint16Array, ramp: Uint32Array}} how `drawn`: the pixel row of each
 * cell of a step */
function fill(words, place, { steps, width, rows, drawn, ramp }) {
  const total = new Float64Array(rows);
  const count = new Uint32Array(rows);
  const beyond = new Uint8Array(rows * steps);
  let any = false;
  for (let step = 0; step < steps; step++) {
    total.fill(0);
    count.fill(0);
    for (let k = 0; k < width; k++) {
      const at = place(step, k);
      if (Number.isNaN(at)) continue;
      total[drawn[k]] += Math.min(LEVELS, Math.max(0, at));
      count[drawn[k]] += 1;
      if (isBeyond(at)) any = Boolean((beyond[drawn[k] * steps + step] = 1));
    }
    for (let row = 0; row < rows; row++) words[row * steps + step] = ramp[colourOf(count[row] ? total[row] / count[row] : NaN)];
  }
  return any ? beyond : null;
}

/** B − A as places, zero in the middle, from −1 to 1 or as wide as the wider of both scales.
 * @param {import("./cells.js").Cells} A @param {import("./cells.js").Cells} B @returns {(step: number, row: number) => number} */
function difference(A, B) {
  const end = Math.max(A.end, B.end);
  return (step, row) => MIDDLE + (MIDDLE * (B.value(step, row) - A.value(step, row))) / end;
}
