// @ts-check
// Making elements; text only ever as text.

const SVG = "http://www.w3.org/2000/svg";

/** @param {string} tag @param {Record<string, any>} [attributes] @param {(Node | string)[]} [children] */
export function el(tag, attributes = {}, children = []) {
  return filled(document.createElement(tag), attributes, children);
}

/** @param {string} tag @param {Record<string, any>} [attributes] @param {(Node | string)[]} [children] */
export function svg(tag, attributes = {}, children = []) {
  return filled(/** @type {any} */ (document.createElementNS(SVG, tag)), attributes, children);
}

/** @param {HTMLElement} node @param {Record<string, any>} attributes @param {(Node | string)[]} children */
function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children);
  return node;
}

/** Write only what changed: touching text costs a layout. @param {Element} node @param {string} text */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
