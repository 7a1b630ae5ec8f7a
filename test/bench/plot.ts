/** Small charts beside each other as one SVG: both axes logarithmic, so that what is proportional is a line of slope one. */
export interface Series {
  readonly title: string;
  readonly across: string;
  readonly up: string;
  readonly points: readonly { readonly x: number; readonly label: string; readonly y: number }[];
}

const [WIDTH, HEIGHT, COLUMNS] = [420, 260, 2];
const [LEFT, RIGHT, TOP, BOTTOM] = [60, 32, 44, 56];

export function plot(series: readonly Series[]): string {
  const rows = Math.ceil(series.length / COLUMNS);
  const charts = series.map((one, i) => chart(one, (i % COLUMNS) * WIDTH, Math.floor(i / COLUMNS) * HEIGHT));
  const size = { width: WIDTH * COLUMNS, height: HEIGHT * rows };
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="#fff"/>
${charts.join("\n")}
</svg>
`;
}

function chart({ title, across, up, points }: Series, x: number, y: number): string {
  const wide = scale(
    points.map((point) => point.x),
    LEFT,
    WIDTH - RIGHT,
  );
  const high = scale(decades(points.map((point) => point.y)), HEIGHT - BOTTOM, TOP);
  const dots = points.map((point) => ({ ...point, left: wide(point.x), top: high(point.y) }));
  const grid = decades(points.map((point) => point.y)).map((value) => {
    const at = high(value).toFixed(1);
    return `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}" stroke="#ddd"/><text x="${LEFT - 6}" y="${at}" text-anchor="end" dominant-baseline="middle" fill="#555">${short(value)}</text>`;
  });
  const path = dots.map(({ left, top }, i) => `${i === 0 ? "M" : "L"}${left.toFixed(1)} ${top.toFixed(1)}`).join(" ");
  const marks = dots.map(
    ({ left, top, label, y: value }) =>
      `<circle cx="${left.toFixed(1)}" cy="${top.toFixed(1)}" r="3" fill="#06c"/><text x="${left.toFixed(1)}" y="${(top - 8).toFixed(1)}" text-anchor="middle">${short(value)}</text><text x="${left.toFixed(1)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle" fill="#555">${label}</text>`,
  );
  return `<g transform="translate(${x} ${y})">
<text x="${LEFT}" y="20" font-weight="bold">${title}: ${up}</text>
${grid.join("\n")}
<path d="${path}" fill="none" stroke="#06c" stroke-width="1.5"/>
${marks.join("\n")}
<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - BOTTOM + 36}" text-anchor="middle" fill="#555">${across}</text>
</g>`;
}

function scale(values: readonly number[], from: number, to: number): (value: number) => number {
  const [low, high] = [Math.log10(Math.min(...values)), Math.log10(Math.max(...values))];
  const span = high - low || 1;
  return (value) => from + ((Math.log10(value) - low) / span) * (to - from);
}

/** The powers of ten that hold the values between them. */
function decades(values: readonly number[]): number[] {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.ceil(Math.log10(Math.max(...values)));
  return Array.from({ length: Math.max(2, high - low + 1) }, (_, i) => 10 ** (low + i));
}

function short(value: number): string {
  return Number(value.toPrecision(3)).toString();
}
