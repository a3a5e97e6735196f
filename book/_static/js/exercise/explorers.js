// The live figures. Each is a function of a Live, and returns what is shown; its numbers come from EXPLORERS in
// autograder/check/explorers.py.
import { element } from "./element.js";
import { colour, densities, narrow, Plane } from "./plane.js";

const ERUPTIONS = { limits: [1.2, 5.5, 38, 100], across: "duration of the eruption, minutes", up: "waiting time, minutes" };
const COLUMNS = 48; // of the map

const percent = (value) => `${Math.round(100 * value)} %`;

// --- controls ---------------------------------------------------------------------------------------

let count = 0;
function labelled(text, control, output = "") {
  count += 1;
  control.id = `explorer-${count}`;
  return element("div", { class: "explorer-control" }, element("label", { for: control.id }, text), control, output);
}

function range(text, { max, min = 0, value = min, says = String }, changed) {
  const input = element("input", { type: "range", min, max, step: 1, value });
  const output = element("output");
  const show = () => {
    output.textContent = says(Number(input.value));
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.addEventListener("input", () => { show(); changed(Number(input.value)); });
  show();
  const row = labelled(text, input, output);
  return { row, get value() { return Number(input.value); }, set value(next) { input.value = next; show(); } };
}

function choice(text, options, changed) {
  const select = element("select", {}, ...Object.entries(options).map(([value, name]) => element("option", { value }, name)));
  select.addEventListener("change", () => changed(select.value));
  return { row: labelled(text, select), get value() { return select.value; } };
}

function button(text, pressed) {
  const made = element("button", { type: "button", class: "course-button quiet" }, text);
  made.addEventListener("click", pressed);
  return made;
}

// A picture that is drawn anew, limits and all, whenever its numbers change.
function chart(across, up, xLimits) {
  const place = element("div", { class: "explorer-chart" });
  const draw = (points, chosen, sentence, { line = true } = {}) => {
    const known = points.filter(([, y]) => y !== null);
    if (!known.length) return;
    const heights = known.map(([, y]) => y);
    const [low, high] = [Math.min(...heights), Math.max(...heights)];
    const space = Math.max(0.08 * (high - low), 3); // whole numbers at the ticks: longer ones run into the label
    const plane = new Plane({ limits: [...xLimits, low - space, high + space], across, up, height: 230 });
    const layer = plane.layer();
    if (line && known.length > 1) plane.line(layer, known, "var(--fig-muted)");
    plane.dots(layer, known, known.findIndex(([x]) => x === chosen));
    plane.say(sentence);
    place.replaceChildren(plane.svg);
  };
  return { place, draw };
}

const best = (values) => Math.max(...values.filter((value) => value !== null));

// --- soft assignment: one width for all ---------------------------------------------------------------

async function variance(live) {
  const points = await live.get("data", { name: "old_faithful" });
  const plane = new Plane({ ...ERUPTIONS, interactive: true });
  const [map, dots, lines, handles] = [plane.layer(), plane.layer(), plane.layer(), plane.layer()];
  map.classList.add("explorer-map");
  const means = [[2.1, 55], [4.3, 80]];
  const deviation = (step) => 2 * 0.01 ** (step / 24);
  const ask = () => live.ask("variance", { means, deviation: deviation(sharper.value), limits: ERUPTIONS.limits }, ({ scene, map: cells }) => {
    plane.map(map, cells, COLUMNS);
    plane.points(dots, points, scene.responsibilities);
    plane.components(lines, scene.means, scene.covariances);
    plane.say(scene.sentence);
    live.say(scene.sentence);
  });
  const sharper = range("Narrower", { max: 24, value: 8, says: (step) => `σ = ${deviation(step).toFixed(2)} of the data's` }, ask);
  means.forEach((mean, k) => plane.handle(handles, `mean ${k + 1}`, mean, k, ask));
  ask();
  return [plane.svg, sharper.row];
}

// --- EM, step by step, from means that the reader puts --------------------------------------------------

async function em(live) {
  const points = await live.get("data", { name: "old_faithful" });
  const plane = new Plane({ ...ERUPTIONS, interactive: true });
  const [dots, lines, handles] = [plane.layer(), plane.layer(), plane.layer()];
  const rise = chart("steps of EM", "log-likelihood", [0, 30]);
  const places = [[2.5, 90], [3.2, 90], [4.6, 50], [1.8, 80]];
  let path = [];
  const show = () => {
    const scene = path[step.value];
    if (!scene) return;
    plane.points(dots, points, scene.responsibilities);
    plane.components(lines, scene.means, scene.covariances);
    plane.say(scene.sentence);
    rise.draw(path.map(({ value }, t) => [t, value]), step.value, `The log-likelihood after each step. ${scene.sentence}`);
    live.say(scene.sentence);
  };
  const ask = () => live.ask("em", { means: places.slice(0, Number(many.value)) }, (answer) => { path = answer; show(); });
  const step = range("Steps", { max: 30, says: (t) => `${t} of 30` }, show);
  const again = () => { step.value = 0; ask(); };
  const put = () => {
    handles.replaceChildren();
    places.slice(0, Number(many.value)).forEach((mean, k) => plane.handle(handles, `start of mean ${k + 1}`, mean, k, again));
    again();
  };
  const many = choice("Components", { 2: "2", 3: "3", 4: "4" }, put);
  put();
  const move = (by) => { step.value = Math.min(30, Math.max(0, step.value + by)); show(); };
  const buttons = element("div", { class: "explorer-buttons" }, button("Step back", () => move(-1)), button("Next step", () => move(1)), button("To step 30", () => move(30)));
  return [plane.svg, many.row, step.row, buttons, rise.place];
}

// --- collapse: a component on one point -----------------------------------------------------------------

async function collapse(live) {
  const points = await live.get("data", { name: "old_faithful" });
  const order = [...points.keys()].sort((i, j) => points[i][0] - points[j][0] || points[i][1] - points[j][1]);
  const plane = new Plane(ERUPTIONS);
  const [dots, lines, chosen] = [plane.layer(), plane.layer(), plane.layer()];
  const rise = chart(narrow ? "variance, powers of ten" : "variance of the second component, powers of ten of the data's", "log-likelihood", [-12, 0]);
  const ask = () => {
    const point = order[which.value - 1];
    live.ask("collapse", { point, step: smaller.value }, ({ scene, curve, shares }) => {
      plane.points(dots, points, scene.responsibilities);
      if (scene.means) plane.components(lines, scene.means, scene.covariances);
      chosen.replaceChildren();
      plane.dots(chosen, [points[point]], 0);
      plane.say(scene.sentence);
      rise.draw(curve.map((value, i) => [Math.log10(shares[i]), value]), Math.log10(shares[smaller.value]), `The log-likelihood at each variance. ${scene.sentence}`);
      live.say(scene.sentence);
    });
  };
  const which = range("Which eruption", { min: 1, max: points.length, value: 100, says: (i) => `${points[order[i - 1]][0]} min, wait ${points[order[i - 1]][1]} min` }, ask);
  const smaller = range("Smaller", { max: 48, value: 8, says: (i) => `variance ${(10 ** (-i / 4)).toExponential(0)} of the data's` }, ask);
  ask();
  return [plane.svg, which.row, smaller.row, rise.place];
}

// --- how many components ---------------------------------------------------------------------------------

async function components(live) {
  const points = await live.get("data", { name: "old_faithful" });
  const plane = new Plane(ERUPTIONS);
  const [dots, lines] = [plane.layer(), plane.layer()];
  const values = chart("number of components", "BIC (lower is better)", [0.5, 6.5]);
  const known = new Map(); // BIC by number, for the family that is chosen
  const ask = () => {
    const K = many.value;
    const type = family.value;
    live.say("EM runs from several starts …");
    live.ask("components", { n_components: K, covariance_type: type }, (scene) => {
      known.set(K, scene.value);
      if (scene.means) {
        plane.points(dots, points, scene.responsibilities);
        plane.components(lines, scene.means, scene.covariances);
      }
      const seen = [...known].filter(([, value]) => value !== null).sort(([a], [b]) => a - b);
      const lowest = seen.reduce((one, other) => (other[1] < one[1] ? other : one))[0];
      const sentence = `${scene.sentence} Of the ${seen.length} looked at, K = ${lowest} has the lowest BIC.`;
      plane.say(scene.sentence);
      values.draw(seen, K, sentence);
      live.say(sentence);
    });
  };
  const many = range("Components", { min: 1, max: 6, value: 2, says: (K) => `K = ${K}` }, ask);
  const names = { full: "full", tied: "tied", diag: "diagonal", spherical: "spherical" };
  const family = choice("Family", names, () => { known.clear(); ask(); });
  ask();
  return [plane.svg, many.row, family.row, values.place];
}

// --- starts on the galaxies --------------------------------------------------------------------------------

async function starts(live) {
  const points = (await live.get("data", { name: "galaxies" })).map(([x]) => x);
  const plane = new Plane({ limits: [5, 38, 0, 0.26], across: "velocity, 1000 km/s", up: "density", height: 300 });
  const [ticks, curves] = [plane.layer(), plane.layer()];
  plane.ticksAt(ticks, points);
  const ends = chart("number of the start", "log-likelihood", [0, 31]);
  let values = [];
  const show = (scene, seed) => {
    values[seed - 1] = [seed, scene.value];
    curves.replaceChildren();
    if (scene.means) {
      const { grid, each, total } = densities(scene, 5, 38);
      each.forEach((one, k) => plane.line(curves, grid.map((x, i) => [x, Math.min(one[i], 0.26)]), colour(k)));
      plane.line(curves, grid.map((x, i) => [x, Math.min(total[i], 0.26)]));
    }
    const seen = values.filter(Boolean);
    const top = best(seen.map(([, value]) => value));
    const reached = seen.filter(([, value]) => value !== null && value > top - 0.1).length;
    const sentence = `${scene.sentence} ${reached} of ${seen.length} starts reach the best so far, ${top.toFixed(2)} (${percent(reached / seen.length)}).`;
    plane.say(scene.sentence);
    ends.draw(seen, seed, sentence, { line: false });
    live.say(sentence);
  };
  const ask = (seed) => live.ask("start", { n_components: many.value, init: kind.value, seed }, (scene) => show(scene, seed));
  const again = () => { values = []; ends.place.replaceChildren(); ask(1); };
  const many = range("Components", { min: 2, max: 6, value: 4, says: (K) => `K = ${K}` }, again);
  const kind = choice("Begin with", { points: "random points", "k-means++": "k-means++", kmeans: "k-means", random: "random responsibilities" }, again);
  const next = () => { if (values.length < 30) ask(values.length + 1); };
  const ten = async () => {
    for (let i = 0; i < 10 && values.length < 30; i += 1) {
      const seed = values.length + 1;
      show(await live.get("start", { n_components: many.value, init: kind.value, seed }), seed);
    }
  };
  again();
  const buttons = element("div", { class: "explorer-buttons" }, button("Another start", next), button("Ten more", ten));
  return [plane.svg, many.row, kind.row, buttons, ends.place];
}

export const EXPLORERS = { variance, em, collapse, components, starts };
