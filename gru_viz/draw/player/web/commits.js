// @ts-check
// What the visitor has settled on, on its way to the page. One is on its way at a time: what is settled meanwhile waits,
// and only the last of it is told, once the page has shown that it heard. So clicks and held keys cost no more runs than
// there is time for, and no answer is made for what is over.

/** Whoever does not answer for so long is told again: a server that has just come back does not know the part of the page
 * yet that is told of, and lets it fall. A press must not be lost. */
const PATIENCE_MS = 4000;

export class Commits {
  /** @param {HTMLElement} root whoever leaves it for another part of the page has told what is owed
   * @param {(count: number, again: boolean) => boolean} tell tells the page where we stand, under a number; false where
   * that is no news, unless it is to be told again */
  constructor(root, tell) {
    this.tell = tell;
    /** How many were told, and of how many the page had heard when it made what is shown. */
    this.told = 0;
    this.heard = 0;
    this.owed = false;
    this.timer = 0;
    root.addEventListener("focusout", (event) => root.contains(/** @type {Node | null} */ (event.relatedTarget)) || this.send());
  }

  /** Whether something is on its way to the page. */
  get open() {
    return this.heard < this.told;
  }

  /** Whether what is shown was made without what was settled last. */
  get waits() {
    return this.open || this.owed;
  }

  /** Something was settled. */
  settle() {
    this.owed = true;
    if (!this.open) this.send();
  }

  /** The page shows how many it has heard of. @param {number} count */
  hear(count) {
    this.heard = count;
    this.told = Math.max(this.told, count); // a player that was here before has told those
    if (!this.open) this.end();
  }

  /** Tell what is owed, if the page has heard what was told before. */
  goOn() {
    if (this.owed && !this.open) this.send();
  }

  /** Tell what is owed, whatever is on its way. @param {boolean} [again] even if it was told */
  send(again = false) {
    if (!this.owed && !again) return;
    this.owed = false;
    if (!this.tell(this.told + 1, again)) return;
    this.told += 1;
    this.end();
    this.timer = setTimeout(() => this.send(true), PATIENCE_MS);
  }

  /** Nothing is told by itself any more. */
  end() {
    clearTimeout(this.timer);
    this.timer = 0;
  }
}
