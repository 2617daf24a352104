// @ts-check
// The palette as the style sheet has it (gru_viz/draw/palette.py), for what is drawn on canvas.

/** @typedef {[number, number, number]} Rgb */

export class Colours {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {Map<string, string>} */
    this.known = new Map();
  }

  /** Forget them: the theme may have changed. */
  renew() {
    this.known.clear();
  }

  /** A property of the palette: "z", "ink", "rest". @param {string} name */
  css(name) {
    let found = this.known.get(name);
    if (!found) {
      found = getComputedStyle(this.root).getPropertyValue(`--gv-${name}`).trim();
      this.known.set(name, found);
    }
    return found;
  }

  /** A property of the palette as an RGBA word. @param {string} name */
  word(name) {
    return word(rgb(this.css(name)));
  }

  /** 256 colours of a scale, as RGBA words; the last marks what is not there. @param {string} quantity @param {boolean} gate */
  ramp(quantity, gate) {
    const stops = gate ? [this.css("panel"), this.css(quantity)] : [this.css("negative"), this.css("middle"), this.css("positive")];
    const colours = stops.map(rgb);
    const words = new Uint32Array(256);
    for (let byte = 0; byte < 255; byte++) {
      const place = (byte / 254) * (colours.length - 1);
      const low = Math.min(colours.length - 2, Math.floor(place));
      words[byte] = word(mixed(colours[low], colours[low + 1], place - low));
    }
    words[255] = 0;
    return words;
  }
}

/** @param {string} colour `#rrggbb` @returns {Rgb} */
export function rgb(colour) {
  return /** @type {Rgb} */ ([1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) || 0));
}

/** @param {Rgb} one @param {Rgb} two @param {number} share @returns {Rgb} */
function mixed(one, two, share) {
  return /** @type {Rgb} */ (one.map((v, k) => Math.round(v + (two[k] - v) * share)));
}

/** @param {Rgb} colour */
function word([r, g, b]) {
  return (255 << 24) | (b << 16) | (g << 8) | r;
}

/** Black or white, whichever stands out more (WCAG relative luminance). @param {string} colour */
export function readableOn(colour) {
  const [r, g, b] = rgb(colour).map((v) => (v <= 10 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05) ** 2 > 0.0525 ? "#000000" : "#ffffff";
}
