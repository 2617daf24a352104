// @ts-check
// The bar above: buttons, speed, unit, order, layer, versions, convention.

import { el, svg, write } from "./elements.js";
import { explain } from "./keys.js";
import { SPEEDS } from "./transport.js";

/** Drawn here: an icon font would come from the internet. @type {Record<string, string>} */
const ICONS = {
  start: "M6 5v14M19 5 9 12l10 7z", back: "M16 5 6 12l10 7z", play: "M7 4l13 8-13 8z", pause: "M7 5h3.5v14H7zM13.5 5H17v14h-3.5z",
  forward: "M8 5l10 7-10 7z", end: "M18 5v14M5 5l10 7-10 7z", pin: "M9 3h6l-1 7 3 3v2H7v-2l3-3zM12 15v6", help: "M9 9a3 3 0 1 1 4 2.8c-.7.3-1 .8-1 1.7M12 17.5v.5",
  picture: "M3 6h4l2-2h6l2 2h4v13H3zM12 9a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7z", film: "M3 6h12v12H3zM15 10l6-3v10l-6-3z", full: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
};
const FILLED = new Set(["back", "play", "pause", "forward"]);

export class Controls {
  /** @param {HTMLElement} root @param {import("./store.js").Store} store @param {Record<string, () => void>} acts @param {(place: any) => void} commit */
  constructor(root, store, acts, commit) {
    const find = (/** @type {string} */ name) => /** @type {any} */ (root.querySelector(name));
    this.root = root;
    this.store = store;
    this.commit = commit;
    this.scene = /** @type {import("./scene.js").Scene} */ (/** @type {unknown} */ (null));
    this.where = find(".where");
    this.speed = find("[data-testid=speed]");
    this.unit = find("[data-testid=unit]");
    this.order = find("[data-testid=order]");
    this.layers = find(".stack");
    this.versions = find(".versions");
    /** @type {Record<string, HTMLElement>} */
    this.buttons = {};
    for (const button of root.querySelectorAll("[data-act]")) {
      const name = /** @type {HTMLElement} */ (button).dataset.act ?? "";
      this.buttons[name] = /** @type {HTMLElement} */ (button);
      button.addEventListener("click", () => acts[name]());
    }
    this.speed.addEventListener("change", () => store.set({ speed: Number(this.speed.value) }));
    this.order.addEventListener("change", () => store.set({ order: Number(this.order.value) }));
    this.unit.addEventListener("change", () => this.pickUnit());
  }

  pickUnit() {
    const unit = this.unit.value === "" ? NaN : Math.round(Number(this.unit.value));
    if (unit >= 0 && unit < this.scene.units) {
      this.store.set({ unit, mode: "unit" });
      this.commit(null);
    }
    this.unit.value = this.store.state.unit;
  }

  /** @param {import("./scene.js").Scene} scene */
  show(scene) {
    this.scene = scene;
    for (const node of this.root.querySelectorAll("[data-say]")) write(node, scene.say(/** @type {HTMLElement} */ (node).dataset.say ?? ""));
    for (const [name, button] of Object.entries(this.buttons)) {
      const words = scene.say(`act.${name}`);
      if (button.classList.contains("icon")) {
        button.replaceChildren(icon(name));
        button.setAttribute("aria-label", words);
      }
      button.title = scene.say(`hint.${name}`) === `hint.${name}` ? words : scene.say(`hint.${name}`);
      if (button.classList.contains("toggle")) write(button, words);
    }
    delete this.buttons.play.dataset.shows; // drawn as play just now, whatever it showed
    this.buttons.convention.hidden = !scene.turns;
    this.buttons.mode.hidden = !scene.plan; // of the diagram: one unit, or the layer's means
    /** @type {HTMLElement} */ (this.root.querySelector(".of-gates")).hidden = !scene.meta.gates.length;
    this.root.setAttribute("aria-label", scene.say("player"));
    this.root.querySelector(".ribbon")?.setAttribute("aria-label", scene.say("scrub"));
    this.speed.replaceChildren(...SPEEDS.map((speed) => el("option", { value: speed }, [`${speed}×`])));
    this.order.replaceChildren(...scene.orders.map((/** @type {any} */ order, /** @type {number} */ k) => el("option", { value: k }, [scene.say(`order.${order.name}`)])));
    this.order.parentElement.hidden = scene.orders.length < 2;
    this.unit.max = scene.units - 1;
    this.versions.setAttribute("aria-label", scene.say("versions"));
    this.root.querySelector(".transport")?.setAttribute("aria-label", scene.say("transport"));
    this.showLayers(scene);
    this.showVersions(scene);
    explain(/** @type {HTMLElement} */ (this.root.querySelector(".keys dl")), (key) => scene.say(key));
  }

