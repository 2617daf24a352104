// @ts-check
// The pointer on the time axis: scrub on the ribbon, crosshair and click on the strips, drag to choose units and steps.

import { fine, roughly, text, written } from "./digits.js";
import { said } from "./belief.js";
import { el } from "./elements.js";

const DRAG = 8;

export class Pointer {
  /** @param {HTMLElement} root @param {import("./timeaxis.js").TimeAxis} time @param {import("./store.js").Store} store
   * @param {import("./transport.js").Transport} transport @param {{commit: () => void, clamp: (what: any) => void}} out */
  constructor(root, time, store, transport, out) {
    const find = (/** @type {string} */ name) => /** @type {HTMLElement} */ (root.querySelector(name));
    this.root = root;
    this.time = time;
    this.store = store;
    this.transport = transport;
    this.out = out;
    this.tip = find(".tip");
    this.cross = find(".cross");
    this.marquee = find(".marquee");
    /** @type {{row: HTMLElement, x: number, y: number, step: number, unit: number, moved: boolean} | null} */
    this.drag = null;
    this.scrub(find(".ribbon"));
    const rows = find(".rows");
    rows.addEventListener("pointermove", (event) => this.move(event));
    rows.addEventListener("pointerleave", () => this.leave());
    rows.addEventListener("pointerdown", (event) => this.down(event));
    rows.addEventListener("pointerup", (event) => this.up(event));
    rows.addEventListener("pointercancel", () => this.drop());
  }

  /** @param {HTMLElement} ribbon */
  scrub(ribbon) {
    const go = (/** @type {PointerEvent} */ event) => this.transport.go(this.time.axis.stepAt(event), false);
    ribbon.addEventListener("pointerdown", (event) => {
      ribbon.setPointerCapture(event.pointerId);
      go(event);
    });
    ribbon.addEventListener("pointermove", (event) => ribbon.hasPointerCapture(event.pointerId) && go(event));
    ribbon.addEventListener("pointerup", () => this.out.commit());
  }

