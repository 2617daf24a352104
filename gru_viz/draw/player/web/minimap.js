// @ts-check
// The whole trace in one line, with the part that is seen marked: drag it to go elsewhere.

export class Minimap {
  /** @param {HTMLCanvasElement} canvas @param {import("./axis.js").Axis} axis */
  constructor(canvas, axis) {
    this.canvas = canvas;
    this.axis = axis;
    const go = (/** @type {PointerEvent} */ event) => {
      const { left, width } = canvas.getBoundingClientRect();
      const share = (event.clientX - left) / width;
      axis.scroll.scrollLeft = share * axis.column * axis.steps - axis.width / 2;
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      go(event);
    });
    canvas.addEventListener("pointermove", (event) => canvas.hasPointerCapture(event.pointerId) && go(event));
  }

  /** @param {HTMLCanvasElement} picture of the whole trace @param {number} step @param {import("./colours.js").Colours} colours */
  draw(picture, step, colours) {
    const { axis, canvas } = this;
    canvas.hidden = !axis.scrolls;
    if (!axis.scrolls) return;
    const height = 26;
    const context = axis.surface(canvas, height);
    const whole = axis.column * axis.steps;
    context.imageSmoothingEnabled = true;
    context.globalAlpha = 0.85;
    context.drawImage(picture, 0, 0, axis.width, height);
    context.globalAlpha = 1;
    const [x, width] = [(axis.left / whole) * axis.width, (axis.width / whole) * axis.width];
    context.fillStyle = colours.css("ink");
    context.fillRect(((step + 0.5) / axis.steps) * axis.width - 0.75, 0, 1.5, height);
    Object.assign(context, { strokeStyle: colours.css("ink"), lineWidth: 1.5 });
    context.strokeRect(x + 1, 1, Math.max(6, width - 2), height - 2);
  }
}
