// What came of running a cell: pictures, what was printed, the value of the last line, and why it broke off.
import { figure } from "./drawing.js";
import { element } from "./element.js";

export function shown({ pictures, printed, value }) {
  const text = [printed.replace(/\n$/, ""), value].filter(Boolean).join("\n");
  return [...pictures.map(figure), text && element("pre", { class: "exercise-output", tabindex: "0", role: "region", "aria-label": "Output" }, text)].filter(Boolean);
}

export const reason = ({ error, message, line }) => `${error}${line ? ` in line ${line}` : ""}${message ? `: ${message.replace(/\.$/, "")}` : ""}`; // its sentence goes on
