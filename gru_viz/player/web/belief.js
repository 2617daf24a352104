// @ts-check
// The row under the tokens: a river of classes, the likeliest next symbols, a forecast, or the input's columns.

import { readableOn } from "./colours.js";

/** @typedef {import("./axis.js").Axis} Axis */
/** @typedef {import("./colours.js").Colours} Colours */

/** @param {HTMLCanvasElement} canvas @param {any} belief @param {Axis} axis @param {number} height @param {Colours} colours @param {(share: number) => string} percent */
export function drawBelief(canvas, belief, axis, height, colours, percent) {
  const context = axis.surface(canvas, height);
  if (!belief) return;
  if (belief.kind === "classify") drawRiver(context, belief, axis, height, colours, percent);
  else if (belief.kind === "next") drawGuesses(context, belief, axis, height, colours);
  else if (belief.kind === "forecast") drawSeries(context, belief, axis, height, colours);
  else drawInputs(context, belief, axis, height, colours);
}

/** @param {CanvasRenderingContext2D} context @param {any} belief @param {Axis} axis @param {number} height @param {Colours} colours @param {(share: number) => string} percent */
function drawRiver(context, belief, axis, height, colours, percent) {
  const { first, last } = axis.seen;
  const steps = Array.from({ length: last - first }, (_, k) => first + k);
  const floor = steps.map(() => 0);
  const leader = leads(belief, steps[steps.length - 1]);
  /** @type {[number, number, number, number][]} */
  const taken = [];
  /** @type {{row: number, floor: number[]}[]} */
  const bands = [];
  for (let row = 0; row < belief.colours.length; row++) {
    const top = steps.map((step, k) => floor[k] + belief.at(row, step));
    band(context, axis, steps, floor, top, height, belief.colours[row]);
    bands.push({ row, floor: [...floor] });
    top.forEach((value, k) => (floor[k] = value));
  }
  band(context, axis, steps, floor, steps.map(() => 1), height, colours.css("rest"));
  context.font = LABEL;
  // Who leads where the river ends is named there first: the last name one reads is the last belief.
  const every = steps.map((_, k) => k);
  const ends = bands.filter(({ row }) => row === leader).map((one) => ({ ...one, among: every.slice(-1) }));
  for (const { row, floor, among } of [...ends, ...bands.map((one) => ({ ...one, among: every }))]) {
    const place = labelPlace(context, belief, { row, floor, among, leads: row === leader }, steps, axis, height, percent, taken);
    if (place) label(context, place, readableOn(belief.colours[row]));
  }
}

/** The likeliest class at a step, also where that is none of the bands. @param {any} belief @param {number} step */
function leads(belief, step) {
  return Array.from({ length: belief.rows }, (_, row) => row).reduce((best, row) => (belief.at(row, step) > belief.at(best, step) ? row : best), 0);
}

/** Of a forecast's rows: what was given and what was foretold for that step; the third is written as a number. */
const DRAWN = 2;
const LABEL = "600 11px system-ui, sans-serif";

/** @param {CanvasRenderingContext2D} context @param {Axis} axis @param {number[]} steps @param {number[]} low @param {number[]} high @param {number} height @param {string} colour */
function band(context, axis, steps, low, high, height, colour) {
  const xs = steps.map((step) => axis.x(step) + axis.column / 2);
  const points = [[axis.x(steps[0]), 0], ...xs.map((x, k) => [x, k]), [axis.x(steps[steps.length - 1]) + axis.column, steps.length - 1]];
  context.beginPath();
  for (const [x, k] of points) context.lineTo(x, height * (1 - high[k]));
  for (const [x, k] of points.reverse()) context.lineTo(x, height * (1 - low[k]));
  context.closePath();
  context.fillStyle = colour;
  context.fill();
}

/** Each class is named where its band is thickest and the words touch no others; at the end only who leads there.
 * @param {CanvasRenderingContext2D} context @param {any} belief
 * @param {{row: number, floor: number[], among: number[], leads: boolean}} band @param {number[]} steps @param {Axis} axis @param {number} height @param {(share: number) => string} percent @param {[number, number, number, number][]} taken */
