/**
 * The type of a lookup as written: `partial3(.)lsearch,ret=key*@` (manual §"Single-key lookup types", §"Default values in
 * single-key lookups", §"Partial matching in single-key lookups"). Faults are in Exim's words.
 */
import type { LookupDriver, LookupSpec } from "@mailkit/sdk";

const PARTIAL = /^partial(\d*)(?:-|\(([!-'*-/:-@[-`{-~]*)\))/;
const DEFAULT_MINIMUM = 2;
const DEFAULT_AFFIX = "*.";

export function parseLookupType(written: string, drivers: ReadonlyMap<string, LookupDriver>): LookupSpec | string {
  const partial = written.startsWith("partial") ? PARTIAL.exec(written) : undefined;
  if (partial === null) return `format error in lookup type "${written}"`;
  const rest = partial === undefined ? written : written.slice(partial[0].length);
  const { type, starDefault, options } = cut(rest);
  const driver = drivers.get(type);
  if (driver === undefined) return `unknown lookup type "${type}"`;
  if (driver.style === "query") {
    if (partial !== undefined) return `"partial" is not permitted for lookup type "${type}"`;
    if (starDefault !== "none") return `defaults using "*" or "*@" are not permitted for lookup type "${rest}"`;
  }
  const spec: LookupSpec = { type, style: driver.style, starDefault, options };
  if (partial === undefined) return spec;
  const minimum = partial[1] === "" ? DEFAULT_MINIMUM : Number(partial[1]);
  return { ...spec, partial: { minimum, affix: partial[2] ?? DEFAULT_AFFIX } };
}

/** A star ends the type, and options come after it; without a star they come after a comma. */
function cut(rest: string): Pick<LookupSpec, "type" | "starDefault" | "options"> {
  const star = rest.indexOf("*");
  const comma = rest.indexOf(",", Math.max(star, 0));
  const options = comma < 0 ? "" : rest.slice(comma + 1);
  if (star < 0) return { type: comma < 0 ? rest : rest.slice(0, comma), starDefault: "none", options };
  return { type: rest.slice(0, star), starDefault: rest[star + 1] === "@" ? "*@" : "*", options };
}
