// The assignment's notebook: its cells by name, the notebook with answers in place, and answers out of one.
const MAX_BYTES = 5e6;
const IMPORT = /^\s*from autograder\.check import/m; // of the first cell of code, whichever book it leads to

const text = (cell) => (Array.isArray(cell.source) ? cell.source.join("") : String(cell.source ?? ""));
const lines = (source) => source.match(/[^\n]*\n|[^\n]+$/g) ?? [];
const nameOf = (cell) => cell.metadata?.nbgrader?.grade_id ?? "";
const isAnswer = (cell) => Boolean(cell.metadata?.nbgrader?.solution);

// The book's address, from that of a notebook in it.
export const bookOf = (address) => new URL("../..", address).href.replace(/\/$/, "");

// The notebook with links into the book at this address, in place of the local server's.
export const leadingTo = (notebook, book) => JSON.parse(JSON.stringify(notebook).replaceAll("http://localhost:8000/book", book));

// Stubs by the name of their cell.
export const stubs = (notebook) => new Map(notebook.cells.filter(isAnswer).map((cell) => [nameOf(cell), text(cell)]));

// The first cell of code: imports, data, and what the functions use.
export const setup = (notebook) => text(notebook.cells.find((cell) => cell.cell_type === "code"));

// Cells that draw or print something with the answers: {source, needs, before}; `needs` are the questions that must
// be right, `before` the names or sources of the cells above, after the setup.
export function pictures(notebook) {
  const found = [];
  const before = [];
  for (const cell of notebook.cells.filter((each) => each.cell_type === "code").slice(1)) {
    if (isAnswer(cell)) before.push({ name: nameOf(cell) });
    if (nameOf(cell)) continue;
    const needs = [...new Set([...text(cell).matchAll(/\bcheck\("([\w.]+)"/g)].map(([, question]) => question))];
    if (needs.length) found.push({ source: text(cell), needs, before: [...before] });
    before.push({ name: "picture", source: text(cell) });
  }
  return found;
}

// The notebook with answers in place; everything else stays to the letter.
export function filled(notebook, answers) {
  const cells = notebook.cells.map((cell) =>
    isAnswer(cell) && answers.has(nameOf(cell)) ? { ...cell, source: lines(answers.get(nameOf(cell))) } : cell);
  return { ...notebook, cells };
}

// Answers out of a file; an error's message is a sentence for the reader.
export async function answersOf(file, released) {
  if (file.size > MAX_BYTES) throw new Error(`${file.name} is larger than any notebook of this course.`);
  let opened;
  try { opened = JSON.parse(await file.text()); } catch { throw new Error(`${file.name} is no notebook.`); }
  if (!Array.isArray(opened?.cells)) throw new Error(`${file.name} is no notebook.`);
  const cells = opened.cells.filter((cell) => typeof cell === "object" && cell !== null);
  const names = [...stubs(released).keys()];
  const known = new Set(released.cells.map(text).map((each) => each.trim()));
  const answers = new Map();
  let own = [];
  for (const cell of cells) {
    const source = text(cell);
    const name = names.find((each) => each === nameOf(cell) && isAnswer(cell)) ??
      names.find((each) => !answers.has(each) && cell.cell_type === "code" && new RegExp(`^def ${each}\\s*\\(`, "m").test(source));
    if (name) {
      answers.set(name, cell.cell_type === "code" && own.length ? `${own.join("\n\n")}\n\n${source}` : source);
      own = [];
    } else if (cell.cell_type === "code" && !nameOf(cell) && source.trim() && !known.has(source.trim()) && !IMPORT.test(source)) {
      own.push(source); // helpers that the reader wrote before the function
    }
  }
  if (!answers.size) throw new Error(`${file.name} holds no answers to this exercise.`);
  return answers;
}

export function save(notebook, name) {
  const blob = new Blob([`${JSON.stringify(notebook, null, 1)}\n`], { type: "application/x-ipynb+json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
