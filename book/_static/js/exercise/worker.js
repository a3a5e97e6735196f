// Python in a worker. Messages in: {begin: {book}} once, then {id, method, value}; out: {ready} or {failed}, then
// {id, answer} or {id, error}. What may be asked: METHODS in autograder/check/browser.py.
import { CORE } from "./addresses.js";

const core = new URL(CORE, import.meta.url);
const MEMORY = 512 * 16; // pages of 64 KiB: 512 MB
const fetched = self.fetch.bind(self);
// What reaches servers, with the reader's cookies, or what this browser keeps of this address: nothing for the code
// of a notebook, which somebody else may have written.
const OUTSIDE = [
  "fetch", "XMLHttpRequest", "WebSocket", "WebSocketStream", "WebTransport", "EventSource", "FontFace", "fonts", "importScripts",
  "Worker", "SharedWorker", "BroadcastChannel", "indexedDB", "caches", "cookieStore", "navigator",
  "webkitRequestFileSystem", "webkitRequestFileSystemSync",
  "webkitResolveLocalFileSystemURL", "webkitResolveLocalFileSystemSyncURL",
];

async function load(address) {
  const response = await fetched(address);
  if (!response.ok) throw new Error(`${address.pathname.split("/").pop()} is missing on the server (${response.status})`);
  return response;
}

// Big files lie packed on the server. One that the server unpacks by itself comes as it is.
async function unpacked(name, type) {
  const bytes = await (await load(new URL(`${name}.pack`, core))).blob();
  const start = new Uint8Array(await bytes.slice(0, 2).arrayBuffer());
  const packed = start[0] === 0x1f && start[1] === 0x8b;
  const stream = packed ? bytes.stream().pipeThrough(new DecompressionStream("gzip")) : bytes.stream();
  return new Response(stream, { headers: { "Content-Type": type } });
}

// A list that grows for ever ends in Python's MemoryError, not in the end of the browser's tab.
function limitMemory() {
  const Memory = WebAssembly.Memory;
  WebAssembly.Memory = function (wanted) {
    return new Memory({ ...wanted, maximum: Math.min(wanted.maximum ?? MEMORY, MEMORY) });
  };
  WebAssembly.Memory.prototype = Memory.prototype;
}

function closeIn() {
  for (const name of OUTSIDE) {
    for (let holder = self; holder; holder = Object.getPrototypeOf(holder)) delete holder[name];
  }
}

async function begin({ book }) {
  limitMemory();
  const wasm = unpacked("pyodide.asm.wasm", "application/wasm");
  const course = load(new URL("gmm_course.zip", import.meta.url)).then((response) => response.arrayBuffer());
  const script = unpacked("pyodide.asm.js", "text/javascript").then((response) => response.blob());
  const [{ loadPyodide }, blob, response] = await Promise.all([import(new URL("pyodide.js", core)), script, wasm]);
  const address = URL.createObjectURL(new Blob([blob], { type: "text/javascript" }));
  await import(address);
  URL.revokeObjectURL(address);
  // Pyodide asks for its file by name, and would wait for ever if it did not come.
  self.fetch = (asked, options) => (String(asked.url ?? asked).endsWith("pyodide.asm.wasm") ? Promise.resolve(response) : fetched(asked, options));
  const nothing = () => undefined;
  const python = await loadPyodide({ indexURL: core.href, packages: ["numpy"], stdin: () => null, stdout: nothing, stderr: nothing });
  self.fetch = fetched;
  if (!python.loadedPackages.numpy) throw new Error("NumPy is missing on the server");
  python.unpackArchive(await course, "zip");
  const browser = python.pyimport("autograder.check.browser");
  browser.begin(book);
  closeIn();
  return browser;
}

let browser;
self.addEventListener("message", async ({ data }) => {
  if (data.begin) {
    try {
      browser = await begin(data.begin);
      self.postMessage({ ready: true });
    } catch (error) {
      self.postMessage({ failed: error.message });
    }
    return;
  }
  try {
    self.postMessage({ id: data.id, answer: browser.call(data.method, JSON.stringify(data.value)) });
  } catch (error) {
    self.postMessage({ id: data.id, error: error.message });
  }
});
