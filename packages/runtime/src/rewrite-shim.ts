import type { HeaderLine, Scope, Maybe } from "@mailkit/sdk";
export interface Rewriter {
  address(a: string, where: string, scope: Scope): Maybe<string>;
  headers(h: readonly HeaderLine[], s: Scope): Maybe<readonly HeaderLine[]>;
  headersBy(r: unknown, h: readonly HeaderLine[], s: Scope): Maybe<readonly HeaderLine[]>;
  smtpTime(a: string, s: Scope): Maybe<string>;
}
export function makeRewriter(_: unknown): Rewriter {
  return { address: (a) => a, headers: (h) => h, headersBy: (_r, h) => h, smtpTime: (a) => a };
}
export function renderBrw(_r: unknown, _a: string, _s: Scope): string {
  return "";
}
