/** The compilers of a running program: `@mailkit/expand` for strings, `@mailkit/lists` for lists. */
import { compile } from "@mailkit/expand";
import { compileList, type ListEnvironment } from "@mailkit/lists";
import type { Compilers } from "./compilers.ts";

export function engineCompilers(environment: ListEnvironment): Compilers {
  return {
    template: compile,
    list: (kind, source, at, extra) => compileList(kind, source, { environment, compile, ...extra, ...(at === undefined ? {} : { at }) }),
  };
}
