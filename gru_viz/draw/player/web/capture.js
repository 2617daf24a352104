// @ts-check
// A picture of what is on screen, twice as sharp, and a film of all steps: the page's own nodes, drawn by the browser.

const SHARP = 2;
/** A film is as sharp as a picture only on small screens: the encoder has to keep up. */
const FILM_WIDTH = 1600;
const FRAME_MS = 40;
const PATIENCE_MS = 10_000;
/** Recorded bytes that hold no frame yet: the header comes by itself. */
const EMPTY = 150;
/** Frames on their way through the encoder. */
const LAG = 3;

/** @param {HTMLElement} root @param {number} [sharp] @returns {Promise<HTMLCanvasElement>} */
async function snapshot(root, sharp = SHARP) {
  const { width, height } = root.getBoundingClientRect();
  const copy = /** @type {HTMLElement} */ (root.cloneNode(true));
  const canvases = root.querySelectorAll("canvas");
  copy.querySelectorAll("canvas").forEach((canvas, k) => {
    const image = document.createElement("img");
    image.src = canvases[k].width ? canvases[k].toDataURL() : "data:,";
    image.className = canvas.className;
    image.hidden = canvases[k].hidden;
    image.style.cssText = canvases[k].style.cssText;
    canvas.replaceWith(image);
  });
  copy.style.cssText += themeOf(root);
  copy.classList.add("still");
  const scroll = root.querySelector(".scroll")?.scrollLeft ?? 0;
  /** @type {HTMLElement} */ (copy.querySelector(".track")).style.marginLeft = `${-scroll}px`;
  copy.querySelectorAll(".row > img").forEach((image) => (/** @type {HTMLElement} */ (image).style.marginLeft = `${scroll}px`));
  const page = document.createElement("div");
  const sheet = document.createElement("style");
  sheet.textContent = styleOf(root);
  page.append(sheet, copy);
  const body = new XMLSerializer().serializeToString(page);
  const source = `<svg xmlns="http://www.w3.org/2000/svg" width="${width * sharp}" height="${height * sharp}" viewBox="0 0 ${width} ${height}"><foreignObject width="100%" height="100%">${body}</foreignObject></svg>`;
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(source)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: Math.round(width * sharp), height: Math.round(height * sharp) });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.fillStyle = getComputedStyle(root).getPropertyValue("--st-background-color") || getComputedStyle(root).backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0);
  return canvas;
}

/** What the page's theme gives the player. @param {HTMLElement} root */
function themeOf(root) {
  const style = getComputedStyle(root);
  const names = ["--st-background-color", "--st-font", "--st-text-color", "--st-border-color"];
  return `;${names.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";")};width:${root.clientWidth}px`;
}

/** The component's own style sheets. @param {HTMLElement} root */
function styleOf(root) {
  const home = /** @type {any} */ (root.getRootNode());
  const sheets = [...(home.styleSheets ?? []), ...(home.adoptedStyleSheets ?? [])];
  return sheets.flatMap((sheet) => [...sheet.cssRules].map((rule) => rule.cssText)).join("\n");
}

/** @param {Blob | null} blob @param {string} name */
function save(blob, name) {
  if (!blob) return;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Save a PNG. @param {HTMLElement} root @param {import("./scene.js").Scene} scene */
export async function picture(root, scene) {
  const canvas = await snapshot(root);
  canvas.toBlob((blob) => save(blob, `${scene.say("file")}.png`), "image/png");
}

const FILM = "video/webm";

/** Whether this browser can make a film at all. */
export function canFilm() {
  return typeof HTMLCanvasElement.prototype.captureStream === "function" && typeof MediaRecorder === "function" && MediaRecorder.isTypeSupported?.(FILM) === true;
}

/** Save a WebM of every step at the chosen speed, and of as many steps as there were until it is asked to end.
 * @param {HTMLElement} root @param {() => import("./scene.js").Scene} scene @param {import("./transport.js").Transport} transport
 * @param {import("./store.js").Store} store @param {AbortSignal} end
 * @throws where the browser cannot record after all, or records nothing */
export async function film(root, scene, transport, store, end) {
  const sharp = Math.min(SHARP, Math.max(1, FILM_WIDTH / root.clientWidth));
  const screen = await snapshot(root, sharp);
  const byHand = "requestFrame" in (globalThis.CanvasCaptureMediaStreamTrack?.prototype ?? {});
  const stream = byHand ? screen.captureStream(0) : screen.captureStream();
  const track = /** @type {any} */ (stream.getVideoTracks()[0]);
  const recorder = new MediaRecorder(stream, { mimeType: FILM, videoBitsPerSecond: 12_000_000 });
  /** @type {unknown} */
  let fault = null;
  /** @type {Blob[]} */
  const parts = [];
  let recorded = 0;
  recorder.ondataavailable = (event) => {
    parts.push(event.data);
    if (event.data.size > EMPTY) recorded += 1;
  };
  recorder.onerror = (event) => (fault = /** @type {any} */ (event).error ?? new Error("recording"));
  const stopped = new Promise((done) => (recorder.onstop = done));
  // The encoder keeps the clock's time and drops what comes too fast for it, the first frames above all: a frame is shown
  // again until something was recorded.
  const show = async (/** @type {HTMLCanvasElement} */ frame, /** @type {number} */ until, /** @type {number} */ enough) => {
    const patience = performance.now() + PATIENCE_MS;
    while (!fault && (performance.now() < until || recorded < enough) && performance.now() < patience) {
      screen.getContext("2d")?.drawImage(frame, 0, 0);
      if (byHand) track.requestFrame();
      await wait(FRAME_MS);
    }
  };
  const back = store.state.step;
  root.classList.add("filming");
  try {
    recorder.start(FRAME_MS);
    let frame = screen;
    for (let step = 0; step < transport.steps() && !end.aborted && !fault; step++) {
      const began = performance.now();
      store.set({ step, playing: false });
      await loaded(scene, transport, store);
      frame = await snapshot(root, sharp);
      await show(frame, began + 500 / store.state.speed, recorded + 1);
    }
    await show(frame, performance.now() + 500, recorded + LAG);
    if (recorder.state !== "inactive") {
      recorder.stop();
      await stopped;
    }
  } finally {
    root.classList.remove("filming");
    for (const one of stream.getTracks()) one.stop();
    store.set({ step: back });
  }
  if (fault || !recorded) throw fault ?? new Error("nothing was recorded");
  save(new Blob(parts, { type: FILM }), `${scene().say("file")}.webm`);
}

/** Until the exact numbers of the step are here. @param {() => import("./scene.js").Scene} scene
 * @param {import("./transport.js").Transport} transport @param {import("./store.js").Store} store */
async function loaded(scene, transport, store) {
  const there = () => scene().side(store.state.show).has(store.state.step);
  if (there()) return;
  transport.commit();
  for (const patience = performance.now() + PATIENCE_MS; !there() && performance.now() < patience; ) await wait(FRAME_MS);
}

/** @param {number} ms @returns {Promise<void>} */
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
