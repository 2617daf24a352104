// @ts-check
// The component: one player a place on the page; new data goes to the player that is there.

import { CellSide } from "./cellside.js";
import { canFilm, film, picture } from "./capture.js";
import { Colours } from "./colours.js";
import { Commits } from "./commits.js";
import { Controls } from "./controls.js";
import { Diagram } from "./diagram.js";
import { el } from "./elements.js";
import { Equations } from "./equations.js";
import { listen } from "./keys.js";
import { mounted } from "./mount.js";
import { Pointer } from "./pointer.js";
import { Scene } from "./scene.js";
import { Store } from "./store.js";
import { themed } from "./theme.js";
import { TimeAxis } from "./timeaxis.js";
import { Transport } from "./transport.js";

/** In fast playback words and numbers change no oftener than can be read. */
const READABLE_MS = 120;
const FULL = new Set(["order", "show", "convention"]);

class Player {
  /** @param {HTMLElement} root @param {any} out setStateValue and setTriggerValue of the component */
  constructor(root, out) {
    const find = (/** @type {string} */ name) => /** @type {HTMLElement} */ (root.querySelector(name));
    this.root = root;
    this.out = out;
    this.scene = /** @type {Scene} */ (/** @type {unknown} */ (null));
    this.told = "";
    this.filming = /** @type {AbortController | null} */ (null);
    this.committed = "";
    this.commits = new Commits(root, (count, again) => this.tell(count, again));
    /** Another layer, asked for and not yet shown. @type {{layer: number, direction: string} | null} */
    this.place = null;
    this.asked = "";
    this.read = 0;
    this.store = new Store({ step: 0, unit: 0, playing: false, speed: 1, loop: false, slow: false, phase: 0, hover: null, convention: "keep", mode: "unit", pins: [], order: 0, show: "A" });
    this.colours = new Colours(root);
    this.time = new TimeAxis(find(".time"), this.store, this.colours);
    this.diagram = new Diagram(find(".diagram"), this.store);
    this.equations = new Equations(find(".equations"), this.store);
    this.cell = new CellSide(find(".cell"));
    this.transport = new Transport(this.store, () => this.scene.side(this.store.state.show).steps, () => this.commit());
    this.pointer = new Pointer(root, this.time, this.store, this.transport, { commit: () => this.commit(), clamp: (what) => this.clamp(what) });
    this.controls = new Controls(root, this.store, this.acts(), (place) => this.commit(place));
    listen(root, this.keyActs());
    this.store.subscribe((state, changed) => this.changed(state, changed));
    this.observer = new ResizeObserver(() => this.scene && this.resized());
    this.observer.observe(find(".scroll"));
    root.addEventListener("fullscreenchange", () => {
      this.time.show(this.scene);
      this.redraw();
    });
  }

  /** @returns {Record<string, () => void>} */
  acts() {
    const { store, transport } = this;
    return {
      ...transport.acts(),
      slow: () => store.set({ slow: !store.state.slow, phase: store.state.slow ? 0 : 1 }),
      mode: () => store.set({ mode: store.state.mode === "unit" ? "layer" : "unit" }),
      convention: () => {
        store.set({ convention: store.state.convention === "keep" ? "new" : "keep" });
        this.commit();
      },
      pin: () => this.pin(),
      help: () => /** @type {HTMLDialogElement} */ (this.root.querySelector(".keys")).showModal(),
      full: () => this.fullScreen(),
      picture: () => picture(this.root, this.scene),
      film: () => this.film(),
    };
  }

  keyActs() {
    const acts = this.acts();
    return {
      " ": acts.play, arrowleft: acts.back, arrowright: acts.forward, home: acts.start, end: acts.end,
      arrowup: () => this.moveUnit(-1), arrowdown: () => this.moveUnit(1), l: acts.loop, s: acts.slow, m: acts.mode,
      c: acts.convention, p: acts.pin, f: acts.full, "?": acts.help,
    };
  }

