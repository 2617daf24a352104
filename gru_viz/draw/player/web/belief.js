// @ts-check
// The row under the tokens: a river of classes, the likeliest next symbols, a forecast, or the input's columns.

import { percent, roughly, text } from "./digits.js";

/** @typedef {import("./axis.js").Axis} Axis */
/** @typedef {import("./colours.js").Colours} Colours */

/** @param {HTMLCanvasElement} canvas @param {HTMLCanvasElement} names lies over everything @param {any} belief @param {Axis} axis
 * @param {number} height @param {Colours} colours @param {(share: number) => string} percent */
export function drawBelief(canvas, names, belief, axis, height, colours, percent) {
  const context = axis.surface(canvas, height);
  const over = axis.surface(names, height);
  names.style.marginTop = `${-height}px`;
  names.dataset.labels = "[]";
  // A text much shorter than the last one is first drawn scrolled to where that one was: nothing is seen yet.
  if (!belief || axis.seen.last <= axis.seen.first) return;
  if (belief.kind === "classify") {
    const labels = labelsOf(over, belief, drawRiver(context, belief, axis, height, colours), axis, height, percent);
    for (const label of labels) writeLabel(over, label, colours);
    names.dataset.labels = JSON.stringify(labels);
  } else if (belief.kind === "next") drawGuesses(context, belief, axis, height, colours);
  else if (belief.kind === "forecast") drawSeries(context, belief, axis, height, colours);
  else drawInputs(context, belief, axis, height, colours);
}

/** @typedef {{row: number, floor: number[]}} Band a class, and at every step that is seen where its band begins */
/** @typedef {{text: string, step: number, x: number, y: number, half: number}} Label its middle, and half its width */

/** A share or a number of a step in words, as near as it is known here. @param {import("./scene.js").Scene} scene @param {any} belief
 * @param {number} row @param {number} step @param {number} digits of a number */
export function said(scene, belief, row, step, digits) {
  const value = belief.at(row, step);
  const decimals = belief.decimals(row, step);
  if (belief.kind !== "classify" && belief.kind !== "next") return decimals === null ? text(value, digits) : roughly(value, decimals);
  return decimals === null ? scene.say("percent", { value: percent(value, 1) }) : `≈ ${scene.say("percent", { value: percent(value) })}`;
}

/** The bands, from bottom to top. @param {CanvasRenderingContext2D} context @param {any} belief @param {Axis} axis @param {number} height
 * @param {Colours} colours @returns {Band[]} */
function drawRiver(context, belief, axis, height, colours) {
  const steps = seenSteps(axis);
  const floor = steps.map(() => 0);
  /** @type {Band[]} */
  const bands = [];
  for (let row = 0; row < belief.colours.length; row++) {
    const top = steps.map((step, k) => floor[k] + belief.at(row, step));
    band(context, axis, steps, floor, top, height, belief.colours[row]);
    bands.push({ row, floor: [...floor] });
    top.forEach((value, k) => (floor[k] = value));
  }
  band(context, axis, steps, floor, steps.map(() => 1), height, colours.css("rest"));
  return bands;
}

/** @param {Axis} axis */
function seenSteps({ seen: { first, last } }) {
  return Array.from({ length: last - first }, (_, k) => first + k);
}

/** The likeliest class at a step, also where that is none of the bands. @param {any} belief @param {number} step */
function leads(belief, step) {
  return Array.from({ length: belief.rows }, (_, row) => row).reduce((best, row) => (belief.at(row, step) > belief.at(best, step) ? row : best), 0);
}

/** Of a forecast's rows: what was given and what was foretold for that step; the third is written as a number. */
const DRAWN = 2;
const LABEL = "600 11px system-ui, sans-serif";
/** Half a line of it, and how far it keeps from the edges, in pixels. */
const HALF_LINE = 8;
const EDGE = 1;
/** A band thinner than this has no name. */
const THINNEST = 15;

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

/** Each class is named once, with its share at that step: who leads where the river ends there, and first, so that the last
 * name one reads is the last belief; every other at its peak, or at the nearest step where it has at least half of that and
 * the words touch no others.
 * @param {CanvasRenderingContext2D} context @param {any} belief @param {Band[]} bands @param {Axis} axis @param {number} height
 * @param {(share: number) => string} percent @returns {Label[]} */
function labelsOf(context, belief, bands, axis, height, percent) {
  const steps = seenSteps(axis);
  const end = steps.length - 1;
  const leader = leads(belief, steps[end]);
  context.font = LABEL;
  const sorted = bands.map((band) => {
    const shares = steps.map((step) => belief.at(band.row, step));
    return { ...band, shares, peak: shares.indexOf(Math.max(...shares)) };
  }).sort((a, b) => Number(b.row === leader) - Number(a.row === leader) || b.shares[b.peak] - a.shares[a.peak]);
  /** @type {Label[]} */
  const labels = [];
  for (const { row, floor, shares, peak } of sorted) {
    const least = Math.max(shares[peak] / 2, THINNEST / height);
    const near = steps.map((_, k) => k).filter((k) => shares[k] >= least).sort((a, b) => Math.abs(a - peak) - Math.abs(b - peak));
    const places = (row === leader ? [end] : near).flatMap((k) => {
      const words = `${belief.names[row]} ${percent(shares[k])}`;
      return placesAt({ text: words, step: steps[k], half: context.measureText(words).width / 2 + 4 }, floor[k], shares[k], axis, height);
    });
    const last = labels.length && labels[0].step === steps[end] ? labels[0].x : Infinity;
    const free = row === leader ? places[0] : places.find((place) => place.x < last && !labels.some((other) => touch(place, other)));
    if (free) labels.push(free);
  }
  return labels;
}

/** Where a label can stand at its step: in the middle of its band, else higher, lower, or to a side; never over the edge.
 * @param {Pick<Label, "text" | "step" | "half">} label @param {number} floor @param {number} share @param {Axis} axis @param {number} height @returns {Label[]} */
function placesAt(label, floor, share, axis, height) {
  const { column } = axis;
  const width = Math.min(axis.width, column * axis.steps);
  const aside = Math.max(0, label.half - column / 2);
  const room = Math.max(0, (share * height) / 2 - HALF_LINE);
  const within = (/** @type {number} */ at, /** @type {number} */ half, /** @type {number} */ size) => Math.min(Math.max(at, half + EDGE), Math.max(half + EDGE, size - half - EDGE));
  return [0, -aside, aside].flatMap((dx) => [0, -room, room].map((dy) => ({
    ...label,
    x: within(axis.x(label.step) + column / 2 + dx, label.half, width),
    y: within(height * (1 - floor - share / 2) + dy, HALF_LINE, height),
  })));
}

/** @param {Label} a @param {Label} b */
function touch(a, b) {
  return Math.abs(a.x - b.x) < a.half + b.half && Math.abs(a.y - b.y) < 2 * HALF_LINE;
}

/** In ink with the page's colour around it: to be read on every band, played or still veiled. @param {CanvasRenderingContext2D} context @param {Label} label @param {Colours} colours */
function writeLabel(context, { text, x, y }, colours) {
  Object.assign(context, { textAlign: "center", textBaseline: "middle", lineJoin: "round", lineWidth: 3.5 });
  context.strokeStyle = colours.css("panel");
  context.strokeText(text, x, y);
  context.fillStyle = colours.css("ink");
  context.fillText(text, x, y);
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
