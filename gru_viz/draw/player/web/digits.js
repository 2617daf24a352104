// @ts-check
// As many digits as it takes, in exact integers. Each shown number is the trace's, correctly rounded; the shown parts
// come to the shown total, and the squashed total to the shown value. Where three decimals would break that, all parts
// get one more, and so on; where that does not soon help (0.333… and 0.333… never add up to 0.666…7), the total gets
// one digit fewer than its parts.

const FEWEST = 3;
const MOST = 12;
/** Nothing smaller is written out. */
const FINEST = 8;
const PATIENCE = 4;
const EXACT = 40;
const MINUS = "\u2212";

/** @typedef {{whole: bigint, digits: number, below?: number}} Fixed whole / 10^digits; `below`: a number closer to 0 than can be shown */
/** @typedef {(parts: bigint[], one: bigint) => bigint} Combine parts in units of 1/one; the result in units of 1/one² */

const power = (/** @type {number} */ n) => 10n ** BigInt(n);
const magnitude = (/** @type {bigint} */ n) => (n < 0n ? -n : n);

/** Half to even. @param {bigint} numerator @param {bigint} denominator */
function divided(numerator, denominator) {
  const sign = numerator < 0n ? -1n : 1n;
  const rest = magnitude(numerator) % denominator;
  let result = magnitude(numerator) / denominator;
  if (2n * rest > denominator || (2n * rest === denominator && result % 2n === 1n)) result += 1n;
  return sign * result;
}

const bits = new DataView(new ArrayBuffer(8));

/** A double's exact binary value, rounded once. @param {number} value @param {number} digits @returns {bigint} */
export function scaled(value, digits) {
  if (!Number.isFinite(value)) return 0n;
  bits.setFloat64(0, value);
  const word = bits.getBigUint64(0);
  const exponent = Number((word >> 52n) & 0x7ffn);
  const fraction = word & 0xfffffffffffffn;
  const mantissa = (exponent ? fraction + 0x10000000000000n : fraction) * (word >> 63n ? -1n : 1n) * power(digits);
  const shift = (exponent || 1) - 1075;
  return shift >= 0 ? mantissa << BigInt(shift) : divided(mantissa, 1n << BigInt(-shift));
}

/** @param {number} value @param {number} [digits] @returns {Fixed} */
export function rounded(value, digits = FEWEST) {
  return { whole: scaled(value, digits), digits };
}

/** Rounded, but never to a zero that it is not: with two digits of its own where it would vanish, or less than the least.
 * @param {number} value @param {number} [digits] @returns {Fixed} */
export function fine(value, digits = FEWEST) {
  const found = rounded(value, digits);
  if (found.whole || !value || !Number.isFinite(value)) return found;
  const size = Math.abs(value);
  return size < 10 ** -FINEST ? { ...found, below: value } : rounded(value, 1 - Math.floor(Math.log10(size)));
}

/** A share of 1, of which neither it nor what it leaves reads as 0 where it is not. @param {number} value @param {number} digits @returns {Fixed} */
function share(value, digits) {
  return rounded(value, Math.max(fine(value, digits).digits, fine(1 - value, digits).digits));
}

/** Two numbers with the fewest digits at which they come to a shown sum, and not by a tie. @param {number[]} parts @param {Fixed} sum @returns {Fixed[]} */
export function comingTo(parts, sum) {
  for (let digits = sum.digits; digits <= MOST; digits++) {
    const seen = parts.map((part) => rounded(part, digits));
    const gap = seen.reduce((all, part) => all + part.whole, 0n) - sum.whole * power(digits - sum.digits);
    if (2n * magnitude(gap) < power(digits - sum.digits)) return seen;
  }
  return parts.map((part) => rounded(part, sum.digits));
}

/** As it stands on the page, with a true minus sign. @param {Fixed} number @returns {string} */
export function written(number) {
  if (number.below) return `${number.below < 0 ? `>${MINUS}` : "<"}${written({ whole: 1n, digits: number.digits })}`;
  const text = magnitude(number.whole).toString().padStart(number.digits + 1, "0");
  const point = text.length - number.digits;
  const sign = number.whole < 0n ? MINUS : "";
  return sign + text.slice(0, point) + (number.digits ? `.${text.slice(point)}` : "");
}

/** @param {number} value @param {number} [digits] */
export function text(value, digits = FEWEST) {
  return Number.isFinite(value) ? written(rounded(value, digits)) : "–";
}

