// What was typed, kept in this browser by assignment and name of the cell; the same in all tabs.
//
// An entry: {text, before, stub, right}: what stands there, what "Start again" or an opened notebook took away,
// a hash of the stub it was begun from, and whether a check found this very text right.
const VERSION = 1;
const keyOf = (assignment) => `gmm-course-code-${assignment}`;

export function hash(text) {
  let number = 0x811c9dc5; // FNV-1a
  for (let i = 0; i < text.length; i += 1) number = Math.imul(number ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return number.toString(16);
}

const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

function parse(text) {
  let raw = null;
  try { raw = JSON.parse(text ?? ""); } catch { /* nothing there, or nothing of ours */ }
  const cells = isRecord(raw) && raw.version === VERSION && isRecord(raw.cells) ? raw.cells : {};
  return Object.fromEntries(Object.entries(cells).filter(([, entry]) => isRecord(entry) && typeof entry.text === "string"));
}

export class Store extends EventTarget {
  // `follow` is called when another tab has written.
  constructor(assignment, follow) {
    super();
    this.key = keyOf(assignment);
    this.cells = {};
    this.isKept = true;
    this.#read();
    window.addEventListener("storage", (event) => {
      if (event.key !== this.key && event.key !== null) return;
      this.cells = parse(event.newValue);
      follow();
    });
  }

  #read() {
    try { this.cells = parse(localStorage.getItem(this.key)); } catch { this.isKept = false; }
  }

  entry(name) { return this.cells[name]; }

  // Change an entry; undefined forgets it. Other cells are read anew: another tab may have written them.
  write(name, entry) {
    const mine = this.cells;
    try {
      this.cells = { ...mine, ...parse(localStorage.getItem(this.key)) };
    } catch { this.cells = mine; }
    if (entry) this.cells[name] = entry;
    else delete this.cells[name];
    try {
      if (Object.keys(this.cells).length) localStorage.setItem(this.key, JSON.stringify({ version: VERSION, cells: this.cells }));
      else localStorage.removeItem(this.key);
      this.isKept = true;
    } catch { this.isKept = false; } // full, or forbidden
    this.dispatchEvent(new Event("written"));
  }
}
