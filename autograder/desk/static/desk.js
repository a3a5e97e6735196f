// An assignment's page: files in, progress, what is asked for. All text is set as text, never as HTML.
import { asked, base, xsrf } from "./asking.js";

const page = document.getElementById("page");
const element = (id) => document.getElementById(id);

function say(message, good = false) {
  const said = element("said");
  said.className = good ? "good" : "";
  said.textContent = message;
  said.toggleAttribute("data-long", said.offsetHeight > innerHeight / 3); // it would cover too much of a small screen
}

/** Ask the desk to do something; gives its answer, or says why not and gives null. */
async function ask(path, values = {}) {
  try {
    return await asked(path, values);
  } catch (error) {
    say(error.message);
    return null;
  }
}

const make = (tag, text, properties = {}) => Object.assign(document.createElement(tag), { textContent: text, ...properties });
const KINDS = { incident: "bad", "not graded": "bad", look: "note", "to do": "note" };

/** Lines of a list, each with a word for what a person must look at, if there is one. */
function listed(list, lines) {
  const items = lines.map(({ text, rank }) => {
    const item = make("li", rank ? ` ${text}` : text);
    if (rank) item.prepend(make("span", rank, { className: `tag ${KINDS[rank]}` }));
    return item;
  });
  list.replaceChildren(...items);
}

/** An item that shows its lines when it is opened. */
function fold(summary, lines) {
  const item = make("li", "");
  const list = make("ul", "");
  listed(list, lines.map((text) => ({ text })));
  const details = make("details", "");
  details.append(make("summary", summary), list);
  item.append(details);
  return item;
}

// ------------------------------------------------------------------- parts that change

function show(parts) {
  const chosen = new Set([...document.querySelectorAll("[name=student]:checked")].map((box) => box.value));
  for (const part of document.querySelectorAll("[data-part]")) {
    const found = parts.getElementById(part.dataset.part);
    if (found) part.replaceChildren(document.importNode(found, true));
  }
  for (const box of document.querySelectorAll("input[name=student]")) box.checked = chosen.has(box.value);
  filter();
  const who = element("who");
  const before = who.value;
  const rows = [...document.querySelectorAll("#students tbody tr")];
  const named = rows.map((row) => make("option", row.querySelector(".name").textContent, { value: row.dataset.student }));
  who.replaceChildren(who.options[0], ...named);
  who.value = before;
}

// ------------------------------------------------------------------- which rows are shown

/** Show the rows that have every word that was typed; say how many they are, and how many are chosen. */
function filter() {
  const rows = [...document.querySelectorAll("#students tbody tr")];
  const words = element("filter").value.toLowerCase().split(/\s+/);
  for (const row of rows) row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
  const shown = rows.filter((row) => !row.hidden).length;
  const chosen = document.querySelectorAll("[name=student]:checked").length;
  const count = shown < rows.length ? `${shown} of ${rows.length} students` : `${rows.length} students`;
  element("filtered").textContent = chosen ? `${count}, ${chosen} chosen` : count;
  element("filters").hidden = rows.length < 2;
}
element("filter").addEventListener("input", filter);
document.addEventListener("change", (event) => {
  if (event.target.name === "student" && event.target.type === "checkbox") filter();
});

async function renew() {
  const response = await fetch(base + "/state", { headers: { "X-XSRFToken": xsrf } });
  if (response.ok) show(new DOMParser().parseFromString(await response.text(), "text/html"));
}

// ------------------------------------------------------------------- files in

async function takeIn(files) {
  const every = [...files];
  const lines = [];
  const renamed = [];
  let students = 0;
  let noted = false;
  for (const [number, file] of every.entries()) {
    if (file.size > Number(element("drop").dataset.max)) {
      lines.push({ text: `${file.name}: larger than 200 MB. Split the archive.` });
      continue;
    }
    say(`Taking in ${file.name} (${number + 1} of ${every.length}) …`);
    const answer = await ask(`/collect?name=${encodeURIComponent(file.name)}`, file);
    lines.push({ text: answer ? answer.message : `${file.name}: ${element("said").textContent}` });
    students += answer ? answer.students.length : 0;
    const notes = answer ? answer.notes : [];
    const asked = answer?.questions ?? 0; // so many of them, the first ones, wait for a decision
    lines.push(...notes.map((note, place) => (place < asked ? { text: note, rank: "to do" } : { text: `Note: ${note}` })));
    renamed.push(...(answer?.renamed ?? []));
    noted ||= notes.length > 0;
    if (answer) say(answer.message, notes.length === 0);
  }
  listed(element("taken"), lines);
  const have = renamed.length === 1 ? "notebook has" : "notebooks have";
  if (renamed.length) element("taken").append(fold(`${renamed.length} ${have} another name, which does no harm`, renamed));
  const next = noted ? "Read the notes under Collect, then grade." : "Next: grade.";
  if (students) say(`${students} submission${students === 1 ? "" : "s"} taken in. ${next}`, !noted);
  await renew();
}

