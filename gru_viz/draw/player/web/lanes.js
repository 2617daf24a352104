// @ts-check
// Several readers of one text under one ribbon, with one transport; two that read from both ends meet.

import { Axis } from "./axis.js";
import { drawBars, drawJoined } from "./beneath.js";
import { picture } from "./capture.js";
import { Colours } from "./colours.js";
import { Commits } from "./commits.js";
import { icon } from "./controls.js";
import { el, write } from "./elements.js";
import { endsOf } from "./ends.js";
import { listen } from "./keys.js";
import { makeRow } from "./lane_rows.js";
import { Minimap } from "./minimap.js";
import { mounted } from "./mount.js";
import { Ribbon } from "./ribbon.js";
import { Damaged, parseSafetensors } from "./safetensors.js";
import { Store } from "./store.js";
import { themed } from "./theme.js";
import { SPEEDS, Transport } from "./transport.js";

const ROOM = 380;
const WIDEST = 190;
/** More classes than this share their colours, and are read from their cells. */
const MOST_NAMED = 16;

/** What the blob says. */
class LanesScene {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    const { tensors, metadata } = parseSafetensors(bytes);
    if (!metadata.lanes) throw new Damaged("metadata");
    this.meta = JSON.parse(metadata.lanes);
    this.tensors = tensors;
    this.steps = this.meta.steps;
    this.words = metadata.lanes;
    this.structure = JSON.stringify([this.meta.labels, this.meta.lanes, this.meta.bars, this.meta.joined]);
  }

  /** @param {string} name */
  tensor(name) {
    const found = this.tensors[name];
    if (!found) throw new Damaged(name);
    return found;
  }

  /** @param {string} lane @param {number} row */
  row(lane, row) {
    return this.meta.lanes.find((/** @type {any} */ one) => one.name === lane).rows[row];
  }

  /** @param {string} key @param {Record<string, any>} [params] */
  say(key, params = {}) {
    return (this.meta.labels[key] ?? key).replace(/\{(\w+)\}/g, (/** @type {string} */ _all, /** @type {string} */ name) => String(params[name] ?? ""));
  }
}

class LanesPlayer {
  /** @param {HTMLElement} root @param {any} out */
  constructor(root, out) {
    const find = (/** @type {string} */ name) => /** @type {any} */ (root.querySelector(name));
    Object.assign(this, { root, out });
    this.root = root;
    this.out = out;
    this.scene = /** @type {LanesScene} */ (/** @type {unknown} */ (null));
    this.told = "";
    this.commits = new Commits(root, (count, again) => this.say(count, again));
    this.asked = -1;
    this.store = new Store({ step: 0, unit: 0, playing: false, speed: 1, loop: false, slow: false, phase: 0, hover: null, convention: "keep", mode: "unit", pins: [], order: 0, show: "A" });
    this.colours = new Colours(root);
    this.axis = new Axis(find(".scroll"), find(".track"), WIDEST);
    this.ribbon = new Ribbon(find(".ribbon"), this.axis);
    this.minimap = new Minimap(find(".minimap"), this.axis);
    this.transport = new Transport(this.store, () => this.scene.steps, () => this.commit());
    this.parts = { gutter: find(".gutter"), rows: find(".rows"), playhead: find(".playhead"), cross: find(".cross"), tip: find(".tip"), where: find(".where"), joined: find(".joined"), bars: find(".bars"), narration: find(".narration"), ends: find(".ends"), key: find(".key"), speed: find("[data-testid=speed]") };
    /** @type {{about: any, node: HTMLElement, rows: any[], unread: HTMLElement[], cursor: HTMLElement, reach: HTMLElement | null}[]} */
    this.lanes = [];
    this.drawing = 0;
    const acts = this.acts();
    for (const button of root.querySelectorAll("[data-act]")) button.addEventListener("click", () => acts[/** @type {HTMLElement} */ (button).dataset.act ?? ""]());
    this.parts.speed.addEventListener("change", () => this.store.set({ speed: Number(this.parts.speed.value) }));
    listen(root, { " ": acts.play, arrowleft: acts.back, arrowright: acts.forward, home: acts.start, end: acts.end, l: acts.loop, f: acts.full });
    this.listenToPointer();
    this.store.subscribe((state, changed) => this.changed(state, changed));
    this.observer = new ResizeObserver(() => this.scene && this.axis.scroll.clientWidth !== this.axis.width && this.paint());
    this.observer.observe(this.axis.scroll);
    this.axis.scroll.addEventListener("scroll", () => this.scrolled(), { passive: true });
  }

