// @ts-check
// A strip's bytes, as quantise.py made them: the number a cell stands for, and its place on the strip's colours.

export const LEVELS = 254;
export const NONE = 255;
export const MIDDLE = LEVELS / 2;
const FINEST = 2;

/** @typedef {{data: ArrayLike<number>, shape: number[]}} Tensor */

export class Cells {
  /** @param {Tensor} strip steps × rows @param {Tensor | undefined} step of each row @param {Tensor | undefined} low of each row
   * @param {boolean} gate @param {[number, number]} ends where the colours end; the largest value beyond them, 0 if none */
  constructor(strip, step, low, gate, ends) {
    this.data = strip.data;
    [this.steps, this.rows] = strip.shape;
    this.step = step?.data ?? null;
    this.low = low?.data ?? null;
    this.gate = gate;
    [this.end, this.most] = ends;
  }

  /** The number, as near as a byte knows it. @param {number} step @param {number} row */
  value(step, row) {
    const byte = this.data[step * this.rows + row];
    if (byte === NONE || byte === undefined) return NaN;
    const size = this.size(row);
    return this.low ? this.low[row] + byte * size : this.gate ? byte * size : (byte - MIDDLE) * size;
  }

  /** How far two bytes of a row are apart. @param {number} row */
  size(row) {
    return this.step ? this.step[row] : 1 / LEVELS;
  }

  /** Decimals that a byte is good for, at most two; below none for what is known to tens or hundreds only. @param {number} row */
  decimals(row) {
    return Math.min(FINEST, Math.floor(-Math.log10(this.size(row))));
  }

  /** Where a cell stands on the colours, 0 to 254; outside of them what lies beyond their ends.
   * @param {number} step @param {number} row */
  place(step, row) {
    const value = this.value(step, row);
    return this.gate ? value * LEVELS : MIDDLE + (MIDDLE * value) / this.end;
  }

  /** The largest magnitude of a row. @param {number} row */
  reach(row) {
    return this.step ? MIDDLE * this.step[row] : 1;
  }
}

/** The colour of a place; what has no number has the last. @param {number} place */
export function colourOf(place) {
  return Number.isNaN(place) ? NONE : Math.round(Math.min(LEVELS, Math.max(0, place)));
}

/** Whether a place lies beyond the colours' ends, by more than rounding. @param {number} place */
export function isBeyond(place) {
  return place < -0.5 || place > LEVELS + 0.5;
}
