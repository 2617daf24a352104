// @ts-check
// The keyboard, while the player has the focus.

import { el } from "./elements.js";

/** @type {[string, string][]} what is pressed, and the label's key */
export const KEYS = [
  ["Space", "play"], ["← →", "steps"], ["Home End", "ends"], ["↑ ↓", "units"], ["L", "loop"], ["S", "slow"], ["M", "mode"],
  ["C", "convention"], ["P", "pin"], ["F", "full"], ["?", "help"],
];

/** @param {HTMLElement} root @param {Record<string, () => void>} acts what each key does */
export function listen(root, acts) {
  root.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, select, dialog")) return;
    if (event.key === " " && target.closest("button")) return;
    const act = acts[event.key] ?? acts[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });
}

/** The list of keys. @param {HTMLElement} list @param {(key: string) => string} say */
export function explain(list, say) {
  list.replaceChildren(...KEYS.flatMap(([keys, name]) => [el("dt", {}, [keys]), el("dd", {}, [say(`key.${name}`)])]));
}
