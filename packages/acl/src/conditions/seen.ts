/** `seen = [-]interval / options`: has this been before? (manual §"Previously seen user and hosts"). */
import { trimSpace } from "@mailkit/sdk";
import type { AclItemSource } from "@mailkit/config";
import type { AclCompilers } from "../compile.ts";
import type { ItemRun } from "../items.ts";
import { fault, type Outcome, type Run, withText } from "../run.ts";
import { parseTime } from "../scalars.ts";

interface SeenRecord {
  /** Milliseconds since 1970. */
  readonly time: number;
}

interface SeenWish {
  readonly before: boolean;
  readonly interval: number;
  readonly key: string | undefined;
  readonly mode: "normal" | "readonly" | "write";
  readonly refresh: number;
}

const TEN_DAYS = 10 * 86_400_000;

export function compileSeen(item: AclItemSource, compilers: AclCompilers): ItemRun {
  const template = compilers.template(item.value, item.at);
  return (run) =>
    withText(run, template, (text) => {
      const wish = parseSeen(text);
      return typeof wish === "string" ? fault(run, wish) : test(run, wish);
    });
}

/** A string is the fault. */
export function parseSeen(text: string): SeenWish | string {
  const [first = "", ...options] = text.split("/").map((part) => trimSpace(part));
  const before = first.startsWith("-");
  const interval = parseTime(trimSpace(before ? first.slice(1) : first));
  if (interval === undefined) return `failed to parse '${first}'`;
  let wish: SeenWish = { before, interval, key: undefined, mode: "normal", refresh: TEN_DAYS };
  for (const option of options) {
    const refresh = option.startsWith("refresh=") ? parseTime(option.slice(8)) : undefined;
    if (option.startsWith("key=")) wish = { ...wish, key: option.slice(4) };
    else if (option === "readonly" || option === "write") wish = { ...wish, mode: option };
    else if (refresh !== undefined) wish = { ...wish, refresh };
    else return option.startsWith("refresh=") ? `failed to parse '${option.slice(8)}'` : `unrecognised option '${option}' in '${text}'`;
  }
  return wish;
}

function test(run: Run, wish: SeenWish): Outcome {
  const { services } = run.context.scope;
  const key = wish.key ?? run.context.session.peer?.address ?? "";
  const now = services.clock.now();
  let found = false;
  services.hints.update<SeenRecord>("seen", key, (old) => {
    // Of a clock that was set back since: it counts as never seen, rather than as seen for as long as that lasts.
    const time = old === undefined || old.value.time > now ? undefined : old.value.time;
    const limit = now - wish.interval;
    found = time !== undefined && (wish.before ? time < limit : time >= limit);
    return newRecord(wish, { time, found, now }) ?? old?.value;
  });
  run.detail = `${key}: ${found ? "seen" : "not seen"}`;
  return found ? "yes" : "no";
}

/** Undefined: the record stays as it is. */
function newRecord(
  wish: SeenWish,
  { time, found, now }: { time: number | undefined; found: boolean; now: number },
): SeenRecord | undefined {
  if (wish.mode === "readonly") return undefined;
  if (wish.mode === "write" || time === undefined || !wish.before) return { time: now };
  // Keeps the record from being tidied away, and still older than the interval.
  return found && time < now - wish.refresh ? { time: now - wish.interval } : undefined;
}
