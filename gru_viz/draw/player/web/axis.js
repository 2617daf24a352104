// @ts-check
// The time axis all rows share: how wide a column is, which columns are seen, where a pointer is.

const NARROWEST = 7;
const SCROLLED = 13;
const TOUCH = 24;
const WIDEST = 110;

export class Axis {
  /** @param {HTMLElement} scroll @param {HTMLElement} track @param {number} [widest] a column is at most so wide */
  constructor(scroll, track, widest = WIDEST) {
    this.widest = widest;
    this.scroll = scroll;
    this.track = track;
    this.steps = 1;
    this.column = 1;
    this.width = 0;
    this.left = 0;
  }

  /** Fit the steps into the width there is; true where that changed anything. @param {number} steps */
  fit(steps) {
    const width = this.scroll.clientWidth;
    const narrow = width < 420;
    const least = narrow ? TOUCH : NARROWEST;
    const column = width / steps >= least ? Math.min(this.widest, width / steps) : narrow ? TOUCH : SCROLLED;
    const same = column === this.column && steps === this.steps && width === this.width;
    Object.assign(this, { column, steps, width });
    this.left = this.scroll.scrollLeft;
    if (!same) {
      this.track.style.width = `${column * steps}px`;
      this.track.style.setProperty("--column", `${column}px`);
    }
    return !same;
  }

  get scrolls() {
    return this.column * this.steps > this.width + 1;
  }

  /** Columns on screen, `last` excluded. */
  get seen() {
    const first = Math.max(0, Math.floor(this.left / this.column));
    return { first, last: Math.min(this.steps, Math.ceil((this.left + this.width) / this.column)) };
  }

  /** A column's left edge on screen, from the left of what is seen. @param {number} step */
  x(step) {
    return step * this.column - this.left;
  }

  /** The step under the pointer. @param {PointerEvent | MouseEvent} event */
  stepAt(event) {
    const x = event.clientX - this.track.getBoundingClientRect().left;
    return Math.min(this.steps - 1, Math.max(0, Math.floor(x / this.column)));
  }

  /** Scroll so that a step is seen, with some steps before and after it. @param {number} step */
  reveal(step) {
    if (!this.scrolls) return;
    const margin = Math.min(this.width / 8, 4 * this.column);
    const x = step * this.column;
    // By more than a step at a time: every scroll draws all strips again.
    if (x < this.left + margin) this.scroll.scrollLeft = x - this.width * 0.7;
    else if (x + this.column > this.left + this.width - margin) this.scroll.scrollLeft = x - this.width * 0.3;
  }

  /** A canvas as wide as what is seen, sharp on this screen; its context, cleared. @param {HTMLCanvasElement} canvas @param {number} height */
  surface(canvas, height) {
    const ratio = window.devicePixelRatio || 1;
    const width = Math.min(this.width, this.column * this.steps);
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== w || canvas.height !== h) {
      Object.assign(canvas, { width: w, height: h });
      Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
    }
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    return context;
  }
}