  /** A small map of the stack: a row a layer, a cell a direction. @param {import("./scene.js").Scene} scene */
  showLayers(scene) {
    const { layers, directions, layer, direction } = scene.meta;
    this.layers.hidden = layers * directions.length < 2;
    this.layers.setAttribute("aria-label", scene.say("layers"));
    const place = (/** @type {number} */ k, /** @type {string} */ d) => {
      const arrow = directions.length > 1 ? (d === "forward" ? "→" : "←") : "";
      const pressed = k === layer && d === direction;
      const words = scene.say(`layer.${d}`, { layer: k + 1 });
      const button = el("button", { "aria-pressed": String(pressed), "aria-label": words, title: words, "data-testid": `layer-${k}-${d}` }, [`${k + 1}${arrow}`]);
      button.addEventListener("click", () => this.commit({ layer: k, direction: d }));
      return button;
    };
    const every = Array.from({ length: layers }, (_, k) => k).flatMap((k) => directions.map((/** @type {string} */ d) => place(k, d)));
    this.layers.replaceChildren(el("span", { class: "words" }, [scene.say("layer")]), ...every);
  }

  /** @param {import("./scene.js").Scene} scene */
  showVersions(scene) {
    this.versions.hidden = !scene.B;
    const version = (/** @type {"A" | "B" | "diff"} */ name) => {
      const button = el("button", { "data-version": name, "data-testid": `version-${name.toLowerCase()}` }, [scene.say(`version.${name}`)]);
      button.addEventListener("click", () => this.store.set({ show: name, step: Math.min(this.store.state.step, scene.side(name).steps - 1) }));
      return button;
    };
    this.versions.replaceChildren(version("A"), version("B"), version("diff"));
  }

  /** @param {import("./store.js").State} state */
  draw(state) {
    const { buttons, scene } = this;
    const steps = scene.side(state.show).steps;
    write(this.where, scene.say("where", { step: state.step + 1, steps }));
    if (buttons.play.dataset.shows !== String(state.playing)) {
      buttons.play.dataset.shows = String(state.playing);
      buttons.play.replaceChildren(icon(state.playing ? "pause" : "play"));
      buttons.play.setAttribute("aria-label", scene.say(state.playing ? "act.pause" : "act.play"));
    }
    for (const name of ["loop", "slow"]) buttons[name].setAttribute("aria-pressed", String(/** @type {any} */ (state)[name]));
    buttons.pin.setAttribute("aria-pressed", String(state.pins.includes(state.unit)));
    write(buttons.mode, scene.say(`mode.${state.mode}`));
    write(buttons.convention, scene.say(`z.${state.convention}`));
    if (this.unit.value !== String(state.unit)) this.unit.value = String(state.unit);
    this.speed.value = String(state.speed);
    this.order.value = String(state.order);
    for (const button of this.versions.children) button.setAttribute("aria-pressed", String(button.dataset.version === state.show));
  }
}

/** @param {string} name */
export function icon(name) {
  return svg("svg", { viewBox: "0 0 24 24", "aria-hidden": true, class: FILLED.has(name) ? "filled" : "" }, [svg("path", { d: ICONS[name] })]);
}
