// @ts-check
// What Streamlit calls: one player a place on the page; new data goes to the player that is there, damaged data says so.

import { skeleton, style } from "./furniture.js";

/** @typedef {{out: any, scene: any, receive: (bytes: Uint8Array) => void, remove: () => void}} Mounted */

/** @param {string} name of the first paint in the browser's own measurements
 * @param {(root: HTMLElement, component: any) => Mounted} make
 * @returns {(component: any) => () => void} what a component of Streamlit's must be: data, parentElement, setStateValue */
export function mounted(name, make) {
  /** @type {WeakMap<object, Mounted>} */
  const players = new WeakMap();
  return (component) => {
    const { data, parentElement } = component;
    const root = /** @type {HTMLElement} */ (parentElement.querySelector(".player") ?? furnished(parentElement));
    const sentence = /** @type {HTMLElement} */ (root.querySelector(".damaged"));
    const shown = players.has(root);
    const player = players.get(root) ?? make(root, component);
    players.set(root, player);
    player.out = component;
    let whole = true;
    const given = performance.now();
    try {
      player.receive(data);
      if (!shown) requestAnimationFrame(() => requestAnimationFrame(() => performance.measure(name, { start: given })));
    } catch (error) {
      whole = false;
      console.warn(error);
      const language = navigator.language.startsWith("zh") ? "zh" : "en";
      sentence.textContent = player.scene?.say("damaged") ?? sentence.dataset[language] ?? "";
    }
    root.classList.add("ready"); // from here on what is pressed is heard
    root.classList.toggle("broken", !whole);
    sentence.hidden = whole;
    const host = /** @type {ShadowRoot} */ (root.getRootNode()).host;
    if (host) /** @type {HTMLElement} */ (host).dataset.filled = ""; // the page keeps this place no longer
    // Streamlit also calls this for data that came while the last were on their way in; then the place still stands.
    return () => parentElement.isConnected || player.remove();
  };
}

/** The markup under its style sheet, both from this module: no run sends either. @param {ShadowRoot} place */
function furnished(place) {
  const sheet = document.createElement("style");
  sheet.textContent = style;
  place.append(sheet, document.createRange().createContextualFragment(skeleton));
  return place.querySelector(".player");
}