/** A number that is known to so many decimals only; below none to tens, hundreds … @param {number} value @param {number} decimals */
export function roughly(value, decimals) {
  if (decimals > 0 || !Number.isFinite(value)) return `≈ ${text(value, Math.max(0, decimals))}`;
  const whole = 10 ** -decimals;
  return `≈ ${text(Math.round(value / whole) * whole, 0)}`;
}

/** A share in percent; what is only nearly none or all is not written as if it were. @param {number} share @param {number} [digits] */
export function percent(share, digits = 0) {
  const one = power(digits);
  const { whole } = rounded(100 * share, digits);
  if (whole === 100n * one && share < 1) return `>${written({ whole: whole - 1n, digits })}`;
  return whole === 0n && share > 0 ? `<${written({ whole: 1n, digits })}` : text(100 * share, digits);
}

/** Decimals at which the largest of some numbers still shows two digits. @param {number} largest */
export function placesFor(largest) {
  return largest <= 10 ** -MOST ? FEWEST : Math.min(MOST, Math.max(FEWEST, 1 - Math.floor(Math.log10(largest))));
}

/** @type {Record<string, (x: number) => number>} */
export const SQUASH = {
  sigmoid: (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
  tanh: Math.tanh,
  relu: (x) => Math.max(0, x),
  identity: (x) => x,
  positive: (x) => (x >= 0 ? x + 0.5 : SQUASH.sigmoid(x)),
};

/**
 * The fewest digits at which a reader with a calculator finds nothing wrong.
 * @param {number[]} parts exact summands and factors
 * @param {Combine} combine
 * @param {number} value what the cell itself computed
 * @param {((x: number) => number) | null} squash
 * @param {{gates?: number[], shares?: number[], gate?: boolean}} [kinds] which parts are gates and must not read as 0 where
 * they are not, which are shares of 1 and must not read as 1 either, and whether the value is a gate
 * @returns {{parts: Fixed[], total: Fixed, value: Fixed}}
 */
export function shown(parts, combine, value, squash = null, { gates = [], shares = [], gate = false } = {}) {
  const one = power(EXACT);
  const exact = combine(parts.map((part) => scaled(part, EXACT)), one);
  /** @type {any} */
  let last = null;
  for (const places of [FEWEST, FEWEST + 1, FEWEST + 2]) {
    const answer = gate ? fine(value, places) : rounded(value, places);
    for (const [digits, totalDigits] of tries(places)) {
      const seen = parts.map((part, k) => (shares.includes(k) ? share(part, digits) : gates.includes(k) ? fine(part, digits) : rounded(part, digits)));
      const total = divided(exact, power(2 * EXACT - totalDigits));
      const found = { parts: seen, total: { whole: total, digits: totalDigits }, value: answer };
      const finest = Math.max(...seen.map((part) => part.digits));
      const same = seen.map((part) => part.whole * power(finest - part.digits));
      const adds = divided(combine(same, power(finest)), power(2 * finest - totalDigits)) === total;
      if (adds && readsAs(found.total, answer, squash)) return found;
      last ??= found;
    }
  }
  return last;
}

/** @param {number} places @returns {[number, number][]} */
function tries(places) {
  /** @type {[number, number][]} */
  const found = [];
  for (let digits = places; digits < places + PATIENCE; digits++) found.push([digits, digits]);
  for (let digits = places + 1; digits <= MOST; digits++) found.push([digits, digits - 1]);
  return found;
}

/** @param {Fixed} total @param {Fixed} answer @param {((x: number) => number) | null} squash */
function readsAs(total, answer, squash) {
  if (squash) {
    const result = squash(Number(total.whole) / 10 ** total.digits);
    const gap = scaled(result, EXACT) - answer.whole * power(EXACT - answer.digits);
    return 2n * magnitude(gap) < power(EXACT - answer.digits);
  }
  const fine = Math.max(total.digits, answer.digits);
  const gap = total.whole * power(fine - total.digits) - answer.whole * power(fine - answer.digits);
  return 2n * magnitude(gap) < power(fine - answer.digits);
}

/** @type {Record<string, Combine>} */
export const COMBINE = {
  sum: (p, one) => p.reduce((a, b) => a + b, 0n) * one,
  reset: ([a, bias, r, b, bHidden], one) => (a + bias) * one + r * (b + bHidden),
  blend: ([write, n, before], one) => write * n + (one - write) * before,
  carry: ([forget, before, input, candidate]) => forget * before + input * candidate,
  product: ([left, right]) => left * right,
};
