// @ts-check
// Below the diagram: what is kept and what is written, the sentence, whose memory moved the candidate, what is believed.

import { comingTo, fine, percent, placesFor, text, written } from "./digits.js";
import { said } from "./belief.js";
import { el, write } from "./elements.js";
import { renewed } from "./equations.js";
import { addends } from "./readings.js";

const MOST = 5;
/** Pixels a part of the bar needs for its words. */
const ROOM_FOR_WORDS = 190;

/** @typedef {import("./store.js").State} State */

export class CellSide {
  /** @param {HTMLElement} root */
  constructor(root) {
    const find = (/** @type {string} */ name) => /** @type {HTMLElement} */ (root.querySelector(name));
    this.mix = find(".mix");
    this.kept = find(".kept");
    this.written = find(".written");
    this.mixWords = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".mixwords span")]);
    this.whose = find(".whose");
    this.narration = find(".narration");
    this.contributors = find(".contributors");
    this.sum = find(".sum-of");
    this.now = find(".now");
    this.believes = find(".believes");
    this.partings = find(".partings");
    this.scene = /** @type {import("./scene.js").Scene} */ (/** @type {unknown} */ (null));
  }

  /** @param {import("./scene.js").Scene} scene */
  show(scene) {
    this.scene = scene;
    for (const node of [this.mix, .../** @type {any} */ (this.mixWords)]) node.hidden = !scene.mix;
    write(this.sum, scene.say("addends", { quantity: scene.candidate }));
  }

  /** @param {State} state */
  draw(state) {
    const side = this.scene.side(state.show);
    const step = Math.min(state.step, side.steps - 1);
    this.narration.setAttribute("aria-live", state.playing ? "off" : "polite");
    write(this.narration, side.sentence(step) ?? this.scene.say("loading"));
    this.narration.hidden = !side.narration.length;
    this.whose.hidden = !this.scene.plan;
    write(this.whose, [this.scene.say(`whose.${state.mode}`, { unit: state.unit }), this.weighs(side, state)].filter(Boolean).join(" "));
    write(this.partings, [...(state.show === "diff" ? [this.scene.say("diff.cell")] : []), ...this.parted(state)].join(" "));
    this.partings.hidden = !this.partings.textContent;
    if (this.scene.mix && side.has(step)) this.drawMix(this.scene.mix, side, step, state);
    this.drawContributors(side, step, state.unit);
    this.drawNow(side, step);
  }

  /** Where the two runs part, B − A; a gate that is written the other way turns its difference, too. @param {State} state @returns {string[]} */
  parted({ convention }) {
    return this.scene.meta.partings.map((/** @type {any} */ p) =>
      this.scene.say("parting", { quantity: p.quantity, step: p.step + 1, by: text(this.scene.turned(p.quantity, convention) ? -p.by : p.by, 3) }));
  }

  /** Why the sentence's share of what is kept is not the diagram's mean. @param {import("./scene.js").Side} side @param {State} state */
  weighs(side, { mode, convention }) {
    const { mix } = this.scene;
    if (mode !== "layer" || !mix || !side.narration.length) return "";
    const gate = this.scene.turned(mix.keep, convention) ? `1 − ${mix.keep}` : mix.keep;
    return this.scene.say("whose.weighs", { gate, memory: `|${mix.quantity}′|` });
  }

  /** @param {import("./scene.js").Equation} mix @param {import("./scene.js").Side} side @param {number} step @param {State} state */
  drawMix(mix, side, step, state) {
    const { unit } = state;
    const keep = side.value(mix.keep, step, unit);
    const take = mix.write ? side.value(mix.write, step, unit) : 1 - keep;
    const kept = keep * side.before(mix.quantity, step, unit);
    const made = take * side.value(mix.candidate, step, unit);
    // What was clamped afterwards is neither kept nor written.
    const clamped = side.held(mix.quantity, step, unit);
    const sizes = [keep, take].map((share) => (clamped ? 0 : Math.max(0, share)));
    const [keepShare, takeShare] = sizes.map((size) => size / (sizes[0] + sizes[1] || 1));
    this.kept.style.width = `${100 * keepShare}%`;
    this.written.style.width = `${100 * takeShare}%`;
    // As many digits as it takes for the two to come to the number that the equation shows.
    const [keptShown, madeShown] = comingTo([kept, made], renewed(mix, side, step, unit).value);
    const say = (/** @type {string} */ key, /** @type {number} */ share, /** @type {import("./digits.js").Fixed} */ value) =>
      this.scene.say(key, { unit, percent: this.scene.say("percent", { value: percent(share) }), value: written(value) });
    const words = clamped ? [this.scene.say("clamped"), ""] : [say("mix.kept", keep, keptShown), say("mix.written", take, madeShown)];
    const inside = [keepShare, takeShare].map((share) => share * this.mix.clientWidth > ROOM_FOR_WORDS);
    write(/** @type {Element} */ (this.kept.firstElementChild), inside[0] ? words[0] : "");
    write(/** @type {Element} */ (this.written.firstElementChild), inside[1] ? words[1] : "");
    // Words that have no room in their part stand under it, at its own end of the bar.
    this.mixWords.forEach((node, k) => write(node, inside[k] ? "" : words[k]));
  }

  /** @param {import("./scene.js").Side} side @param {number} step @param {number} unit */
  drawContributors(side, step, unit) {
    const found = addends(this.scene, side, step, unit);
    const say = (/** @type {string} */ key) => el("p", { class: "words" }, [this.scene.say(key)]);
    if (!found) return this.contributors.replaceChildren(say("loading"));
    const terms = found.terms.slice(0, MOST);
    const loudest = Math.max(1e-12, ...terms.map(({ value }) => Math.abs(value)));
    const digits = placesFor(loudest);
    const rows = terms.map(({ name, value }) => bar(name, written(fine(value, digits)), value / loudest));
    this.contributors.replaceChildren(...rows, ...(found.empty ? [say(`addends.${found.empty}`)] : []));
  }

  /** @param {import("./scene.js").Side} side @param {number} step */
  drawNow(side, step) {
    const { belief } = side;
    const shares = belief && (belief.kind === "classify" || belief.kind === "next");
    write(this.believes, belief && belief.kind !== "inputs" ? this.scene.say(`now.${belief.kind}`, { token: side.tokens[step] }) : "");
    if (!belief || belief.kind === "inputs") return this.now.replaceChildren();
    if (!shares) return this.now.replaceChildren(el("p", {}, [said(this.scene, belief, 2, step, 2)]));
    const rows = Array.from({ length: belief.rows }, (_, k) => k).sort((a, b) => belief.at(b, step) - belief.at(a, step)).slice(0, MOST);
    this.now.replaceChildren(
      ...rows.map((k) => {
        const name = belief.kind === "next" ? belief.symbol(k, step) : belief.names[k];
        return bar(name, said(this.scene, belief, k, step, 1), belief.at(k, step), belief.colours[belief.kind === "next" ? 0 : k] ?? "var(--gv-quiet)");
      }),
    );
  }
}

/** A name, a bar and a number; without a colour the bar grows from the middle by its sign.
 * @param {string} name @param {string} value @param {number} share @param {string} [colour] */
function bar(name, value, share, colour) {
  const size = Math.min(1, Math.abs(share)) * (colour ? 100 : 50);
  const fill = el("div", { class: colour ? "" : share < 0 ? "negative" : "positive", style: `width:${size.toFixed(1)}%` });
  if (colour) fill.style.background = colour;
  else fill.style[share < 0 ? "right" : "left"] = "50%";
  return el("div", { class: "line" }, [el("span", {}, [name]), el("div", { class: colour ? "measure" : "measure signed" }, [fill]), el("b", {}, [value])]);
}
