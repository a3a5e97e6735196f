// Compile what the page imports, by the very Python that runs there, and bundle the editor.
// node compile.mjs WORK: WORK holds node_modules, and the unpacked folders stdlib, numpy and course.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [work] = process.argv.slice(2);
const modules = join(work, "node_modules");
const here = import.meta.dirname;

const { buildSync } = createRequire(join(modules, "esbuild", "package.json"))("esbuild");
buildSync({
  stdin: { contents: readFileSync(join(here, "codemirror.js"), "utf8"), resolveDir: work },
  outfile: join(work, "codemirror.js"), bundle: true, minify: true, format: "esm", target: "es2020", legalComments: "none",
});

const { loadPyodide } = await import(pathToFileURL(join(modules, "pyodide", "pyodide.mjs")));
// A fixed order of sets: equal sources give equal bytes.
const python = await loadPyodide({ env: { PYTHONHASHSEED: "0" }, stdout: (line) => console.error(line) });
await python.loadPackage("numpy", { messageCallback: () => {} });
python.FS.mkdirTree("/mounted");
python.FS.mount(python.FS.filesystems.NODEFS, { root: work }, "/mounted");
python.runPython(readFileSync(join(here, "compile.py"), "utf8"));