  /** The next unit in the order shown. @param {number} by */
  moveUnit(by) {
    const order = Array.from(this.time.order(this.store.state));
    const place = order.indexOf(this.store.state.unit) + by;
    this.store.set({ unit: order[Math.min(order.length - 1, Math.max(0, place))], mode: "unit" });
    this.commit();
  }

  pin() {
    const { pins, unit } = this.store.state;
    this.store.set({ pins: pins.includes(unit) ? pins.filter((one) => one !== unit) : [...pins, unit] });
    this.commit();
  }

  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.root.requestFullscreen?.();
  }

  /** Film all steps; asked again meanwhile, end the film there. */
  async film() {
    const button = /** @type {HTMLElement} */ (this.root.querySelector("[data-act=film]"));
    if (this.filming) return this.filming.abort();
    this.notice("");
    if (!canFilm()) return this.notice("film.missing");
    this.filming = new AbortController();
    button.setAttribute("aria-pressed", "true");
    try {
      await film(this.root, () => this.scene, this.transport, this.store, this.filming.signal);
    } catch (error) {
      console.warn(error);
      this.notice("film.failed");
    } finally {
      button.removeAttribute("aria-pressed");
      this.filming = null;
    }
  }

  /** Say why there is no film, and offer a picture; "" takes it back. @param {string} key */
  notice(key) {
    const place = /** @type {HTMLElement} */ (this.root.querySelector(".notice"));
    const instead = el("button", { class: "toggle", "data-testid": "film-instead" }, [this.scene.say("film.instead")]);
    instead.addEventListener("click", () => picture(this.root, this.scene));
    place.replaceChildren(...(key ? [`${this.scene.say(key)} `, instead] : []));
    place.hidden = !key;
  }

  /** Settle on where we stand. @param {{layer: number, direction: string} | null} [place] another layer asked for */
  commit(place = null) {
    this.place = place ?? this.place;
    if (JSON.stringify(this.stand()) !== this.committed) this.commits.settle();
  }

  /** Where we stand, in the page's words. */
  stand() {
    const { step, unit, convention, pins } = this.store.state;
    const { layer, direction } = this.place ?? this.scene.meta;
    const order = this.scene.orders[this.store.state.order]?.name ?? null;
    return { step, unit, convention, pins, order, layer, direction };
  }

  /** Tell the page where we stand. @param {number} count so that it hears of a selection that is as it was some commits
   * ago, and says what it has heard @param {boolean} again even if it was told */
  tell(count, again) {
    const said = this.stand();
    const told = JSON.stringify(said);
    if (told === this.committed && !again) return false;
    this.committed = told;
    this.asked = this.wordsOf(said);
    this.out.setStateValue("selection", { ...said, count });
    return true;
  }

  /** Hold what was chosen by dragging, at the step and unit that are told before. @param {any} what */
  clamp(what) {
    this.commits.send();
    this.out.setTriggerValue("clamp", what);
  }

  /** A selection as one string, the last step named by its number. @param {any} selection */
  wordsOf({ step, unit, convention, pins, order }) {
    return JSON.stringify([step ?? this.scene.A.steps - 1, unit, convention, pins, order ?? this.scene.orders[0]?.name ?? null]);
  }

  /** @param {Uint8Array} bytes */
  receive(bytes) {
    const scene = new Scene(bytes);
    const before = this.scene;
    const { state } = this.store;
    const wasLast = !before || state.step >= before.side(state.show).steps - 1;
    const same = before && before.key === scene.key && before.words === scene.words;
    this.scene = scene;
    const fresh = themed(this.root);
    if (fresh) this.colours.renew();
    const rebuilt = !before || before.structure !== scene.structure;
    for (const part of [this.time, this.diagram, this.equations, this.cell, this.controls]) rebuilt ? part.show(scene) : (part.scene = scene);
    const moved = this.select(scene, wasLast && !state.playing && !same, !before?.B);
    if (!same || fresh || rebuilt || moved) this.redraw();
    this.commits.goOn();
  }

  /** Take the page's selection where it is news: made when all we told had been heard, and neither as before nor what we
   * told. Else stay, as far as the new trace goes. True where that moved anything.
   * @param {Scene} scene @param {boolean} follow whether the last step was selected, so that the new last one is
   * @param {boolean} news whether there was no second run before */
  select(scene, follow, news) {
    const { selection } = scene.meta;
    const { state } = this.store;
    const words = this.wordsOf(selection);
    this.commits.hear(selection.heard);
    const { waits } = this.commits;
    const given = words !== this.told && words !== this.asked && !waits;
    if (!waits) [this.asked, this.place] = ["", null];
    this.told = words;
    // A second run that was not there before is shown as what it changed.
    const show = !scene.B ? "A" : news ? "diff" : state.show;
    const last = scene.side(show).steps - 1;
    const step = given ? selection.step ?? last : follow ? last : state.step;
    const taken = given ? { unit: selection.unit, convention: selection.convention, pins: selection.pins } : {};
    const named = scene.orders.findIndex((/** @type {any} */ one) => one.name === selection.order);
    const order = given ? Math.max(0, named) : Math.min(state.order, Math.max(0, scene.orders.length - 1));
    const next = { ...state, ...taken, step: Math.min(last, step), show, order };
    next.unit = Math.min(next.unit, scene.units - 1);
    this.store.state = /** @type {import("./store.js").State} */ (next);
    const moved = Object.keys(next).some((name) => /** @type {any} */ (next)[name] !== /** @type {any} */ (state)[name]);
    if (moved) this.committed = ""; // going back to what was told last is news again
    return moved;
  }

  redraw() {
    const { state } = this.store;
    this.time.paint(state);
    this.drawStep(state);
    this.controls.draw(state);
  }

  resized() {
    if (this.time.axis.scroll.clientWidth !== this.time.axis.width) this.redraw();
  }

  /** @param {import("./store.js").State} state */
  drawStep(state) {
    this.time.mark(state);
    this.diagram.draw(state);
    const now = performance.now();
    if (state.playing && state.speed >= 4 && now - this.read < READABLE_MS) return;
    this.read = now;
    this.equations.draw(state);
    this.cell.draw(state);
  }

  /** @param {import("./store.js").State} state @param {Set<string>} changed */
  changed(state, changed) {
    if (!this.scene) return;
    if (changed.has("hover")) this.light(state.hover);
    if (changed.size === 1 && changed.has("hover")) return;
    this.root.classList.toggle("playing", state.playing);
    for (const phase of [1, 2, 3]) this.root.classList.toggle(`slow${phase}`, state.slow && state.phase === phase);
    this.root.classList.toggle("fast", state.speed > 4 && state.playing);
    if ([...FULL].some((name) => changed.has(name))) this.time.paint(state);
    else if (changed.has("unit") || changed.has("pins")) this.time.draw(state);
    if (changed.has("step")) this.time.axis.reveal(state.step);
    if (changed.has("order")) this.commit();
    if (state.playing && !this.commits.waits && !this.scene.side(state.show).complete(state.step)) this.commit();
    this.drawStep(state);
    this.controls.draw(state);
  }

  /** Light one part of the cell everywhere: diagram, equations, strips. @param {string | null} part */
  light(part) {
    this.root.classList.toggle("lighting", part !== null);
    for (const node of this.root.querySelectorAll("[data-part], [data-term]")) {
      const own = /** @type {HTMLElement} */ (node).dataset;
      node.classList.toggle("lit", part !== null && (own.part === part || own.term === part));
    }
  }

  remove() {
    this.commits.end();
    this.store.set({ playing: false });
    this.filming?.abort();
    this.observer.disconnect();
  }
}

export default mounted("player-first-paint", (root, component) => new Player(root, component));
