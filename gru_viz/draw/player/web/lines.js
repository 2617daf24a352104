// @ts-check
// The selected unit over time, every quantity a line; pinned units as dashed lines of what they put out beside it.

/** How the lines of pinned units are dashed, in the order of the pins. */
export const DASHES = [[7, 3], [2, 2], [10, 3, 2, 3], [12, 5], [4, 2, 1, 2]];

/** @param {HTMLCanvasElement} canvas @param {import("./scene.js").Scene} scene @param {import("./store.js").State} state
 * @param {import("./axis.js").Axis} axis @param {number} height @param {import("./colours.js").Colours} colours */
export function drawLines(canvas, scene, state, axis, height, colours) {
  const context = axis.surface(canvas, height);
  const side = scene.side(state.show);
  const drawn = [...scene.quantities.map((/** @type {string} */ q) => side.reach(q, state.unit)), ...state.pins.map((pin) => side.reach(scene.output, pin))];
  const end = Math.max(1, ...drawn, scene.B && state.show !== "A" ? scene.A.reach(scene.output, state.unit) : 0);
  const y = (/** @type {number} */ value) => 5 + (height - 10) * (0.5 - value / end / 2);
  context.strokeStyle = colours.css("rule");
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(0, Math.round(y(0)) + 0.5);
  context.lineTo(axis.width, Math.round(y(0)) + 0.5);
  context.stroke();
  const line = (/** @type {string} */ q, /** @type {number} */ unit, /** @type {number} */ width, /** @type {number[]} */ dash, of = side) => {
    if (unit >= of.widthOf(q)) return;
    const { first, last } = axis.seen;
    const turned = scene.turned(q, state.convention);
    context.beginPath();
    for (let step = Math.max(0, first - 1); step < Math.min(of.steps, last + 1); step++) {
      const value = of.near(q, step, unit);
      if (Number.isFinite(value)) context.lineTo(axis.x(step) + axis.column / 2, y(turned ? 1 - value : value));
    }
    if (of.steps === 1) context.arc(axis.column / 2, y(turned ? 1 - of.near(q, 0, unit) : of.near(q, 0, unit)), 1.5, 0, 7);
    context.setLineDash(dash);
    Object.assign(context, { strokeStyle: colours.css(q), lineWidth: width, lineJoin: "round" });
    context.stroke();
    context.setLineDash([]);
  };
  const { output } = scene;
  for (const q of scene.quantities) if (q !== output) line(q, state.unit, 1.5, scene.meta.dashed.includes(q) ? [4, 3] : []);
  state.pins.forEach((unit, k) => unit !== state.unit && line(output, unit, 1.6, DASHES[k % DASHES.length]));
  line(output, state.unit, 2.8, []);
  if (scene.B && state.show !== "A") line(output, state.unit, 1.4, [2, 3], scene.A);
}