  /** The strip under an event, if any. @param {Event} event */
  rowOf(event) {
    return /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest(".row"));
  }

  /** @param {PointerEvent} event */
  down(event) {
    const row = this.rowOf(event);
    if (!row || event.button) return;
    const step = this.time.axis.stepAt(event);
    const unit = row.dataset.part ? this.time.unitAt(event, row, this.store.state) : this.store.state.unit;
    this.drag = { row, x: event.clientX, y: event.clientY, step, unit, moved: false };
  }

  /** Nothing is being chosen any more. */
  drop() {
    this.drag = null;
    this.marquee.hidden = true;
  }

  /** @param {PointerEvent} event */
  up(event) {
    const { drag } = this;
    this.drop();
    if (!drag) return;
    if (drag.moved) {
      this.out.clamp(this.chosen(drag, event));
      return;
    }
    this.store.set({ unit: drag.unit, mode: drag.row.dataset.part ? "unit" : this.store.state.mode });
    this.transport.go(drag.step);
  }

  /** @param {PointerEvent} event */
  move(event) {
    const row = this.rowOf(event);
    const { drag } = this;
    if (drag?.row.dataset.part && event.pointerType === "mouse" && (drag.moved || Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > DRAG)) {
      // Wherever the button is let go, this row hears of it.
      if (!drag.moved) drag.row.setPointerCapture(event.pointerId);
      drag.moved = true;
      this.frame(drag, event);
    }
    if (!row) return this.leave();
    this.store.set({ hover: row.dataset.part ?? null });
    this.show(event, row);
  }

  leave() {
    this.tip.hidden = true;
    this.cross.hidden = true;
    this.store.set({ hover: null });
  }

  /** The crosshair through all rows, and the exact numbers under it. @param {PointerEvent} event @param {HTMLElement} row */
  show(event, row) {
    const { time } = this;
    const { scene, axis } = time;
    const state = this.store.state;
    const step = axis.stepAt(event);
    const side = scene.side(state.show);
    const unit = row.dataset.part ? time.unitAt(event, row, state) : state.unit;
    // What is believed, or read, is the model's and no unit's.
    const whole = row.classList.contains("belief");
    const head = el("div", {}, [scene.say(whole ? "lanes.tip" : "tip", { step: step + 1, token: side.word(step), unit })]);
    const lines = whole ? this.believed(scene.belief(state.show), step) : scene.quantities.map((/** @type {string} */ q) => this.line(q, step, unit, row.dataset.part === q));
    this.tip.replaceChildren(head, ...lines);
    this.tip.hidden = false;
    this.cross.hidden = false;
    this.cross.style.transform = `translateX(${(step + 0.5) * axis.column}px)`;
    const box = this.root.getBoundingClientRect();
    const right = event.clientX - box.left > box.width * 0.7;
    this.tip.style.transform = `translate(${event.clientX - box.left + (right ? -14 : 14)}px, ${event.clientY - box.top + 12}px) translateX(${right ? "-100%" : "0"})`;
  }

  /** @param {string} q @param {number} step @param {number} unit @param {boolean} here */
  line(q, step, unit, here) {
    const { scene } = this.time;
    const state = this.store.state;
    const read = (/** @type {import("./scene.js").Side} */ side) => {
      if (step >= side.steps) return { value: NaN, decimals: null, mean: false };
      const found = side.known(q, step, unit);
      return scene.turned(q, state.convention) ? { ...found, value: 1 - found.value } : found;
    };
    const side = scene.side(state.show);
    const { value, decimals, mean } = state.show === "diff" && scene.B ? minus(read(scene.B), read(scene.A)) : read(side);
    const whose = mean ? ` ${scene.say("tip.mean", { units: side.sharing(q, unit).join(", ") })}` : "";
    return el("div", { class: here ? "here" : "" }, [el("i", { class: `q-${q}` }, [q]), ` ${decimals === null ? (scene.isGate(q) && Number.isFinite(value) ? written(fine(value, 4)) : text(value, 4)) : roughly(value, decimals)}${whose}`]);
  }

  /** @param {any} belief @param {number} step */
  believed(belief, step) {
    const { scene } = this.time;
    if (!belief) return [];
    const rows = Array.from({ length: belief.kind === "forecast" ? 3 : belief.rows }, (_, k) => k).sort((a, b) => belief.at(b, step) - belief.at(a, step)).slice(0, 4);
    return rows.map((k) => el("div", {}, [`${belief.kind === "next" ? belief.symbol(k, step) : belief.names[k]} `, said(scene, belief, k, step, 3)]));
  }

  /** @param {NonNullable<Pointer["drag"]>} drag @param {PointerEvent} event */
  chosen(drag, event) {
    const { time } = this;
    const state = this.store.state;
    const step = time.axis.stepAt(event);
    const order = Array.from(time.order(state));
    const [from, to] = [order.indexOf(drag.unit), order.indexOf(time.unitAt(event, drag.row, state))].sort((a, b) => a - b);
    return {
      quantity: drag.row.dataset.part,
      units: order.slice(from, to + 1).sort((a, b) => a - b),
      first: Math.min(drag.step, step),
      last: Math.max(drag.step, step) + 1,
    };
  }

  /** Draw what is being chosen. @param {NonNullable<Pointer["drag"]>} drag @param {PointerEvent} event */
  frame(drag, event) {
    const track = this.time.axis.track.getBoundingClientRect();
    const row = drag.row.getBoundingClientRect();
    const { first, last } = this.chosen(drag, event);
    const [top, bottom] = [drag.y, Math.min(row.bottom, Math.max(row.top, event.clientY))].sort((a, b) => a - b);
    const { column } = this.time.axis;
    Object.assign(this.marquee.style, { left: `${first * column}px`, width: `${(last - first) * column}px`, top: `${top - track.top}px`, height: `${Math.max(3, bottom - top)}px` });
    this.marquee.hidden = false;
  }
}

/** @typedef {ReturnType<import("./scene.js").Side["known"]>} Known */

/** A difference is known as well as the worse of the two. @param {Known} b @param {Known} a @returns {Known} */
function minus(b, a) {
  const known = [b.decimals, a.decimals].filter((decimals) => decimals !== null);
  return { value: b.value - a.value, decimals: known.length ? Math.min(...known) : null, mean: b.mean || a.mean };
}
