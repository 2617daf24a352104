// @ts-check
// The safetensors format: 8 bytes little-endian length, a JSON header, then the tensors' bytes.

/** @typedef {{data: Float32Array | Uint16Array | Uint8Array, shape: number[]}} Tensor */

const KINDS = { F32: [Float32Array, 4], U16: [Uint16Array, 2], U8: [Uint8Array, 1] };

/** What is thrown for bytes that are no blob of ours; the page says the sentence its labels have for it. */
export class Damaged extends Error {}

/**
 * @param {Uint8Array} bytes
 * @returns {{tensors: Record<string, Tensor>, metadata: Record<string, string>}}
 */
export function parseSafetensors(bytes) {
  if (!(bytes instanceof Uint8Array) || bytes.length < 8) throw new Damaged("too short");
  const own = bytes.slice(); // typed views need a buffer that starts where the blob does
  const view = new DataView(own.buffer);
  const length = view.getUint32(0, true);
  if (view.getUint32(4, true) !== 0 || 8 + length > own.length) throw new Damaged("header length");
  const header = readHeader(own.subarray(8, 8 + length));
  const start = 8 + length;
  /** @type {Record<string, Tensor>} */
  const tensors = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name !== "__metadata__") tensors[name] = tensorOf(own, start, entry);
  }
  return { tensors, metadata: header.__metadata__ ?? {} };
}

/** @param {Uint8Array} bytes @returns {Record<string, any>} */
function readHeader(bytes) {
  try {
    const header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (header && typeof header === "object") return header;
  } catch {
    // the sentence is the same whatever was wrong inside
  }
  throw new Damaged("header");
}

/** @param {Uint8Array} own @param {number} start @param {any} entry @returns {Tensor} */
function tensorOf(own, start, entry) {
  const kind = KINDS[/** @type {keyof typeof KINDS} */ (entry?.dtype)];
  const [from, to] = entry?.data_offsets ?? [];
  const count = (entry?.shape ?? []).reduce((/** @type {number} */ a, /** @type {number} */ b) => a * b, 1);
  if (!kind || !(from >= 0) || start + to > own.length || to - from !== count * /** @type {number} */ (kind[1])) {
    throw new Damaged("tensor");
  }
  const Kind = /** @type {any} */ (kind[0]);
  const aligned = (start + from) % /** @type {number} */ (kind[1]) === 0;
  const buffer = aligned ? own.buffer : own.slice(start + from, start + to).buffer;
  return { data: new Kind(buffer, aligned ? start + from : 0, count), shape: entry.shape };
}
