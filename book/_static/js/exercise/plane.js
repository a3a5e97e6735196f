// Pictures from arrays: points in the plane with their owners, components, starts to drag, curves, bars.
const NS = "http://www.w3.org/2000/svg";
const COLOURS = ["blue", "orange", "green", "purple", "gold", "red"].map((name) => `var(--fig-${name})`);
const MARGIN = { left: 66, right: 12, top: 12, bottom: 44 };
const STEP = 0.02; // of an axis, for one press of an arrow key
export const narrow = matchMedia("(max-width: 600px)").matches; // then letters are larger beside the picture
let planes = 0;

const FEW = 12; // marks that may be large

// A cross that stands out from what lies below it.
function cross(x, y, size, ink) {
  const d = `M${x - size} ${y - size}l${2 * size} ${2 * size}m0 ${-2 * size}l${-2 * size} ${2 * size}`;
  const made = shape("g", { class: "explorer-cross" });
  made.append(shape("path", { d, class: "explorer-halo" }), shape("path", { d, stroke: ink }));
  return made;
}

const power = (value) => `10${[...String(value)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit] ?? "⁻").join("")}`;

export const colour = (k) => COLOURS[k % COLOURS.length];

// The colours of the two largest owners, mixed as they share the point.
export function mixed(shares) {
  const [first, second = first] = [...shares.keys()].sort((i, j) => shares[j] - shares[i]);
  const part = Math.round((100 * shares[first]) / (shares[first] + shares[second] || 1));
  return first === second || part > 99 ? colour(first) : `color-mix(in oklab, ${colour(first)} ${part}%, ${colour(second)})`;
}

function shape(tag, attributes = {}, text = "") {
  const made = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  return made;
}

function ticks(low, high, least = 0) {
  const rough = Math.max((high - low) / 5, least);
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * unit).find((each) => each >= rough);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(6)));
}

