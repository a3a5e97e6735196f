// Pictures that code drew, from the values of autograder/check/drawing/values.py.
import { element } from "./element.js";
import { narrow, Plane } from "./plane.js";

const NAMES = ["blue", "orange", "green", "purple", "gold", "red"]; // by number, as a plane's colours
const DASHES = ["none", "9 5", "3 4", "12 4 3 4"]; // lines differ in more than colour
const LEGEND = 22; // px between two names

const ink = (name) => `var(--fig-${name})`;
const isClosed = ({ points }) => points.length > 3 && Math.hypot(points[0][0] - points.at(-1)[0], points[0][1] - points.at(-1)[1]) < 1e-6;
const numberOf = (name) => Math.max(NAMES.indexOf(name), 0) + 1;
const edge = (points, sign) => points.reduce((best, point) => (sign * point[1] > sign * best[1] ? point : best));

// A figure: the drawing, its sentence for who does not see it, its caption.
export function figure({ panel, sentence }) {
  const { across, up, limits, log, artists } = panel;
  const plane = new Plane({ limits, across, up, log, height: narrow ? 320 : 360 });
  const open = artists.filter((artist) => artist.kind === "line" && artist.joined && !isClosed(artist));
  for (const artist of artists) DRAW[artist.kind](plane, artist, open);
  legend(plane, artists.filter((artist) => artist.label));
  plane.say(sentence);
  return element("figure", { class: "explorer-chart" }, plane.svg, element("figcaption", {}, caption(panel)));
}

function caption({ title, across, up, artists }) {
  const said = artists.filter((artist) => artist.meaning).map(({ meaning }) => `Mark and colour: ${meaning}, ● below one half, ■ above.`);
  return [title && `${title}.`, ...said].filter(Boolean).join(" ") || `${up} over ${across}.`;
}

const DRAW = {
  points(plane, { points, colours, shares, mark }) {
    if (mark === "cross") {
      plane.marks(plane.layer(), points, mark, ink(colours[0]));
    } else if (shares) {
      plane.points(plane.layer(), points, shares.map((share) => [1 - share, share]));
    } else if (colours.length > 1) {
      plane.points(plane.layer(), points, colours.map((name) => NAMES.map((each) => Number(each === name))));
    } else if (colours[0] === "muted") {
      const layer = plane.layer();
      layer.classList.add("explorer-faint"); // the ground of what is drawn over it
      plane.points(layer, points, null);
    } else {
      plane.marks(plane.layer(), points, mark, ink(colours[0]));
    }
  },

  line(plane, line, open) {
    const { points, colour, dashed, joined, mark } = line;
    const layer = plane.layer();
    const dashes = dashed ? DASHES[1] : line.label || open.length < 2 || isClosed(line) ? "none" : DASHES[open.indexOf(line) % DASHES.length];
    if (joined && points.length) plane.line(layer, points, ink(colour), dashes);
    if (mark) plane.marks(layer, points, mark, ink(colour));
    if (isClosed(line)) plane.word(layer, edge(points, dashed ? -1 : 1), numberOf(colour), ink(colour), { up: dashed ? -17 : 6 });
  },

  bars(plane, { edges, heights, colour }) { plane.bars(plane.layer(), edges, heights, ink(colour)); },

  contours(plane, { segments, colour }) {
    const layer = plane.layer();
    plane.segments(layer, segments, ink(colour));
    if (segments.length) plane.word(layer, edge(segments.flat(), 1), numberOf(colour), ink(colour), { up: -17 });
  },
};

// Names of lines, each with its mark, in the upper right corner.
function legend(plane, lines) {
  const layer = plane.layer();
  lines.forEach(({ label, colour, dashed, mark }, row) => {
    const sign = `${{ dot: "●", square: "■", cross: "×" }[mark] ?? ""}${dashed ? " – –" : " ——"}`;
    plane.word(layer, [plane.right, plane.top], `${sign} ${label}`, ink(colour), { anchor: "end", right: -6, up: -LEGEND * (row + 1) });
  });
}