const drop = element("drop");
for (const kind of ["dragover", "dragenter"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) drop.classList.remove("over");
});
document.addEventListener("drop", (event) => {
  event.preventDefault(); // anywhere on the page: a file must not replace it
  drop.classList.remove("over");
  takeIn(event.dataTransfer.files);
});
element("files").addEventListener("change", async (event) => {
  await takeIn(event.target.files);
  event.target.value = "";
});

// ------------------------------------------------------------------- jobs

const minutes = (seconds) =>
  seconds < 55 ? `${Math.max(5, Math.ceil(seconds / 5) * 5)} s` : `${Math.ceil(seconds / 60)} min`;

function progress(seen) {
  const running = seen.state === "running";
  element("progress").hidden = !running;
  element("stop").hidden = !running;
  for (const id of ["grade", "regrade", "preview", "similar"]) element(id).disabled = running;
  const bar = element("bar");
  const counted = seen.total > 0 && seen.step === "grading";
  const left = counted && seen.seconds_left !== null ? `, about ${minutes(seen.seconds_left)} left` : "";
  element("step").textContent = counted
    ? `${seen.done} of ${seen.total} graded${left}`
    : `${seen.step.charAt(0).toUpperCase()}${seen.step.slice(1)} …`;
  if (counted) bar.value = seen.done / seen.total;
  else bar.removeAttribute("value");
  element("under-way").textContent = (seen.under_way ?? []).length ? `Now: ${seen.under_way.join(", ")}` : "";
}

let watched = null;
function watch() {
  if (watched) watched.close();
  let before = -1;
  watched = new EventSource(`${base}/events?_xsrf=${encodeURIComponent(xsrf)}`);
  watched.onmessage = async (event) => {
    const seen = JSON.parse(event.data);
    const left = document.activeElement === element("stop") && seen.state !== "running";
    if (seen.state !== "none") progress(seen);
    if (seen.state === "running") {
      if (seen.done - before >= Math.max(1, seen.total / 20)) {
        before = seen.done;
        renew();
      }
      return;
    }
    watched.close();
    if (seen.state === "done") {
      say("Done.", true);
      if (seen.compared) element("said").append(" ", make("a", "See the code that is alike", { href: page.dataset.similar }));
      showResult(seen);
    } else if (seen.state === "failed") {
      say(seen.problem);
    }
    // The button to stop it is gone: whoever was there goes on with what came of it.
    if (left) element("h-grade").focus();
    await renew();
  };
  watched.onerror = () => {
    if (watched.readyState === EventSource.CLOSED) say("The desk does not answer. Is autograder serve still running?");
  };
}

const points = (value) => String(Math.round(value * 100) / 100);

/** Whose points changed, or would: from what to what, and where; then the reasons, each once. */
function showResult(seen) {
  listed(element("ended"), seen.lines);
  if (!seen.changes.length) return;
  const table = make("table", "");
  table.append(make("caption", seen.preview ? "What would change" : "What changed"));
  const head = table.createTHead().insertRow();
  for (const [name, kind] of [["Student", ""], ["From", "number"], ["To", "number"], ["Where", ""]]) {
    head.append(make("th", name, { scope: "col", className: kind }));
  }
  const body = table.createTBody();
  for (const change of seen.changes) {
    const row = body.insertRow();
    row.append(make("th", change.name, { scope: "row" }));
    for (const value of [change.before, change.after]) row.append(make("td", points(value), { className: "number" }));
    const where = change.parts.map(([name, old, now]) => `${name} ${points(old)} → ${points(now)}`).join(", ");
    row.append(make("td", where));
  }
  const reasons = new Map();
  for (const reason of seen.changes.flatMap((change) => change.reasons)) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  const why = make("ul", "", { className: "small" });
  for (const [reason, count] of [...reasons].sort((a, b) => b[1] - a[1])) {
    why.append(make("li", `${reason} (${count} ${count === 1 ? "student" : "students"})`));
  }
  const around = make("div", "", { className: "scroll", tabIndex: 0 });
  around.setAttribute("role", "region");
  around.setAttribute("aria-label", "Changed points");
  around.append(table);
  element("changes").replaceChildren(around, ...(reasons.size ? [make("p", "Why:"), why] : []));
}