// A drawing with two axes, of numbers or of powers of ten. Layers lie over one another in the order in which they are made.
export class Plane {
  constructor({ limits, across, up, log = [false, false], height = 400, interactive = false }) {
    [this.left, this.right, this.bottom, this.top] = limits;
    const width = narrow ? 400 : 640;
    Object.assign(this, { width, height });
    this.svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: interactive ? "group" : "img", class: "explorer-picture" });
    this.axes = this.layer();
    this.#draw(across, up, log);
    planes += 1;
    this.frame = `explorer-frame-${planes}`;
    const frame = shape("clipPath", { id: this.frame });
    frame.append(shape("rect", { x: MARGIN.left, y: MARGIN.top, width: width - MARGIN.left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom }));
    this.svg.append(frame);
  }

  layer() {
    const made = shape("g");
    this.svg.append(made);
    return made;
  }

  x(value) { return MARGIN.left + ((value - this.left) / (this.right - this.left)) * (this.width - MARGIN.left - MARGIN.right); }

  y(value) { return this.height - MARGIN.bottom - ((value - this.bottom) / (this.top - this.bottom)) * (this.height - MARGIN.top - MARGIN.bottom); }

  say(sentence) { this.svg.setAttribute("aria-label", sentence); }

  #draw(across, up, [acrossLog, upLog]) {
    const [left, right, bottom, top] = [this.x(this.left), this.x(this.right), this.y(this.bottom), this.y(this.top)];
    this.axes.append(shape("path", { d: `M${left} ${top}V${bottom}H${right}`, class: "explorer-axis" }));
    for (const value of ticks(this.left, this.right, Number(acrossLog))) this.axes.append(shape("text", { x: this.x(value), y: bottom + 18, class: "explorer-tick", "text-anchor": "middle" }, acrossLog ? power(value) : String(value)));
    for (const value of ticks(this.bottom, this.top, Number(upLog))) this.axes.append(shape("text", { x: left - 6, y: this.y(value) + 4, class: "explorer-tick", "text-anchor": "end" }, upLog ? power(value) : String(value)));
    this.axes.append(shape("text", { x: (left + right) / 2, y: this.height - 6, "text-anchor": "middle" }, across));
    const middle = (top + bottom) / 2;
    this.axes.append(shape("text", { x: 14, y: middle, "text-anchor": "middle", transform: `rotate(-90 14 ${middle})` }, up));
  }

  // Points (n, 2), each with the mark and colour of whoever owns it; without responsibilities all are grey.
  points(layer, points, responsibilities) {
    layer.replaceChildren(...points.map(([a, b], i) => {
      const shares = responsibilities?.[i];
      const owner = shares ? shares.indexOf(Math.max(...shares)) : 0;
      const [x, y] = [this.x(a), this.y(b)];
      const made = owner % 2 ? shape("rect", { x: x - 3, y: y - 3, width: 6, height: 6 }) : shape("circle", { cx: x, cy: y, r: 3.4 });
      made.setAttribute("fill", shares ? colour(owner) : "var(--fig-muted)");
      if (shares) made.style.fill = mixed(shares);
      return made;
    }));
  }

  // Two standard deviations around each mean.
  components(layer, means, covariances) {
    layer.replaceChildren(...means.map(([a, b], k) => {
      const [[p, q], [, r]] = covariances[k];
      const l = Math.sqrt(p);
      const m = q / l;
      const n = Math.sqrt(Math.max(r - m * m, 0));
      const outline = Array.from({ length: 65 }, (_, i) => {
        const [c, s] = [Math.cos((i * Math.PI) / 32), Math.sin((i * Math.PI) / 32)];
        return `${this.x(a + 2 * l * c).toFixed(1)} ${this.y(b + 2 * (m * c + n * s)).toFixed(1)}`;
      });
      return shape("path", { d: `M${outline.join("L")}Z`, class: "explorer-component", stroke: colour(k), "clip-path": `url(#${this.frame})` });
    }));
  }

  // Rows of cells from the top left, coloured by who owns them.
  map(layer, cells, columns) {
    if (!layer.childElementCount) {
      const rows = cells.length / columns;
      const [left, top] = [this.x(this.left), this.y(this.top)];
      const [width, height] = [(this.x(this.right) - left) / columns, (this.y(this.bottom) - top) / rows];
      layer.append(...cells.map((_, i) => shape("rect", {
        x: left + (i % columns) * width, y: top + Math.floor(i / columns) * height, width: width + 0.5, height: height + 0.5,
      })));
    }
    cells.forEach((shares, i) => { layer.children[i].style.fill = mixed(shares); });
  }

  line(layer, points, stroke = "var(--fig-ink)", dashes = "none") {
    const path = points.map(([a, b]) => `${this.x(a).toFixed(1)} ${this.y(b).toFixed(1)}`);
    layer.append(shape("path", { d: `M${path.join("L")}`, class: "explorer-line", stroke, "stroke-dasharray": dashes }));
  }

  segments(layer, pairs, stroke) {
    const at = ([a, b]) => `${this.x(a).toFixed(1)} ${this.y(b).toFixed(1)}`;
    layer.append(shape("path", { d: pairs.map(([from, to]) => `M${at(from)}L${at(to)}`).join(""), class: "explorer-line", stroke }));
  }

  bars(layer, edges, heights, fill) {
    const ground = this.y(Math.max(0, this.bottom));
    layer.append(...heights.map((height, i) => shape("rect", {
      x: this.x(edges[i]), y: this.y(height), width: this.x(edges[i + 1]) - this.x(edges[i]), height: ground - this.y(height), fill, class: "explorer-bar",
    })));
  }

  // One mark at each point: "dot", "square" or "cross".
  marks(layer, points, mark, fill) {
    layer.append(...points.map(([a, b]) => {
      const [x, y] = [this.x(a), this.y(b)];
      if (mark === "cross") return cross(x, y, points.length > FEW ? 5 : 8, fill);
      return mark === "square" ? shape("rect", { x: x - 4, y: y - 4, width: 8, height: 8, fill }) : shape("circle", { cx: x, cy: y, r: 4, fill });
    }));
  }

  // A word beside a point.
  word(layer, [a, b], text, fill, { anchor = "middle", right = 0, up = 0 } = {}) {
    layer.append(shape("text", { x: this.x(a) + right, y: this.y(b) - up, "text-anchor": anchor, class: "explorer-word", style: `fill: ${fill}` }, text));
  }

  dots(layer, points, chosen = -1) {
    points.forEach(([a, b], i) => layer.append(shape("circle", {
      cx: this.x(a), cy: this.y(b), r: i === chosen ? 6 : 3.5, class: i === chosen ? "explorer-chosen" : "explorer-dot",
    })));
  }

  ticksAt(layer, values) {
    const bottom = this.y(this.bottom);
    layer.append(...values.map((value) => shape("path", { d: `M${this.x(value)} ${bottom}v-10`, class: "explorer-rug" })));
  }

  // A mark that is dragged, or moved by arrow keys; `moved` hears of every move.
  handle(layer, name, position, k, moved) {
    const mark = shape("g", { tabindex: "0", role: "slider", class: "explorer-handle", "aria-label": name });
    mark.append(shape("circle", { r: 16, class: "explorer-grip" }), shape("path", { d: "M-8 0H8M0 -8V8", stroke: colour(k) }));
    const put = ([a, b]) => {
      position[0] = Math.min(this.right, Math.max(this.left, a));
      position[1] = Math.min(this.top, Math.max(this.bottom, b));
      mark.setAttribute("transform", `translate(${this.x(position[0])} ${this.y(position[1])})`);
      mark.setAttribute("aria-valuenow", position[0].toFixed(2));
      mark.setAttribute("aria-valuetext", `${position[0].toFixed(2)} across, ${position[1].toFixed(1)} up`);
    };
    mark.setAttribute("aria-valuemin", this.left);
    mark.setAttribute("aria-valuemax", this.right);
    mark.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!way) return;
      event.preventDefault();
      put([position[0] + way[0] * STEP * (this.right - this.left), position[1] + way[1] * STEP * (this.top - this.bottom)]);
      moved();
    });
    mark.addEventListener("pointerdown", (event) => { event.preventDefault(); mark.setPointerCapture(event.pointerId); mark.focus(); });
    mark.addEventListener("pointermove", (event) => {
      if (!mark.hasPointerCapture(event.pointerId)) return;
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.svg.getScreenCTM().inverse());
      const width = this.x(this.right) - this.x(this.left);
      const height = this.y(this.bottom) - this.y(this.top);
      put([this.left + ((at.x - this.x(this.left)) / width) * (this.right - this.left), this.bottom + ((this.y(this.bottom) - at.y) / height) * (this.top - this.bottom)]);
      moved();
    });
    put(position);
    layer.append(mark);
  }
}

// The density of a mixture on a line, and the share of each component.
export function densities({ weights, means, covariances }, low, high, count = 240) {
  const grid = Array.from({ length: count + 1 }, (_, i) => low + ((high - low) * i) / count);
  const each = weights.map((weight, k) => grid.map((x) => {
    const variance = covariances[k][0][0];
    return (weight * Math.exp(-((x - means[k][0]) ** 2) / (2 * variance))) / Math.sqrt(2 * Math.PI * variance);
  }));
  const total = grid.map((_, i) => each.reduce((sum, one) => sum + one[i], 0));
  return { grid, each, total };
}
