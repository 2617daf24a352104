// @ts-check
// Time: play, pause, step, loop, speed, slow motion. A step takes half a second at speed 1; slow motion shows it in
// three phases.

const STEP_MS = 500;
const PHASE_MS = 1100;
export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8, 16];

export class Transport {
  /** @param {import("./store.js").Store} store @param {() => number} steps @param {() => void} commit */
  constructor(store, steps, commit) {
    this.store = store;
    this.steps = steps;
    this.commit = commit;
    this.frame = 0;
    this.since = 0;
    this.owed = 0;
    store.subscribe((state, changed) => {
      if (changed.has("playing")) state.playing ? this.run() : this.rest();
    });
  }

  toggle() {
    const { playing, step, loop, slow } = this.store.state;
    const over = step >= this.steps() - 1;
    this.store.set(playing ? { playing: false } : { playing: this.steps() > 1 || loop || slow, ...(over ? { step: 0 } : {}), phase: this.firstPhase() });
    if (playing) this.commit();
  }

  firstPhase() {
    return this.store.state.slow ? 1 : 0;
  }

  /** Go to a step and stop there. @param {number} step @param {boolean} [commit] */
  go(step, commit = true) {
    this.store.set({ step: Math.min(this.steps() - 1, Math.max(0, step)), playing: false, phase: this.store.state.slow ? 3 : 0 });
    if (commit) this.commit();
  }

  /** What its buttons and keys do, by name. @returns {Record<string, () => void>} */
  acts() {
    const { store } = this;
    return {
      play: () => this.toggle(),
      back: () => this.go(store.state.step - 1),
      forward: () => this.go(store.state.step + 1),
      start: () => this.go(0),
      end: () => this.go(Infinity),
      loop: () => store.set({ loop: !store.state.loop }),
    };
  }

  run() {
    this.since = performance.now();
    this.owed = 0;
    const tick = (/** @type {number} */ now) => {
      if (!this.store.state.playing) return;
      this.owed += Math.max(0, now - this.since) * this.store.state.speed;
      this.since = now;
      this.advance();
      if (this.store.state.playing) this.frame = requestAnimationFrame(tick);
    };
    this.frame = requestAnimationFrame(tick);
  }

  rest() {
    cancelAnimationFrame(this.frame);
  }

  /** Spend the time owed on phases and steps; the store hears once. */
  advance() {
    let { step, phase } = this.store.state;
    const { slow, loop } = this.store.state;
    const cost = slow ? PHASE_MS : STEP_MS;
    let ended = false;
    while (this.owed >= cost && !ended) {
      this.owed -= cost;
      if (slow && phase < 3) phase += 1;
      else if (step < this.steps() - 1) [step, phase] = [step + 1, slow ? 1 : 0];
      else if (loop) [step, phase] = [0, slow ? 1 : 0];
      else ended = true;
    }
    this.store.set(ended ? { step, phase, playing: false } : { step, phase });
    if (ended) this.commit();
  }
}
