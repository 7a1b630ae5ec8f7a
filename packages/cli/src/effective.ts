/** The effective configuration: every line as it counts, with the place it comes from. */
import { effectiveWithOrigins } from "@mailkit/config";
import type { EffectiveLine } from "@mailkit/config";
import type { Engine } from "@mailkit/runtime";
import { unicodeOf } from "@mailkit/sdk";
import { dirname, relative } from "node:path";
import { statSync } from "node:fs";

const WIDTH = 64;

export function effectiveText({ config }: Engine): string {
  const folder = statSync(config.file, { throwIfNoEntry: false })?.isDirectory() ? config.file : dirname(config.file);
  return effectiveWithOrigins(config)
    .map((line) => `${rendered(line, folder)}\n`)
    .join("");
}

function rendered({ text, at }: EffectiveLine, folder: string): string {
  const shown = unicodeOf(text);
  if (at === undefined) return shown;
  const path = relative(folder, at.file);
  return `${shown.padEnd(WIDTH)}  ${path.startsWith("..") ? at.file : path}:${at.line}`;
}

export function effectiveData({ config }: Engine): readonly unknown[] {
  return effectiveWithOrigins(config).flatMap(({ text, at }) =>
    at === undefined ? [] : [{ text: unicodeOf(text.trim()), file: at.file, line: at.line }],
  );
}
