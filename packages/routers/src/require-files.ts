/**
 * `require_files` (manual §"Generic options for routers"): a list that is cut first and expanded item by item. An item
 * with a slash is a file that must exist (with `!`: must not); one without names the user, maybe with a group, under
 * whom the files after it must be readable. The check by user looks at mode bits along the path, as Exim's does.
 */
import { chain, errnoOf, firstOf, isFault, strerror, trimSpace } from "@mailkit/sdk";
import type { FileFacts, FileFault, Maybe, Scope, Services, Template } from "@mailkit/sdk";

export type FilesResult =
  | undefined
  | { readonly kind: "skip"; readonly detail: string }
  | { readonly kind: "defer"; readonly message: string };

interface Reader {
  readonly uid: number;
  readonly gid: number;
}

export function requireFiles(items: readonly Template[], services: Services): (scope: Scope) => Maybe<FilesResult> {
  return (scope) => {
    let reader: Reader | undefined;
    return firstOf(items, (item) =>
      chain(item.evaluate(scope), (result): Maybe<FilesResult> => {
        if (result.kind === "forcedFailure") return undefined;
        if (result.kind === "error") {
          return { kind: "defer", message: `failed to expand "${item.source}" for require_files: ${result.message}` };
        }
        const text = trimSpace(result.text);
        if (text === "") return undefined;
        if (text.includes("/")) return requireFile(text, reader, services);
        return chain(findReader(text, services), (found) => {
          if ("kind" in found) return found;
          reader = found;
          return undefined;
        });
      }),
    );
  };
}

function requireFile(item: string, reader: Reader | undefined, services: Services): Maybe<FilesResult> {
  // `!` and `+` may come in either order.
  const marks = /^[!+\s]*/.exec(item)?.[0] ?? "";
  const path = item.slice(marks.length);
  const wanted = !marks.includes("!");
  const deniedIsMissing = marks.includes("+");
  if (!path.startsWith("/")) return { kind: "defer", message: `require_files: "${path}" is not absolute` };
  const judge = (code: string | undefined): FilesResult => {
    const missing = code === "ENOENT" || (code === "EACCES" && deniedIsMissing);
    if (code !== undefined && !missing) {
      return { kind: "defer", message: `require_files: error for ${path}: ${strerror(errnoOf(code))}` };
    }
    if (missing !== wanted) return undefined;
    return { kind: "skip", detail: `${path} ${missing ? "does not exist" : "exists"}` };
  };
  const looked = reader === undefined ? codeOf(services.files.stat(path)) : readableBy(reader, path, services);
  return chain(looked, judge);
}

function codeOf(stat: Maybe<FileFacts | FileFault>): Maybe<string | undefined> {
  return chain(stat, (facts) => (isFault(facts) ? facts.code : undefined));
}

/** Code of the first thing on the way that stands in the way; undefined = the file can be read. */
function readableBy(reader: Reader, path: string, services: Services): Maybe<string | undefined> {
  const parts = path.split("/").filter((part) => part !== "");
  const steps = parts.map((_, i) => "/" + parts.slice(0, i + 1).join("/"));
  return firstOf(["/", ...steps], (step, i) =>
    chain(services.files.stat(step), (facts) => {
      if (isFault(facts)) return facts.code;
      const bit = i === steps.length ? 4 : 1;
      const shift = facts.uid === reader.uid ? 6 : facts.gid === reader.gid ? 3 : 0;
      return reader.uid === 0 || (facts.mode >> shift) & bit ? undefined : "EACCES";
    }),
  );
}

function findReader(item: string, services: Services): Maybe<Reader | { readonly kind: "defer"; readonly message: string }> {
  const comma = item.indexOf(",");
  const user = trimSpace(comma < 0 ? item : item.slice(0, comma));
  const group = comma < 0 ? undefined : trimSpace(item.slice(comma + 1));
  const account = /^\d+$/.test(user) ? { uid: Number(user), gid: undefined } : services.accounts.byName(user);
  return chain(account as Maybe<{ uid: number; gid: number | undefined } | undefined>, (found) => {
    if (found === undefined) return defer(`user "${item}" for require_files not found`);
    if (group === undefined) {
      return found.gid === undefined
        ? defer(`group missing after numerical uid ${user} for require_files`)
        : { uid: found.uid, gid: found.gid };
    }
    if (/^\d+$/.test(group)) return { uid: found.uid, gid: Number(group) };
    return chain(services.accounts.groupByName(group), (known) =>
      known === undefined ? defer(`group "${group}" for require_files not found\n`) : { uid: found.uid, gid: known.gid },
    );
  });
}

function defer(message: string): { readonly kind: "defer"; readonly message: string } {
  return { kind: "defer", message };
}
