// @ts-check
// Under the lanes: the two directions' states of one token laid side by side, and every reader's belief there as a bar.

import { NONE, colourOf, isBeyond } from "./cells.js";
import { readableOn } from "./colours.js";
import { percent } from "./digits.js";
import { el } from "./elements.js";
import { cellsOf } from "./lane_rows.js";

const CONTEXT = 12;
/** Pixels a unit: the middle one is dark where its value lies beyond the colours' ends. */
const BARRED = 3;

/** @param {HTMLElement} root @param {any} scene @param {number} step */
export function drawBars(root, scene, step) {
  const { bars } = scene.meta;
  if (!bars) return root.replaceChildren();
  const rows = bars.rows.map((/** @type {any} */ row, /** @type {number} */ k) => {
    const { data, shape } = scene.tensor(`bars.${k}`);
    const shares = Array.from(data.subarray(step * shape[1], (step + 1) * shape[1]));
    const best = shares.indexOf(Math.max(...shares));
    const truth = row.judged ? scene.tensor(`bars.${k}.truth`).data[step] : NONE;
    return stacked(row.name, shares, bars, truth === NONE ? null : truth === best, best, scene);
  });
  root.replaceChildren(...(bars.title ? [el("h4", {}, [fill(bars.title, scene, step)])] : []), ...rows);
}

/** @param {string} name @param {number[]} shares @param {any} bars @param {boolean | null} right @param {number} best @param {any} scene */
function stacked(name, shares, bars, right, best, scene) {
  const parts = shares.map((share, k) => {
    const words = `${bars.names[k]} ${scene.say("percent", { value: percent(share) })}`;
    const colour = bars.colours[k];
    return el("div", { style: `width:${(100 * share).toFixed(2)}%;background:${colour};color:${readableOn(colour)}`, title: words }, [share > 0.2 ? words : share > 0.11 ? bars.names[k] : ""]);
  });
  const verdict = right === null ? "" : right ? "✓" : "×";
  const said = `${bars.names[best]} ${scene.say("percent", { value: percent(shares[best], 1) })}`;
  return el("div", { class: "stacked", "data-testid": "bar", "data-best": bars.names[best], role: "img", "aria-label": `${name}: ${said}` }, [
    el("span", {}, [name]), el("div", { class: "measure" }, parts), el("span", { class: right ? "right" : "mistaken" }, [verdict]),
  ]);
}

/** @param {HTMLElement} root @param {any} scene @param {number} step @param {import("./colours.js").Colours} colours */
export function drawJoined(root, scene, step, colours) {
  const { joined } = scene.meta;
  if (!joined) return root.replaceChildren();
  const half = (/** @type {[string, number]} */ [lane, row], /** @type {string} */ caption) => {
    const about = scene.row(lane, row);
    const cells = cellsOf(about, `${lane}.${row}`, scene);
    const canvas = /** @type {HTMLCanvasElement} */ (el("canvas", { width: BARRED * cells.rows, height: 1 }));
    const image = new ImageData(BARRED * cells.rows, 1);
    const ramp = colours.ramp(about.quantity, about.gate);
    const words = new Uint32Array(image.data.buffer);
    const ink = colours.word("ink");
    for (let unit = 0; unit < cells.rows; unit++) {
      const place = cells.place(step, unit);
      words.fill(ramp[colourOf(place)], BARRED * unit, BARRED * (unit + 1));
      if (isBeyond(place)) words[BARRED * unit + 1] = ink;
    }
    /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).putImageData(image, 0, 0);
    return el("div", { "data-units": cells.rows }, [canvas, el("p", {}, [fill(caption, scene, step)])]);
  };
  root.replaceChildren(
    ...(joined.title ? [el("h4", {}, [fill(joined.title, scene, step)])] : []),
    el("div", { class: "pair" }, [half(joined.left, joined.leftCaption), half(joined.right, joined.rightCaption)]),
  );
}

/** @param {string} words @param {any} scene @param {number} step */
function fill(words, scene, step) {
  const { tokens } = scene.meta;
  const left = tokens.slice(Math.max(0, step + 1 - CONTEXT), step + 1).join("");
  const right = tokens.slice(step, step + CONTEXT).join("");
  const said = { token: tokens[step], step: step + 1, left: step + 1 > CONTEXT ? `…${left}` : left, right: step + CONTEXT < tokens.length ? `${right}…` : right };
  return words.replace(/\{(token|step|left|right)\}/g, (_, name) => String(/** @type {any} */ (said)[name]));
}
