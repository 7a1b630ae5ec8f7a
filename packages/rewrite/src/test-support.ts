/** For tests: rules as they stand in a configuration, with patterns that are literal, `*x`, or `^regex`. */
import { makeScope } from "@mailkit/sdk";
import type { AddressList, Scope, Services } from "@mailkit/sdk";
import { textTemplate } from "@mailkit/sdk/testing";
import type { RewriteRule } from "@mailkit/config";
import { makeRewriter } from "./rewriter.ts";
import type { RewriteHost, Rewriter } from "./types.ts";

/** Pattern, replacement, flags. The replacement is text with `$name`, "fail", "error:..."; see `textTemplate`. */
export type RuleText = readonly [string, string, string?];

export interface Bench {
  readonly rewriter: Rewriter;
  readonly scope: Scope;
  readonly log: string[];
  readonly host: RewriteHost;
}

export function bench(rules: readonly RuleText[], settings: Readonly<Record<string, string>> = {}): Bench {
  const log: string[] = [];
  const services = { trace: { on: false, emit: () => {} }, lists: { address: pattern } } as unknown as Services;
  const host: RewriteHost = {
    lists: services.lists,
    pattern,
    setting: (name) => ({ qualify_recipient: "rcpt.ex", headers_charset: "UTF-8", ...settings })[name],
    log: (line, kind) => void log.push(`${kind}: ${line}`),
  };
  return { rewriter: makeRewriter({ rules: rules.map(ruleOf), host }), scope: makeScope({ services, sources: [] }), log, host };
}

function ruleOf([source, replacement, flags = ""]: RuleText): RewriteRule {
  return {
    pattern: source,
    list: flags.includes("S") ? undefined : pattern(source),
    replacement: textTemplate(replacement),
    flags,
    at: undefined,
  };
}

/** What `@mailkit/lists` does with the one item of a rule: case of local parts counts, captures are set. */
function pattern(source: string): AddressList {
  return {
    kind: "address",
    source,
    match(address, scope) {
      if (source === "defer") return { kind: "defer", message: "lookup deferred" };
      const captures = source.startsWith("^") ? new RegExp(source).exec(address) : glob(source, address);
      if (captures === null) return { kind: "no" };
      scope.frame.numeric = [...captures].map((text) => ({ text, tainted: true }));
      return { kind: "yes", data: undefined, item: source };
    },
  };
}

function glob(source: string, address: string): RegExpExecArray | null {
  const at = address.lastIndexOf("@");
  const subject = at < 0 ? address : address.slice(0, at) + address.slice(at).toLowerCase();
  const regex = source
    .split("@")
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace(/^\*/, "(.*)"))
    .join("@");
  return new RegExp(`^${regex}$`).exec(subject);
}
