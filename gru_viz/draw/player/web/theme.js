// @ts-check
// Light or dark, as the page around is.

import { rgb } from "./colours.js";

/** Give the component the page's theme; true where that is news. @param {HTMLElement} root */
export function themed(root) {
  const [r, g, b] = rgbOf(getComputedStyle(root).getPropertyValue("--st-background-color"));
  const theme = 0.3 * r + 0.59 * g + 0.11 * b < 128 ? "dark" : "light";
  if (root.dataset.theme === theme) return false;
  root.dataset.theme = theme;
  return true;
}

/** @param {string} colour as CSS writes it */
function rgbOf(colour) {
  const numbers = colour.match(/[\d.]+/g) ?? [];
  return colour.trim().startsWith("#") ? rgb(colour.trim()) : numbers.length >= 3 ? numbers.slice(0, 3).map(Number) : [255, 255, 255];
}
