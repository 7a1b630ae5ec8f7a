/** Lines of log files, plain or gzipped, as byte strings, in blocks: a search looks at a block before it looks at lines. */
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";

const BLOCK = 1 << 20;
/** A line longer than that is no log line; it is cut so that memory stays bounded. */
const LONGEST = 1 << 20;

/** Whole lines, each block ending with a newline (but the last one, perhaps). */
export async function* logBlocks(path: string): AsyncGenerator<string> {
  const file = createReadStream(path, { highWaterMark: BLOCK });
  const source = path.endsWith(".gz") ? file.pipe(createGunzip({ chunkSize: BLOCK })) : file;
  file.on("error", (error) => source.destroy(error));
  let rest = "";
  for await (const chunk of source as AsyncIterable<Buffer>) {
    const text = rest + chunk.toString("latin1");
    const end = text.lastIndexOf("\n") + 1;
    if (end > 0) yield text.slice(0, end);
    rest = text.slice(end, end + LONGEST);
  }
  if (rest !== "") yield rest;
}

export async function* logLines(paths: readonly string[]): AsyncGenerator<string> {
  for (const path of paths)
    for await (const block of logBlocks(path)) {
      const lines = block.split("\n");
      if (lines.at(-1) === "") lines.pop();
      yield* lines;
    }
}

/** The lines of the files that hold one of the texts. ASCII case counts unless `caseless`, then the texts are in lower case. */
export async function linesWith(paths: readonly string[], texts: readonly string[], caseless = false): Promise<string[]> {
  const found: string[] = [];
  const has = (text: string): boolean => {
    const seen = caseless ? text.toLowerCase() : text;
    return texts.some((wanted) => seen.includes(wanted));
  };
  for (const path of paths) for await (const block of logBlocks(path)) if (has(block)) found.push(...block.split("\n").filter(has));
  return found;
}
