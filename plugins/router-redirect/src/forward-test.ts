/** What `exim -bf` prints about a forward file that is no filter (manual, option -bf): its items, the last one first. */
import { qualify } from "@mailkit/message";
import { readItems } from "./items.ts";

export interface ForwardTest {
  readonly ok: boolean;
  readonly text: string;
}

/** `read` gives an included file, or undefined. */
export function testForwardFile(text: string, qualifyDomain: string, read: (path: string) => string | undefined): ForwardTest {
  const made: string[] = [];
  const walk = (source: string, depth: number): ForwardTest | undefined => {
    for (const item of readItems(source)) {
      switch (item.kind) {
        case "address":
          made.unshift(qualify(item.address, qualifyDomain));
          break;
        case "pipe":
          made.unshift(`|${item.command}`);
          break;
        case "file":
          made.unshift(item.path);
          break;
        case "include": {
          const inner = depth < MAX_DEPTH ? read(item.path) : undefined;
          if (inner === undefined) return refused(`failed to open included file ${item.path}`);
          const stop = walk(inner, depth + 1);
          if (stop !== undefined) return stop;
          break;
        }
        case "fail":
        case "defer":
          return refused(`"${item.item}" is not permitted`);
        case "error":
          return refused(`${item.message} in "${item.item}"`);
        case "blackhole":
          return { ok: true, text: `exim: forwardfile contains ":blackhole:"\n${NOTHING}` };
        case "unknown":
          break;
        default:
          item satisfies never;
      }
    }
    return undefined;
  };
  const stop = walk(text, 0);
  if (stop !== undefined) return stop;
  if (made.length === 0) return { ok: true, text: NOTHING };
  return { ok: true, text: `exim: forward file generated:\n${made.map((line) => `  ${line}\n`).join("")}` };
}

const NOTHING = "exim: no addresses generated from forward file\n";
const MAX_DEPTH = 10;

function refused(message: string): ForwardTest {
  return { ok: false, text: `exim: error in forward file: ${message}\n` };
}
