/** Text in terminal cells: how wide it is, and how it is cut to a width. Pure. */

/** East Asian wide and emoji ranges, combining marks; good enough for addresses and subjects. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const NONE = /\p{Mn}|\p{Me}|\u200b|\u200c|\u200d/u;

export function cellsOf(text: string): number {
  if (/^[\u0020-\u007e]*$/.test(text)) return text.length;
  let cells = 0;
  for (const character of text) cells += widthOf(character);
  return cells;
}

function widthOf(character: string): number {
  return NONE.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
}

/** At most `width` cells; what is cut ends with `mark`. */
export function cut(text: string, width: number, mark = "…"): string {
  if (cellsOf(text) <= width) return text;
  if (width <= mark.length) return mark.slice(0, Math.max(0, width));
  let cells = 0;
  let kept = "";
  for (const character of text) {
    cells += widthOf(character);
    if (cells > width - mark.length) break;
    kept += character;
  }
  return kept + mark;
}

/** Exactly `width` cells. */
export function fit(text: string, width: number, mark = "…"): string {
  const short = cut(text, width, mark);
  return short + " ".repeat(Math.max(0, width - cellsOf(short)));
}
