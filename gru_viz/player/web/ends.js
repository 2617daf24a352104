// @ts-check
// In words: how far a strip's colours run, and what its dark bars mark.

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

/** @param {number} value */
const short = (value) => text(value, value < 10 ? 2 : 0);