  /** @returns {Record<string, () => void>} */
  acts() {
    return {
      ...this.transport.acts(),
      picture: () => picture(this.root, this.scene),
      full: () => (document.fullscreenElement ? document.exitFullscreen() : this.root.requestFullscreen?.()),
    };
  }

  listenToPointer() {
    const { axis, transport, parts } = this;
    const ribbon = this.ribbon.root;
    const go = (/** @type {PointerEvent} */ event) => transport.go(axis.stepAt(event), false);
    ribbon.addEventListener("pointerdown", (event) => {
      ribbon.setPointerCapture(event.pointerId);
      go(event);
    });
    ribbon.addEventListener("pointermove", (event) => ribbon.hasPointerCapture(event.pointerId) && go(event));
    ribbon.addEventListener("pointerup", () => this.commit());
    parts.rows.addEventListener("click", (/** @type {MouseEvent} */ event) => transport.go(axis.stepAt(event)));
    parts.rows.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => this.tell(event));
    parts.rows.addEventListener("pointerleave", () => (parts.tip.hidden = parts.cross.hidden = true));
  }

  commit() {
    this.commits.settle();
  }

  /** Tell the page where we stand. @param {number} count so that it hears of a step that is as it was some commits ago,
   * and says what it has heard @param {boolean} again even if it was told */
  say(count, again) {
    const { step } = this.store.state;
    if (!again && (this.commits.open ? step === this.asked : String(step) === this.told)) return false;
    this.asked = step;
    this.out.setStateValue("step", { step, count });
    return true;
  }

  /** @param {Uint8Array} bytes */
  receive(bytes) {
    const scene = new LanesScene(bytes);
    const before = this.scene;
    const { state } = this.store;
    const wasLast = !before || state.step >= before.steps - 1;
    this.scene = scene;
    const rebuilt = !before || before.structure !== scene.structure;
    const fresh = themed(this.root);
    if (fresh) this.colours.renew();
    const given = scene.meta.step ?? scene.steps - 1;
    this.commits.hear(scene.meta.heard);
    const { waits } = this.commits;
    const news = !waits && given !== this.asked && String(given) !== this.told;
    if (!waits) this.asked = -1;
    this.told = String(given);
    const step = news ? given : wasLast && !state.playing && before?.words !== scene.words && !waits ? given : state.step;
    this.store.state = { ...state, step: Math.min(step, scene.steps - 1) };
    this.build(rebuilt);
    this.paint();
    this.commits.goOn();
  }

  /** Lanes anew for other data; controls only where what stands there changed. @param {boolean} rebuilt */
  build(rebuilt) {
    const { scene, parts } = this;
    const { lanes } = scene.meta;
    const strips = lanes.flatMap((/** @type {any} */ lane) => lane.rows.filter((/** @type {any} */ row) => row.kind === "strip")).length;
    const tall = document.fullscreenElement ? Math.max(ROOM, window.innerHeight - 420) : ROOM;
    const height = Math.max(34, Math.min(104, Math.floor(tall / Math.max(1, strips)) - 6));
    this.lanes = lanes.map((/** @type {any} */ about) => this.makeLane(about, height));
    parts.rows.replaceChildren(...this.lanes.map((lane) => lane.node));
    if (!rebuilt) return;
    for (const node of this.root.querySelectorAll("[data-say]")) write(node, scene.say(/** @type {HTMLElement} */ (node).dataset.say ?? ""));
    for (const button of this.root.querySelectorAll("[data-act]")) {
      const name = /** @type {HTMLElement} */ (button).dataset.act ?? "";
      button.setAttribute("aria-label", scene.say(`act.${name}`));
      /** @type {HTMLElement} */ (button).title = scene.say(`act.${name}`);
      if (button.classList.contains("icon")) button.replaceChildren(icon(name));
      else write(button, scene.say(`act.${name}`));
    }
    this.root.setAttribute("aria-label", scene.say("lanes"));
    this.ribbon.root.setAttribute("aria-label", scene.say("scrub"));
    parts.speed.replaceChildren(...SPEEDS.map((speed) => el("option", { value: speed }, [`${speed}×`])));
    const { bars } = scene.meta;
    const named = bars && bars.names.length <= MOST_NAMED ? bars.names : [];
    parts.key.replaceChildren(...named.map((/** @type {string} */ name, /** @type {number} */ k) => el("span", {}, [el("b", { style: `background:${bars.colours[k]}` }), name])));
  }

  /** @param {any} about @param {number} height of its strips */
  makeLane(about, height) {
    const rows = about.rows.map((/** @type {any} */ row, /** @type {number} */ k) => makeRow(row, `${about.name}.${k}`, this.scene, height));
    const unread = ["backward", "both"].includes(about.reads) ? [el("div", { class: "unread" }), el("div", { class: "unread" })] : about.reads === "all" ? [] : [el("div", { class: "unread" })];
    const cursor = el("div", { class: "cursor", hidden: true });
    const reaches = this.scene.meta.meeting && ["forward", "backward"].includes(about.reads) && about.rows.some((/** @type {any} */ row) => row.kind === "strip");
    const reach = reaches ? el("div", { class: `reach ${about.reads}` }) : null;
    const inside = rows.map((/** @type {any} */ row) => row.node);
    if (reach) about.reads === "forward" ? inside.unshift(reach) : inside.push(reach);
    const node = el("div", { class: "lane", "data-testid": `lane-${about.name}` }, [...inside, ...unread, cursor]);
    return { about, node, rows, unread, cursor, reach };
  }

  /** Names at the left, as high as what they name. */
  label() {
    const blocks = this.lanes.map(({ about, rows, node }) => {
      const titled = el("div", { class: "name head" }, [el("b", { style: about.colour ? `color:${about.colour}` : "" }, [about.title]), el("span", { class: "words" }, [about.caption])]);
      const named = rows.filter((row) => row.about.symbol || row.about.caption).map((row) => {
        const top = row.node.offsetTop;
        return el("div", { class: "name", style: `position:absolute;right:0;top:${top}px;height:${row.height}px` }, [
          ...(about.title && row === rows[0] ? [el("b", { style: about.colour ? `color:${about.colour}` : "" }, [about.title])] : []),
          ...(row.about.symbol && row.about.kind !== "cells" ? [el("i", { class: `q-${row.about.quantity ?? ""}` }, [row.about.symbol])] : []),
          el("span", { class: "words" }, [row.about.caption || (row === rows[0] ? about.caption : "")]),
        ]);
      });
      const block = el("div", { style: `position:relative;height:${node.offsetHeight}px` }, rows[0]?.about.symbol || rows[0]?.about.caption ? named : [titled, ...named]);
      return block;
    });
    this.parts.gutter.replaceChildren(el("div", { class: "name top" }), ...blocks);
  }

  /** Everything anew: other data, size or theme. */
  paint() {
    const { axis, colours, scene } = this;
    axis.fit(scene.steps);
    for (const lane of this.lanes) for (const row of lane.rows) row.paint(axis, colours);
    const { tokens } = scene.meta;
    const longest = Math.max(...tokens.map((/** @type {string} */ token) => token.length));
    const numbered = tokens.every((/** @type {string} */ token) => /^[+\-]?[\d.]+(e[+-]?\d+)?$/.test(token)) && longest > 1;
    this.ribbon.show(/** @type {any} */ ({ steps: scene.steps, tokens, numbered, longest, unknown: new Set(scene.meta.unknown) }), []);
    this.label();
    this.sayEnds();
    this.draw();
    this.drawStep(this.store.state);
    axis.reveal(this.store.state.step);
  }

  /** How far the colours run where that is not −1 to 1, and that what lies beyond is marked. */
  sayEnds() {
    const said = this.lanes.flatMap(({ about, rows }) =>
      rows.map((row) => (row.cells ? endsOf(this.scene, `${about.title} ${row.about.symbol}`.trim(), [row.cells]) : "")));
    write(this.parts.ends, said.filter(Boolean).join(" "));
    this.parts.ends.hidden = !this.parts.ends.textContent;
  }

  /** What stands in the columns that are seen. */
  draw() {
    for (const lane of this.lanes) for (const row of lane.rows) row.draw(this.axis, this.colours);
    this.ribbon.draw(this.store.state.step);
  }

  /** @param {import("./store.js").State} state */
  drawStep(state) {
    const { axis, scene, parts } = this;
    const { step, playing } = state;
    const column = axis.column;
    const meets = scene.meta.meeting && playing;
    parts.playhead.hidden = meets;
    parts.playhead.style.transform = `translateX(${step * column}px)`;
    const other = scene.steps - 1 - step;
    for (const lane of this.lanes) this.drawLane(lane, step, other, meets);
    this.ribbon.draw(step);
    write(parts.where, scene.say("where", { step: step + 1, steps: scene.steps }));
    const play = /** @type {HTMLElement} */ (this.root.querySelector("[data-act=play]"));
    if (play.dataset.shows !== String(playing)) {
      play.dataset.shows = String(playing);
      play.replaceChildren(icon(playing ? "pause" : "play"));
      play.setAttribute("aria-label", scene.say(playing ? "act.pause" : "act.play"));
    }
    this.root.querySelector("[data-act=loop]")?.setAttribute("aria-pressed", String(state.loop));
    parts.speed.value = String(state.speed);
    drawJoined(parts.joined, scene, step, this.colours);
    drawBars(parts.bars, scene, step);
    parts.narration.setAttribute("aria-live", playing ? "off" : "polite");
    write(parts.narration, scene.meta.sentences[step] ?? "");
    parts.narration.hidden = !scene.meta.sentences.length;
    this.drawMinimap();
  }

  drawMinimap() {
    const whole = this.lanes.flatMap((lane) => lane.rows).find((row) => row.whole)?.whole;
    if (whole) this.minimap.draw(whole, this.store.state.step, this.colours);
  }

  /** What a lane has read, and how far it has come. @param {any} lane @param {number} step @param {number} other @param {boolean} meets */
  drawLane(lane, step, other, meets) {
    const { column, steps } = this.axis;
    const { reads } = lane.about;
    const place = meets && reads === "backward" ? other : step;
    lane.node.dataset.cursor = String(place);
    lane.cursor.hidden = !meets || !lane.reach;
    lane.cursor.style.transform = `translateX(${place * column}px)`;
    const [one, two] = lane.unread;
    const everything = this.scene.meta.meeting && !meets;
    const nothing = reads === "both" && step < other;
    lane.unread.forEach((/** @type {HTMLElement} */ veil, /** @type {number} */ k) => (veil.hidden = everything || (nothing && k > 0)));
    const [from, to] = reads === "forward" ? [0, step] : reads === "backward" ? [other, steps - 1] : [Math.min(step, other), Math.max(step, other)];
    if (one) one.style.transform = `translateX(${(nothing ? 0 : to + 1) * column}px)`;
    if (two) two.style.transform = `translateX(${(from - steps) * column}px)`;
    if (lane.reach) {
      lane.reach.style.setProperty("--from", reads === "forward" ? "0px" : `${place * column}px`);
      lane.reach.style.setProperty("--to", reads === "forward" ? `${(steps - 1 - place) * column}px` : "0px");
    }
  }

  /** The crosshair and what every lane says there. @param {PointerEvent} event */
  tell(event) {
    const { axis, scene, parts } = this;
    const step = axis.stepAt(event);
    const lines = this.lanes.flatMap(({ about, rows }) => {
      const told = rows.map((row) => {
        const box = row.node.getBoundingClientRect();
        const inside = event.clientY >= box.top && event.clientY <= box.bottom;
        return row.about.kind === "cells" || inside ? row.told(step, (event.clientY - box.top) / box.height) : "";
      }).filter(Boolean);
      return told.length ? [el("div", {}, [`${about.title || about.name} ${told.join(" · ")}`])] : [];
    });
    parts.tip.replaceChildren(el("div", {}, [scene.say("lanes.tip", { step: step + 1, token: scene.meta.tokens[step] })]), ...lines);
    parts.tip.hidden = parts.cross.hidden = false;
    parts.cross.style.transform = `translateX(${(step + 0.5) * axis.column}px)`;
    const box = this.root.getBoundingClientRect();
    const right = event.clientX - box.left > box.width * 0.7;
    parts.tip.style.transform = `translate(${event.clientX - box.left + (right ? -14 : 14)}px, ${event.clientY - box.top + 12}px) translateX(${right ? "-100%" : "0"})`;
  }

  /** @param {import("./store.js").State} state @param {Set<string>} changed */
  changed(state, changed) {
    if (!this.scene) return;
    this.root.classList.toggle("playing", state.playing);
    this.root.classList.toggle("fast", state.speed > 4 && state.playing);
    if (changed.has("step")) this.axis.reveal(state.step);
    this.drawStep(state);
  }

  scrolled() {
    if (this.drawing) return;
    this.drawing = requestAnimationFrame(() => {
      this.drawing = 0;
      this.axis.left = this.axis.scroll.scrollLeft;
      this.draw();
      this.drawMinimap();
    });
  }

  remove() {
    this.commits.end();
    this.store.set({ playing: false });
    this.observer.disconnect();
  }
}

export default mounted("lanes-first-paint", (root, component) => new LanesPlayer(root, component));
