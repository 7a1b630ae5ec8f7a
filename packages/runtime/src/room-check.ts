/** `check_spool_space`, `check_spool_inodes`, `check_log_space`, `check_log_inodes` (manual, these options). */
import type { MainSettings } from "@mailkit/config";
import { parseLogFilePath } from "@mailkit/logs";
import type { Shortage } from "@mailkit/smtpd";
import { dirname } from "node:path";
import { diskRoom } from "./disk-room.ts";
import type { Engine } from "./engine.ts";
import type { Settings } from "./settings.ts";

/** Free space is asked for anew after this time, or at once when there is not plenty. Milliseconds, octets. */
const ROOM_KNOWN = 1000;
const PLENTY = 1 << 30;

interface Place {
  readonly directory: Shortage["directory"];
  readonly path: string;
  /** Octets. */
  readonly space: number;
  readonly inodes: number;
}

/** Is there room for a message of that size? -1 = size not known. Undefined: yes. */
export function roomCheck(engine: Engine): (size: number) => Shortage | undefined {
  const announced = engine.config.main.flag("smtp_check_spool_space");
  const places = placesOf(engine);
  let plentyUntil = 0;
  return (size) => {
    const wanted = announced ? Math.max(0, size) : 0;
    const now = performance.now();
    if (now < plentyUntil && wanted < PLENTY / 4) return undefined;
    let plenty = true;
    for (const place of places) {
      const needed = place.space + (place.directory === "spool" ? wanted : 0);
      if (needed <= 0 && place.inodes <= 0) continue;
      const free = freeAt(place.path);
      if (free.space < needed || free.inodes < place.inodes)
        return { directory: place.directory, space: Math.floor(free.space / 1024), inodes: free.inodes };
      if (free.space < needed + PLENTY || free.inodes < 2 * place.inodes + 100_000) plenty = false;
    }
    if (plenty) plentyUntil = now + ROOM_KNOWN;
    return undefined;
  };
}

function placesOf({ config: { main }, settings }: Engine): Place[] {
  const spool = settings.text("spool_directory") ?? "/";
  const logs = logDirectory(settings);
  return [
    { directory: "spool", path: spool, ...demand(main, "spool") },
    ...(logs === undefined ? [] : [{ directory: "log", path: logs, ...demand(main, "log") } as const]),
  ];
}

/** Undefined when nothing is written to files. */
export function logDirectory(settings: Settings): string | undefined {
  const { file } = parseLogFilePath(settings.text("log_file_path") ?? "", settings.text("spool_directory") ?? "/");
  return file === undefined ? undefined : dirname(file);
}

function demand(main: MainSettings, what: "spool" | "log"): Pick<Place, "space" | "inodes"> {
  return {
    space: Math.max(0, main.number(`check_${what}_space`)),
    inodes: Math.max(0, main.number(`check_${what}_inodes`)),
  };
}

/** What a file system does not tell counts as plenty. */
function freeAt(path: string): { readonly space: number; readonly inodes: number } {
  const room = diskRoom(path);
  return { space: room?.space ?? Infinity, inodes: room?.countsInodes === true ? room.inodes : Infinity };
}
