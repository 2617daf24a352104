// @ts-check
// Where everything stands in the three diagrams. Wires are drawn in this order; a wire's `reading` names the number it
// carries (see readings.js), `gain` how wide one unit of it is drawn, `phase` the part of the step in which it works.

/**
 * @typedef {object} Wire
 * @property {string} d @property {string} reading @property {string} part @property {number} phase
 * @property {number} [gain] 1 for numbers within −1..1, less for sums before a nonlinearity
 * @property {boolean} [thin] into a gate: beside the memory's own way
 *
 * @typedef {object} Valve
 * @property {number} x @property {number} y @property {string} reading @property {string} part @property {number} phase
 * @property {string} label @property {[number, number]} at @property {string} [anchor]
 *
 * @typedef {object} Box
 * @property {number} x @property {number} y @property {string} reading @property {string} symbol @property {string} part
 *
 * @typedef {object} Node
 * @property {number} x @property {number} y @property {string} text @property {string} part @property {number} phase
 *
 * @typedef {object} Plan
 * @property {number} height @property {Wire[]} wires @property {Wire[]} control @property {Valve[]} valves
 * @property {Box[]} boxes @property {Node[]} nodes @property {Note[]} notes
 *
 * @typedef {object} Note
 * @property {number} x @property {number} y @property {string} reading @property {string} label @property {string} part
 * @property {number} phase @property {string} [anchor]
 */

const SUM = 0.28;

/** @param {boolean} resetAfter @returns {Plan} */
function gru(resetAfter) {
  const [valveY, matrixY] = resetAfter ? [158, 96] : [96, 158];
  return {
    height: 300,
    control: [
      { d: "M160 158 H129", reading: "r", part: "r", phase: 1 },
      { d: "M330 138 H278 V68", reading: "z", part: "z", phase: 1 },
      { d: "M362 138 H418", reading: "write", part: "z", phase: 1 },
    ].map((wire) => (wire.part === "r" && !resetAfter ? { ...wire, d: "M176 142 V96 H129" } : wire)),
    wires: [
      { d: "M80 262 H176 V174", reading: "r.x", part: "r", phase: 1, gain: SUM, thin: true },
      { d: "M176 46 V142", reading: "r.h", part: "r", phase: 1, gain: SUM, thin: true },
      { d: "M176 262 H346 V154", reading: "z.x", part: "z", phase: 1, gain: SUM, thin: true },
      { d: "M176 82 H346 V122", reading: "z.h", part: "z", phase: 1, gain: SUM, thin: true },
      { d: "M112 46 V" + (resetAfter ? matrixY : valveY), reading: "hPrev", part: "n", phase: 2 },
      { d: `M112 ${resetAfter ? matrixY : valveY} V${resetAfter ? valveY : matrixY}`, reading: "into", part: "n", phase: 2, gain: resetAfter ? SUM : 1 },
      { d: `M112 ${resetAfter ? valveY : matrixY} V212 H240`, reading: "remembered", part: "n", phase: 2, gain: SUM },
      { d: "M266 262 V228", reading: "n.x", part: "n", phase: 2, gain: SUM },
      { d: "M292 212 H436 V138", reading: "n", part: "n", phase: 3 },
      { d: "M436 138 V46", reading: "written", part: "n", phase: 3 },
      { d: "M80 46 H278", reading: "hPrev", part: "h", phase: 3 },
      { d: "M278 46 H436", reading: "kept", part: "h", phase: 3 },
      { d: "M436 46 H524", reading: "h", part: "h", phase: 3 },
    ],
    valves: [
      { x: 278, y: 46, reading: "z", part: "z", phase: 3, label: "keep", at: [278, 16], anchor: "middle" },
      { x: 436, y: 138, reading: "write", part: "z", phase: 3, label: "write", at: [463, 142] },
      { x: 112, y: valveY, reading: "r", part: "r", phase: 2, label: "reset", at: resetAfter ? [88, 190] : [88, 128], anchor: "end" },
    ],
    boxes: [
      { x: 8, y: 46, reading: "hPrev", symbol: "h′", part: "h" },
      { x: 524, y: 46, reading: "h", symbol: "h", part: "h" },
      { x: 8, y: 262, reading: "x", symbol: "x", part: "x" },
    ],
    nodes: [
      { x: 176, y: 158, text: "σ", part: "r", phase: 1 },
      { x: 346, y: 138, text: "σ", part: "z", phase: 1 },
      { x: 112, y: matrixY, text: "W", part: "n", phase: 2 },
      { x: 266, y: 212, text: "tanh", part: "n", phase: 2 },
      { x: 436, y: 46, text: "+", part: "h", phase: 3 },
    ],
    notes: [
      { x: 356, y: 234, reading: "n", label: "candidate", part: "n", phase: 2 },
      { x: 184, y: 238, reading: "r.x", label: "", part: "r", phase: 1 },
      { x: 184, y: 118, reading: "r.h", label: "", part: "r", phase: 1 },
      { x: 194, y: 148, reading: "r.b", label: "", part: "r", phase: 1 },
      { x: 354, y: 190, reading: "z.x", label: "", part: "z", phase: 1 },
      { x: 354, y: 104, reading: "z.h", label: "", part: "z", phase: 1 },
      { x: 338, y: 174, reading: "z.b", label: "", part: "z", phase: 1, anchor: "end" },
    ],
  };
}

