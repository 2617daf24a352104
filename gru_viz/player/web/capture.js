// @ts-check
// A picture of what is on screen, twice as sharp, and a film of all steps: the page's own nodes, drawn by the browser.

const SHARP = 2;

/** @param {HTMLElement} root @returns {Promise<HTMLCanvasElement>} */
async function snapshot(root) {
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
  const source = `<svg xmlns="http://www.w3.org/2000/svg" width="${width * SHARP}" height="${height * SHARP}" viewBox="0 0 ${width} ${height}"><foreignObject width="100%" height="100%">${body}</foreignObject></svg>`;
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(source)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: Math.round(width * SHARP), height: Math.round(height * SHARP) });
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

/** Save a WebM of every step at the chosen speed. @param {HTMLElement} root @param {import("./scene.js").Scene} scene
 * @param {import("./transport.js").Transport} transport @param {import("./store.js").Store} store */
export async function film(root, scene, transport, store) {
  const screen = await snapshot(root);
  const stream = screen.captureStream(0);
  const track = /** @type {any} */ (stream.getVideoTracks()[0]);
  const recorder = new MediaRecorder(stream, { mimeType: "video/webm", videoBitsPerSecond: 12_000_000 });
  /** @type {Blob[]} */
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  recorder.onstop = () => save(new Blob(parts, { type: "video/webm" }), `${scene.say("file")}.webm`);
  const back = store.state.step;
  recorder.start();
  root.classList.add("filming");
  for (let step = 0; step < transport.steps(); step++) {
    const began = performance.now();
    store.set({ step, playing: false });
    screen.getContext("2d")?.drawImage(await snapshot(root), 0, 0);
    track.requestFrame();
    await new Promise((done) => setTimeout(done, Math.max(60, 500 / store.state.speed - (performance.now() - began))));
  }
  recorder.stop();
  root.classList.remove("filming");
  store.set({ step: back });
}
