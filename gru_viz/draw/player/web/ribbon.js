// @ts-check
// The tokens, one a column. Only those on screen are in the page.

import { el } from "./elements.js";

/** Numbers smaller than this are hard to read. */
const SMALL = 10;

export class Ribbon {
  /** @param {HTMLElement} root @param {import("./axis.js").Axis} axis */
  constructor(root, axis) {
    this.root = root;
    this.axis = axis;
    this.side = /** @type {import("./scene.js").Side} */ (/** @type {unknown} */ (null));
    /** @type {Map<number, HTMLElement>} */
    this.shown = new Map();
    this.at = -1;
    this.every = 1;
    /** @type {{quantity: string, step: number}[]} */
    this.partings = [];
  }

  /** @param {import("./scene.js").Side} side @param {{quantity: string, step: number}[]} partings where a second trace goes its own way */
  show(side, partings) {
    this.side = side;
    this.partings = partings;
    this.root.replaceChildren();
    this.shown.clear();
    this.at = -1;
    const { size, every } = side.numbered ? this.room(side.longest ?? String(side.steps).length) : { size: Math.max(8, this.axis.column * 0.85), every: 1 };
    this.every = every;
    this.root.style.fontSize = `${Math.min(21, size)}px`;
    this.root.classList.toggle("numbered", side.numbered);
    this.root.setAttribute("aria-valuemin", "1");
    this.root.setAttribute("aria-valuemax", String(side.steps));
  }

  /** Steps without symbols are numbered; where numbers of so many digits have no room, only every so-many-th is written.
   * @param {number} digits */
  room(digits) {
    const { column } = this.axis;
    const size = (column * 1.4) / digits;
    if (size >= SMALL) return { size, every: 1 };
    return { size: SMALL, every: [2, 5, 10, 20].find((every) => every * column >= SMALL * 0.6 * digits + 4) ?? 50 };
  }

  /** @param {number} step */
  draw(step) {
    const { first, last } = this.axis.seen;
    for (const [at, node] of this.shown) {
      if (at >= first && at < last) continue;
      node.remove();
      this.shown.delete(at);
    }
    for (let at = first; at < last; at++) if (!this.shown.has(at)) this.add(at);
    if (this.at !== step) {
      this.shown.get(this.at)?.classList.remove("here");
      this.root.setAttribute("aria-valuenow", String(step + 1));
      this.root.setAttribute("aria-valuetext", `${step + 1}: ${this.side.tokens[step]}`);
    }
    this.shown.get(step)?.classList.add("here");
    this.at = step;
  }

  /** @param {number} at */
  add(at) {
    const bits = at > 0 ? this.side.belief?.surprise?.[at - 1] : undefined;
    const node = el("span", { class: "token", "data-testid": "ribbon-token", "data-step": at }, [(at + 1) % this.every ? "" : this.side.tokens[at]]);
    node.style.transform = `translateX(${at * this.axis.column}px)`;
    if (bits !== undefined && Number.isFinite(bits)) node.style.setProperty("--surprise", String(Math.min(1, bits / 8)));
    if (this.side.unknown.has(at)) node.classList.add("unknown");
    const parted = this.partings.filter((parting) => parting.step === at).map((parting) => parting.quantity);
    if (parted.length) node.append(el("span", { class: "parts" }, [parted.join(" ")]));
    this.root.append(node);
    this.shown.set(at, node);
  }
}
