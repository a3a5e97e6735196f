// Reads one JSON request a line, {"tex": ..., "display": ..., "macros": {...}}; answers one JSON line each.
const readline = require("node:readline");
const temml = require(require("node:path").join(process.argv[2], "dist", "temml.cjs"));

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const { tex, display, macros } = JSON.parse(line);
  let answer;
  try {
    // A copy of the macros: a definition inside one formula must not leak into the next.
    const options = { displayMode: display, throwOnError: true, macros: { ...macros } };
    answer = { mathml: temml.renderToString(tex, options) };
  } catch (error) {
    answer = { error: String(error.message) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
});