function labelPlace(context, belief, { row, floor, among, leads }, steps, axis, height, percent, taken) {
  const end = axis.x(steps[steps.length - 1]);
  const ranked = [...among].sort((a, b) => belief.at(row, steps[b]) - belief.at(row, steps[a])).slice(0, 6);
  context.font = LABEL;
  for (const k of ranked) {
    const share = belief.at(row, steps[k]);
    if (share * height < 15) return null;
    // At the edges the column's frame would cut through a label that is pushed inwards: there the name must do.
    const middle = axis.x(steps[k]) + axis.column / 2;
    const full = `${belief.names[row]} ${percent(share)}`;
    const wide = context.measureText(full).width / 2 + 4;
    const text = middle - wide < 0 || middle + wide > axis.width ? belief.names[row] : full;
    const half = context.measureText(text).width / 2 + 4;
    const x = Math.min(Math.max(middle, half), axis.width - half);
    const y = height * (1 - floor[k] - share / 2);
    if (!leads && x + half > end && steps.length > 1) continue;
    const box = /** @type {[number, number, number, number]} */ ([x - half, x + half, y - 8, y + 8]);
    if (taken.some(([a, b, c, d]) => a < box[1] && box[0] < b && c < box[3] && box[2] < d)) continue;
    taken.push(box);
    return { text, x, y };
  }
  return null;
}

/** @param {CanvasRenderingContext2D} context @param {{text: string, x: number, y: number}} place @param {string} colour */
function label(context, place, colour) {
  Object.assign(context, { fillStyle: colour, textAlign: "center", textBaseline: "middle" });
  context.fillText(place.text, place.x, place.y);
}

/** @param {CanvasRenderingContext2D} context @param {any} belief @param {Axis} axis @param {number} height @param {Colours} colours */
function drawGuesses(context, belief, axis, height, colours) {
  const cell = height / belief.rows;
  const { first, last } = axis.seen;
  Object.assign(context, { textAlign: "center", textBaseline: "middle" });
  context.font = `${Math.max(8, Math.min(15, axis.column * 0.8, cell * 0.7))}px system-ui, "Noto Sans CJK SC", sans-serif`;
  for (let step = first; step < last; step++) {
    for (let row = 0; row < belief.rows; row++) {
      const p = belief.at(row, step);
      context.globalAlpha = Math.max(0.04, p);
      context.fillStyle = belief.colours[0] ?? colours.css("ink");
      context.fillRect(axis.x(step) + 0.5, row * cell + 0.5, axis.column - 1, cell - 1);
      context.globalAlpha = 1;
      context.fillStyle = colours.css("ink");
      context.fillText(short(context, belief.symbol(row, step), axis.column), axis.x(step) + axis.column / 2, (row + 0.55) * cell);
    }
  }
}

/** Stands for a name that has no room in its column. */
export const TOO_LONG = "※";

/** @param {CanvasRenderingContext2D} context @param {string} name @param {number} column */
function short(context, name, column) {
  return Array.from(name).length > 1 && context.measureText(name).width > column ? TOO_LONG : name;
}

/** @param {CanvasRenderingContext2D} context @param {any} belief @param {Axis} axis @param {number} height @param {Colours} colours */
function drawSeries(context, belief, axis, height, colours) {
  const values = [];
  for (let row = 0; row < DRAWN; row++) for (let step = 0; step < axis.steps; step++) values.push(belief.at(row, step));
  const known = values.filter(Number.isFinite);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const { first, last } = axis.seen;
  for (let row = 0; row < DRAWN; row++) {
    context.beginPath();
    let pen = false;
    for (let step = Math.max(0, first - 1); step < Math.min(axis.steps, last + 1); step++) {
      const value = belief.at(row, step);
      const y = height - 6 - ((value - low) / (high - low || 1)) * (height - 12);
      if (Number.isFinite(value)) context[pen ? "lineTo" : "moveTo"](axis.x(step) + axis.column / 2, y);
      pen = Number.isFinite(value);
    }
    context.setLineDash(row ? [2, 3] : []);
    context.strokeStyle = row ? belief.colours[0] || colours.css("quiet") : colours.css("ink");
    context.lineWidth = 1.7;
    context.stroke();
  }
  context.setLineDash([]);
}

/** @param {CanvasRenderingContext2D} context @param {any} belief @param {Axis} axis @param {number} height @param {Colours} colours */
function drawInputs(context, belief, axis, height, colours) {
  const { first, last } = axis.seen;
  let end = Math.max(1e-9, belief.end ?? 0);
  for (let row = 0; row < belief.rows; row++) for (let step = 0; step < axis.steps; step++) end = Math.max(end, Math.abs(belief.at(row, step)) || 0);
  const cell = height / belief.rows;
  const ramp = colours.ramp("h", false);
  for (let step = first; step < last; step++) {
    for (let row = 0; row < belief.rows; row++) {
      const word = ramp[Math.round(127 + 127 * (belief.at(row, step) / end))];
      if (word === undefined) continue; // no number here
      context.fillStyle = `rgb(${word & 255} ${(word >> 8) & 255} ${(word >> 16) & 255})`;
      context.fillRect(axis.x(step), row * cell, axis.column - (axis.column > 14 ? 1 : 0), cell - (cell > 4 ? 0.5 : 0));
    }
  }
}
