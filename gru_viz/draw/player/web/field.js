// @ts-check
// A field one types into, of one line or several; each letter is told at once. What is typed is the field's own: the page
// writes into it only where it means to (an example, a cut). One text is on its way to the page at a time, then the last.

import { Commits } from "./commits.js";
import { el } from "./elements.js";

const STYLE = `
.field { display: block; }
input, textarea {
  box-sizing: border-box; display: block; width: 100%; margin: 0; color: var(--st-text-color);
  border-radius: var(--st-base-radius); outline: none;
}
input {
  height: 3rem; padding: 0 .75rem; font: 1.3rem var(--st-font); letter-spacing: .01em;
  background: var(--st-secondary-background-color); border: 1px solid var(--st-border-color);
}
input:focus { border-color: var(--st-primary-color); }
textarea {
  min-height: 3rem; max-height: 10.5rem; resize: vertical; padding: .62rem .9rem; tab-size: 4; field-sizing: content;
  font: 1.15rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; white-space: pre; overflow: auto;
  background: var(--st-background-color); border: 1px solid var(--st-text-color); border-radius: 10px;
}
textarea:focus-visible { box-shadow: 0 0 0 1px var(--st-text-color); }
input::placeholder, textarea::placeholder { color: var(--st-text-color); opacity: .55; }
:disabled { cursor: not-allowed; opacity: .6; }
@media (max-width: 640px) { textarea { font-size: 1rem; } }
`;

class Field {
  /** @param {ShadowRoot} place @param {boolean} several lines */
  constructor(place, several) {
    const about = { spellcheck: "false", autocomplete: "off", autocapitalize: "off", "data-testid": "text" };
    this.input = /** @type {HTMLInputElement} */ (el(several ? "textarea" : "input", several ? { ...about, rows: 1 } : { ...about, type: "text" }));
    const root = el("div", { class: "field" }, [this.input]);
    place.append(el("style", {}, [STYLE]), root);
    this.out = /** @type {any} */ (null);
    this.stamp = -1;
    this.session = "";
    this.said = "";
    this.commits = new Commits(root, (count, again) => this.tell(count, again));
    // While characters are composed (pinyin) what stands in the field is not yet meant.
    this.input.addEventListener("input", (event) => /** @type {InputEvent} */ (event).isComposing || this.commits.settle());
    this.input.addEventListener("compositionend", () => this.commits.settle());
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !several && !event.isComposing) this.commits.send();
    });
    this.watch = new MutationObserver(() => this.able());
    const app = this.app();
    if (app) this.watch.observe(app, { attributeFilter: ["data-test-connection-state"] });
    this.able();
  }

  app() {
    return /** @type {HTMLElement | null} */ (document.querySelector("[data-testid=stApp]"));
  }

  /** Nothing is typed to nobody: without a server the field is shut, and open again where one stood when it is back. */
  able() {
    const state = this.app()?.dataset.testConnectionState;
    const off = state !== undefined && state !== "CONNECTED";
    if (off === this.input.disabled) return;
    const root = /** @type {ShadowRoot} */ (this.input.getRootNode());
    if (off) this.stood = root.activeElement === this.input;
    this.input.disabled = off;
    if (!off && this.stood && document.activeElement === document.body) this.input.focus();
  }

  /** @param {number} count @param {boolean} again even if it was told */
  tell(count, again) {
    const text = this.input.value;
    if (text === this.said && !again) return false;
    this.said = text;
    this.out.setStateValue("typed", { text, stamp: this.stamp, count });
    return true;
  }

  /** @param {{text: string, stamp: number, session: string, heard: number, label: string, placeholder: string}} data */
  receive({ text, stamp, session, heard, label, placeholder }) {
    this.input.setAttribute("aria-label", label);
    this.input.placeholder = placeholder;
    const anew = session !== this.session && this.session !== "" && this.commits.waits;
    const meant = !anew && (stamp !== this.stamp || session !== this.session);
    [this.stamp, this.session] = [stamp, session];
    if (meant) {
      this.commits.owed = false;
      this.said = text;
      if (this.input.value !== text) this.input.value = text;
    }
    if (heard < this.commits.heard && !this.commits.open) this.commits.told = heard; // another server, that counts anew
    this.commits.hear(heard);
    if (anew) this.commits.send(true); // it was told to a server that is no more
    else this.commits.goOn();
  }

  remove() {
    this.commits.end();
    this.watch.disconnect();
  }
}

const FIELD = Symbol.for("gru_viz.field");

/** What Streamlit calls: data, parentElement, setStateValue. @param {any} component */
export default function field(component) {
  const { data, parentElement } = component;
  // The place itself knows its field: there is one, however often this module was loaded.
  const place = /** @type {any} */ (parentElement);
  const one = (place[FIELD] ??= new Field(parentElement, data.several));
  one.out = component;
  one.receive(data);
  return () => parentElement.isConnected || one.remove(); // as in mount.js
}
