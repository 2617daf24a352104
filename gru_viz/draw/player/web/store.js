// @ts-check
// The one store: every part reads it, changes go through `set`, and everyone is told what changed.

/**
 * @typedef {object} State
 * @property {number} step
 * @property {number} unit
 * @property {boolean} playing
 * @property {number} speed
 * @property {boolean} loop
 * @property {boolean} slow
 * @property {number} phase 0: the whole step; 1 gates, 2 candidate, 3 blend
 * @property {string | null} hover the part under the pointer
 * @property {"keep" | "new"} convention
 * @property {"unit" | "layer"} mode
 * @property {number[]} pins
 * @property {number} order
 * @property {"A" | "B" | "diff"} show
 */

/** @typedef {(state: State, changed: Set<string>) => void} Listener */

export class Store {
  /** @param {State} state */
  constructor(state) {
    this.state = state;
    /** @type {Listener[]} */
    this.listeners = [];
  }

  /** @param {Partial<State>} patch */
  set(patch) {
    const changed = new Set(Object.keys(patch).filter((name) => /** @type {any} */ (this.state)[name] !== /** @type {any} */ (patch)[name]));
    if (!changed.size) return;
    this.state = { ...this.state, ...patch };
    for (const listener of this.listeners) listener(this.state, changed);
  }

  /** @param {Listener} listener */
  subscribe(listener) {
    this.listeners.push(listener);
  }
}
