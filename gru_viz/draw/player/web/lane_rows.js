// @ts-check
// The rows of a lane: a strip on canvas, coloured cells as elements (only those that are seen), or a sentence.

import { Cells, NONE } from "./cells.js";
import { percent, roughly } from "./digits.js";
import { el } from "./elements.js";
import { drawPicture, picture } from "./strips.js";

const TILE = 28;
const WRITTEN = 62;
const NOTE = 26;
/** Narrower columns have no room for words under their cells. */
const ROOM_FOR_WORDS = 34;
const MARKS = ["", "wrong", "revised", "differs"];
const SIGNS = { wrong: "×", revised: "", differs: "", "": "" };

/** @typedef {{node: HTMLElement, height: number, about: any, paint: (axis: any, colours: any) => void, draw: (axis: any, colours: any) => void, told: (step: number, unit: number) => string, whole?: HTMLCanvasElement, cells?: Cells}} Row */

/** @param {any} about @param {string} name of its tensors @param {any} scene @param {number} height of strips @returns {Row} */
export function makeRow(about, name, scene, height) {
  if (about.kind === "strip") return stripRow(about, cellsOf(about, name, scene), height);
  if (about.kind === "cells") return cellsRow(about, name, scene);
  const nothing = () => {};
  const node = el("div", { class: "row said", style: `min-height:${NOTE}px` }, [el("div", { class: "note" }, [about.text])]);
  return { node, get height() { return node.offsetHeight || NOTE; }, about, paint: nothing, draw: nothing, told: () => "" };
}

/** What a strip's row was sent as. @param {any} about @param {string} name of its tensors @param {any} scene */
export function cellsOf(about, name, scene) {
  return new Cells(scene.tensor(`${name}.strip`), scene.tensors[`${name}.step`], scene.tensors[`${name}.low`], about.gate, about.ends);
}

/** @param {any} about @param {Cells} cells @param {number} height @returns {Row} */
function stripRow(about, cells, height) {
  const canvas = el("canvas");
  const made = document.createElement("canvas");
  const { steps, rows: width } = cells;
  let beyond = /** @type {Uint8Array | null} */ (null);
  const rowOf = Array.from({ length: width }, (_, k) => k);
  const node = el("div", { class: "row strip", style: `height:${height}px`, "data-testid": `strip-${about.quantity}`, "data-part": about.quantity }, [canvas]);
  return {
    node, height, about, whole: made, cells,
    paint: (_, colours) => {
      beyond = picture(made, { place: (step, row) => cells.place(step, row), steps, width, rowOf, ramp: colours.ramp(about.quantity, about.gate) }, height);
    },
    draw: (axis, colours) => drawPicture(/** @type {HTMLCanvasElement} */ (canvas), made, beyond, axis, height, colours),
    told: (step, share) => {
      const row = Math.min(width - 1, Math.max(0, Math.floor(share * width)));
      const value = cells.value(step, row);
      return Number.isNaN(value) ? "" : `${about.symbol} ${roughly(value, cells.decimals(row))}`;
    },
  };
}

/** @param {any} about @param {string} name @param {any} scene @returns {Row} */
function cellsRow(about, name, scene) {
  const [which, share, mark] = ["which", "share", "mark"].map((part) => scene.tensor(`${name}.${part}`).data);
  const node = el("div", { class: "row cells", "data-testid": "cells" });
  /** @type {Map<number, HTMLElement>} */
  const shown = new Map();
  const shareAt = (/** @type {number} */ step) => scene.say("percent", { value: percent(share[step]) });
  const cell = (/** @type {number} */ step, /** @type {any} */ axis) => {
    const said = which[step] === NONE ? "" : about.names[which[step]];
    const sign = MARKS[mark[step]];
    const tile = el("div", { class: "tile" }, [el("span", { class: "sign" }, [/** @type {any} */ (SIGNS)[sign]])]);
    const box = el("div", { class: "cellbox", "data-testid": "cell", "data-step": step, "data-class": said, "data-mark": sign }, [tile]);
    if (said) {
      box.style.setProperty("--tint", about.colours[which[step]]);
      box.style.setProperty("--sure", String(0.25 + 0.75 * share[step]));
    }
    if (about.written && axis.column >= ROOM_FOR_WORDS) box.append(el("div", { class: "said" }, [said, el("small", {}, [said ? shareAt(step) : ""])]));
    box.style.transform = `translateX(${step * axis.column}px)`;
    return box;
  };
  const row = {
    node, height: TILE, about,
    paint: (/** @type {any} */ axis) => {
      node.replaceChildren();
      shown.clear();
      row.height = about.written && axis.column >= ROOM_FOR_WORDS ? WRITTEN : TILE;
      node.style.height = `${row.height}px`;
    },
    draw: (/** @type {any} */ axis) => {
      const { first, last } = axis.seen;
      for (const [step, box] of shown) {
        if (step >= first && step < last) continue;
        box.remove();
        shown.delete(step);
      }
      for (let step = first; step < last; step++) {
        if (shown.has(step)) continue;
        const box = cell(step, axis);
        node.append(box);
        shown.set(step, box);
      }
    },
    told: (/** @type {number} */ step) => (which[step] === NONE ? "" : `${about.names[which[step]]} ${shareAt(step)}`),
  };
  return row;
}
