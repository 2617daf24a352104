// @ts-check
// In words: how far a strip's colours run, and what its dark bars mark.

import { MIDDLE, isBeyond } from "./cells.js";
import { text } from "./digits.js";

/** A sentence; "" where the colours run from −1 to 1, or a gate's from 0 to 1, and nothing lies beyond.
 * @param {{say: (key: string, params?: Record<string, any>) => string}} scene @param {string} symbol
 * @param {import("./cells.js").Cells[]} strips one, or the two of a difference */
export function endsOf(scene, symbol, strips) {
  const end = Math.max(...strips.map((cells) => cells.end));
  const most = Math.max(...strips.map((cells) => cells.most));
  const { gate } = strips[0];
  const said = { quantity: symbol, end: short(end), most: short(most) };
  if (most > end || (gate && most)) return scene.say(gate ? "scale.beyond_gate" : "scale.beyond", said);
  return !gate && end > 1 ? scene.say("scale.ends", said) : "";
}

/** The same of B − A, whose colours run as far as the wider of both. @param {Parameters<typeof endsOf>[0]} scene @param {string} symbol
 * @param {import("./cells.js").Cells} A @param {import("./cells.js").Cells} B */
export function endsOfDifference(scene, symbol, A, B) {
  const end = Math.max(A.end, B.end);
  let most = 0;
  for (let step = 0; step < Math.min(A.steps, B.steps); step++) {
    for (let row = 0; row < A.rows; row++) most = Math.max(most, Math.abs(B.value(step, row) - A.value(step, row)) || 0);
  }
  const said = { quantity: symbol, end: short(end), most: short(most) };
  if (isBeyond(MIDDLE + (MIDDLE * most) / end)) return scene.say("scale.beyond_difference", said);
  return end > 1 ? scene.say("scale.ends_difference", said) : "";
}

/** @param {number} value */
const short = (value) => text(value, value < 10 ? 2 : 0);