const chosen = () => [...document.querySelectorAll("input[name=student]:checked")].map((box) => box.value);
async function start(path, values) {
  say("");
  listed(element("ended"), []);
  element("changes").replaceChildren();
  const answer = await ask(path, values);
  if (answer) {
    progress({ state: "running", step: "starting", total: 0, done: 0 });
    element("stop").focus(); // in sight, with the progress below it, wherever the button was that started it
    watch();
  }
}
for (const way of ["grade", "similar"]) element(way).addEventListener("click", () => start(`/${way}`));
for (const way of ["preview", "regrade"]) {
  element(way).addEventListener("click", () =>
    start(`/${way}`, { students: chosen(), new_inputs: element("new-inputs").checked }),
  );
}
element("stop").addEventListener("click", async () => {
  const answer = await ask("/stop");
  if (answer) say(answer.message); // and then the job says why it ended
});

// ------------------------------------------------------------------- more time, downloads

element("extend").addEventListener("submit", async (event) => {
  event.preventDefault();
  const values = Object.fromEntries(new FormData(event.target));
  const answer = await ask("/extend", values);
  if (answer) {
    say(answer.message, true);
    await renew();
  }
});
element("due").addEventListener("submit", async (event) => {
  event.preventDefault();
  const values = Object.fromEntries(new FormData(event.target));
  const answer = await ask("/due", values);
  if (answer) {
    element("until").min = values.due;
    say(answer.message, true);
    await renew();
  }
});
for (const way of ["exchange", "links"]) {
  element(way).addEventListener("click", async () => {
    say("Writing the pages …");
    const answer = await ask(`/${way}`);
    if (answer) {
      say(answer.message, true);
      await renew();
    }
  });
}
for (const link of document.querySelectorAll("[data-download]")) {
  link.addEventListener("click", async (event) => {
    event.preventDefault(); // a refusal is said on this page
    say(`Making the file …`);
    const more = "export" in link.dataset && element("incomplete").checked ? "?incomplete=1" : "";
    const response = await fetch(link.href + more, { headers: { Accept: "application/json", "X-XSRFToken": xsrf } });
    if (!response.ok) {
      say((await response.json()).message);
      return;
    }
    const name = decodeURIComponent(response.headers.get("Content-Disposition").split("''")[1]);
    const saved = document.createElement("a");
    saved.href = URL.createObjectURL(await response.blob());
    saved.download = name;
    saved.click();
    setTimeout(() => URL.revokeObjectURL(saved.href), 10000);
    const notes = (response.headers.get("X-Note") ?? "").split(", ").filter(Boolean).map(decodeURIComponent);
    listed(link.closest("section").querySelector("[data-notes]"), notes.map((note) => ({ text: `Note: ${note}` })));
    say(notes.length ? `Saved: ${name}. Read the notes below the list.` : `Saved: ${name}`, notes.length === 0);
    await renew();
  });
}

// ------------------------------------------------------------------- what was broken off

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-again], [data-dismiss]");
  if (!button) return;
  const { again, ticked, students, dismiss } = button.dataset;
  if (dismiss) {
    await ask("/dismiss", { name: dismiss });
    await renew();
    element("content").focus();
    return;
  }
  const named = new Set(JSON.parse(students));
  for (const box of document.querySelectorAll("input[name=student]")) box.checked = named.has(box.value);
  for (const [id, value] of Object.entries(JSON.parse(ticked))) element(id).checked = value;
  document.querySelector(again).click();
});

show(element("parts").content);
if (page.dataset.running) watch();
