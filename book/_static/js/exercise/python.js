// The page's one Python: a worker that starts when it is first needed, and calls one after another.
//
//   python.start()                    a promise: Python is there; rejected with a sentence if it cannot be loaded
//   python.call(method, value)        a promise of the answer (methods: autograder/check/browser.py); rejected with
//                                     Stopped if it was stopped, by stop() or after SECONDS
//   python.call(method, value, true)  the same, but whatever else is asked goes first
//   python.stop()                     ends what is asked for; the next call finds Python ready at once if a spare is
//   python.addEventListener("state")  python.state is "off", "loading", "ready", "running" or "failed"
const SECONDS = 20; // of one call
const SPARE_AFTER = 1500; // ms: of rest, or of one call
export const book = new URL(document.documentElement.dataset.content_root ?? "./", location).href.replace(/\/$/, "");

export class Stopped extends Error {
  constructor(bySelf) {
    super(bySelf ? `It ran for ${SECONDS} seconds and was stopped.` : "Stopped.");
    this.bySelf = bySelf;
  }
}

// A worker with Python in it, loading from the moment it is made.
class Interpreter {
  constructor() {
    this.worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    this.calls = new Map();
    this.ready = new Promise((resolve, reject) => {
      this.worker.addEventListener("message", ({ data }) => {
        if (data?.ready) resolve();
        else if (data?.failed) reject(new Error(`Python could not be loaded: ${data.failed}.`));
        else this.answer(data ?? {});
      });
      this.worker.addEventListener("error", (event) => {
        event.preventDefault();
        const error = new Error("Python could not be loaded, or ended.");
        reject(error);
        this.end(error);
      });
    });
    this.ready.then(() => { this.isReady = true; }, () => { this.hasFailed = true; });
    this.worker.postMessage({ begin: { book } });
  }

  answer({ id, answer, error }) {
    if (!this.calls.has(id)) return; // the code that runs there can send what it likes
    const { resolve, reject } = this.calls.get(id);
    this.calls.delete(id);
    if (error === undefined) resolve(JSON.parse(answer));
    else { this.hasFailed = true; reject(new Error(error)); }
  }

  call(id, method, value) {
    return new Promise((resolve, reject) => {
      this.calls.set(id, { resolve, reject });
      this.worker.postMessage({ id, method, value });
    });
  }

  end(error) {
    this.hasFailed = true;
    this.worker.terminate();
    for (const { reject } of this.calls.values()) reject(error);
    this.calls.clear();
  }
}

class Python extends EventTarget {
  state = "off";
  #current = null;
  #spare = null;
  #waiting = []; // calls that have not begun
  #running = ""; // or "wanted", or "idle"
  #count = 0;
  #rest = 0;

  #show(state) {
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }

  start() {
    if (!this.#current || this.#current.hasFailed) {
      this.#current = this.#spare && !this.#spare.hasFailed ? this.#spare : new Interpreter();
      this.#spare = null;
      const { isReady, ready } = this.#current;
      this.#show(isReady ? "ready" : "loading");
      ready.then(() => { this.#show("ready"); this.#restAfterwards(); this.#next(); }, (error) => this.#fail(error));
    }
    return this.#current.ready;
  }

  call(method, value, whenIdle = false) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ method, value, whenIdle, resolve, reject });
      this.start();
      this.#next();
    });
  }

  stop(bySelf = false) {
    const wanted = this.#waiting.filter((each) => !each.whenIdle);
    this.#waiting = this.#waiting.filter((each) => each.whenIdle);
    for (const { reject } of wanted) reject(new Stopped(bySelf));
    if (this.#running === "wanted") this.#current.end(new Stopped(bySelf));
  }

  #fail(error) {
    this.#show("failed");
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  async #next() {
    if (this.#running || !this.#waiting.length || !this.#current?.isReady) return;
    const first = Math.max(this.#waiting.findIndex((each) => !each.whenIdle), 0);
    const [{ method, value, whenIdle, resolve, reject }] = this.#waiting.splice(first, 1);
    this.#running = whenIdle ? "idle" : "wanted";
    if (!whenIdle) { this.#show("running"); clearTimeout(this.#rest); }
    const limit = setTimeout(() => this.#current.end(new Stopped(true)), 1000 * SECONDS);
    const spare = setTimeout(() => this.#makeSpare(), SPARE_AFTER);
    try {
      resolve(await this.#current.call(this.#count++, method, value));
    } catch (error) {
      reject(error);
    }
    clearTimeout(limit);
    clearTimeout(spare);
    this.#running = "";
    if (this.#current.hasFailed) this.start();
    else if (!whenIdle) { this.#show("ready"); this.#restAfterwards(); }
    this.#next();
  }

  #restAfterwards() {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => { if (roomForSpare) this.#makeSpare(); else this.#endSpare(); }, SPARE_AFTER);
  }

  #makeSpare() {
    if (!this.#spare || this.#spare.hasFailed) this.#spare = new Interpreter();
    this.#spare.ready.catch(() => {});
  }

  #endSpare() {
    this.#spare?.end(new Stopped(false));
    this.#spare = null;
  }
}

// A spare takes about 70 MB. A phone has none but while a call takes long.
const roomForSpare = (navigator.deviceMemory ?? 8) >= 4 && !matchMedia("(pointer: coarse)").matches;

export const python = new Python();