/** @returns {Plan} */
function lstm() {
  return {
    height: 330,
    control: [
      { d: "M170 106 V64", reading: "f", part: "f", phase: 1 },
      { d: "M330 120 H372", reading: "i", part: "i", phase: 1 },
      { d: "M434 180 H478", reading: "o", part: "o", phase: 1 },
    ],
    wires: [
      { d: "M164 296 V134", reading: "f.x", part: "f", phase: 1, gain: SUM, thin: true },
      { d: "M176 236 V134", reading: "f.h", part: "f", phase: 1, gain: SUM, thin: true },
      { d: "M308 296 V134", reading: "i.x", part: "i", phase: 1, gain: SUM, thin: true },
      { d: "M320 236 V134", reading: "i.h", part: "i", phase: 1, gain: SUM, thin: true },
      { d: "M234 296 V206", reading: "g.x", part: "g", phase: 2, gain: SUM, thin: true },
      { d: "M254 236 V206", reading: "g.h", part: "g", phase: 2, gain: SUM, thin: true },
      { d: "M412 296 V194", reading: "o.x", part: "o", phase: 1, gain: SUM, thin: true },
      { d: "M424 236 V194", reading: "o.h", part: "o", phase: 1, gain: SUM, thin: true },
      { d: "M80 236 H424", reading: "hPrev", part: "h", phase: 1, thin: true },
      { d: "M80 296 H412", reading: "x", part: "x", phase: 1, thin: true },
      { d: "M270 190 H390 V120", reading: "g", part: "g", phase: 2 },
      { d: "M390 120 V46", reading: "written", part: "g", phase: 3 },
      { d: "M80 46 H170", reading: "cPrev", part: "c", phase: 3 },
      { d: "M170 46 H390", reading: "kept", part: "c", phase: 3 },
      { d: "M390 46 H524", reading: "c", part: "c", phase: 3 },
      { d: "M496 46 V104", reading: "c", part: "o", phase: 3 },
      { d: "M496 104 V180", reading: "seen", part: "o", phase: 3 },
      { d: "M496 180 V236 H524", reading: "h", part: "h", phase: 3 },
    ],
    valves: [
      { x: 170, y: 46, reading: "f", part: "f", phase: 3, label: "forget", at: [170, 16], anchor: "middle" },
      { x: 390, y: 120, reading: "i", part: "i", phase: 3, label: "write", at: [376, 92], anchor: "end" },
      { x: 496, y: 180, reading: "o", part: "o", phase: 3, label: "output", at: [520, 176] },
    ],
    boxes: [
      { x: 8, y: 46, reading: "cPrev", symbol: "c′", part: "c" },
      { x: 524, y: 46, reading: "c", symbol: "c", part: "c" },
      { x: 8, y: 236, reading: "hPrev", symbol: "h′", part: "h" },
      { x: 524, y: 236, reading: "h", symbol: "h", part: "h" },
      { x: 8, y: 296, reading: "x", symbol: "x", part: "x" },
    ],
    nodes: [
      { x: 170, y: 120, text: "σ", part: "f", phase: 1 },
      { x: 314, y: 120, text: "σ", part: "i", phase: 1 },
      { x: 244, y: 190, text: "tanh", part: "g", phase: 2 },
      { x: 418, y: 180, text: "σ", part: "o", phase: 1 },
      { x: 390, y: 46, text: "+", part: "c", phase: 3 },
      { x: 496, y: 108, text: "tanh", part: "c", phase: 3 },
    ],
    notes: [{ x: 244, y: 164, reading: "g", label: "candidate", part: "g", phase: 2, anchor: "middle" }],
  };
}

/** @param {string} squash @returns {Plan} */
function rnn(squash) {
  return {
    height: 240,
    control: [],
    wires: [
      { d: "M80 70 H160", reading: "hPrev", part: "h", phase: 1 },
      { d: "M160 70 H290", reading: "h.h", part: "hPrev", phase: 1, gain: SUM },
      { d: "M80 190 H160", reading: "x", part: "x", phase: 1 },
      { d: "M160 190 H290 V70", reading: "h.x", part: "x", phase: 1, gain: SUM },
      { d: "M290 70 H400", reading: "total", part: "h", phase: 2, gain: SUM },
      { d: "M400 70 H524", reading: "h", part: "h", phase: 3 },
    ],
    valves: [],
    boxes: [
      { x: 8, y: 70, reading: "hPrev", symbol: "h′", part: "h" },
      { x: 524, y: 70, reading: "h", symbol: "h", part: "h" },
      { x: 8, y: 190, reading: "x", symbol: "x", part: "x" },
    ],
    nodes: [
      { x: 160, y: 70, text: "W", part: "hPrev", phase: 1 },
      { x: 160, y: 190, text: "W", part: "x", phase: 1 },
      { x: 290, y: 70, text: "+", part: "h", phase: 2 },
      { x: 400, y: 70, text: squash, part: "h", phase: 2 },
    ],
    notes: [
      { x: 225, y: 56, reading: "h.h", label: "", part: "hPrev", phase: 1, anchor: "middle" },
      { x: 300, y: 136, reading: "h.x", label: "", part: "x", phase: 1 },
      { x: 290, y: 46, reading: "h.b", label: "", part: "h", phase: 1, anchor: "middle" },
      { x: 345, y: 56, reading: "total", label: "", part: "h", phase: 2, anchor: "middle" },
    ],
  };
}

/** @param {import("./scene.js").Scene} scene @returns {Plan} */
export function planOf(scene) {
  if (scene.cell === "GRU") return gru(scene.meta.resetAfter);
  return scene.cell === "LSTM" ? lstm() : rnn(scene.meta.nonlinearity);
}
