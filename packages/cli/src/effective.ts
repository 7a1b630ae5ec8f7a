/** The effective configuration: every line as it counts, with the places it comes from. */
import { effectiveWithOrigins } from "@mailkit/config";
import type { EffectiveLine } from "@mailkit/config";
import type { Engine } from "@mailkit/runtime";
import { printable, unicodeOf } from "@mailkit/sdk";
import type { Position } from "@mailkit/sdk";
import { dirname, relative } from "node:path";
import { statSync } from "node:fs";

const WIDTH = 64;

export function effectiveText({ config }: Engine): string {
  const folder = statSync(config.file, { throwIfNoEntry: false })?.isDirectory() ? config.file : dirname(config.file);
  return effectiveWithOrigins(config)
    .map((line) => `${rendered(line, folder)}\n`)
    .join("");
}

function rendered({ text, places, macros }: EffectiveLine, folder: string): string {
  // A terminal would obey control characters.
  // oxlint-disable-next-line no-control-regex
  const shown = unicodeOf(text.replace(/[\x00-\x08\x0a-\x1f\x7f]/g, printable));
  if (places.length === 0) return shown;
  const named = macros.map(({ name, at }) => `${name} ${at === undefined ? "-D" : rangesOf([at], folder)}`);
  return `${shown.padEnd(WIDTH)}  ${rangesOf(places, folder)}${named.length === 0 ? "" : ` (${named.join(", ")})`}`;
}

/** `main.conf:11-14, part.conf:3`: neighbouring lines of a file as one range. */
function rangesOf(places: readonly Position[], folder: string): string {
  const ranges: { readonly file: string; readonly from: number; to: number }[] = [];
  for (const { file, line } of places) {
    const last = ranges.at(-1);
    if (last?.file === file && line >= last.to) last.to = line;
    else ranges.push({ file, from: line, to: line });
  }
  return ranges.map(({ file, from, to }) => `${shortName(file, folder)}:${from === to ? from : `${from}-${to}`}`).join(", ");
}

function shortName(file: string, folder: string): string {
  const path = relative(folder, file);
  return path.startsWith("..") ? file : path;
}

/** `line` is where the setting begins; `places` has the lines of a continued one, `macros` those whose text is in it. */
export function effectiveData({ config }: Engine): readonly unknown[] {
  return effectiveWithOrigins(config).flatMap(({ text, places, macros }) => {
    const [first] = places;
    if (first === undefined) return [];
    const more = places.length === 1 ? {} : { places: places.map(({ file, line }) => ({ file, line })) };
    const named = macros.length === 0 ? {} : { macros: macros.map(({ name, at }) => ({ name, file: at?.file, line: at?.line })) };
    return [{ text: unicodeOf(text.trim()), file: first.file, line: first.line, ...more, ...named }];
  });
}
