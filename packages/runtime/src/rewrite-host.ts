/** What rewriting rules ask of the engine, those of the rewrite section and those of a transport's `headers_rewrite`. */
import type { Compilers } from "@mailkit/config";
import type { RewriteHost } from "@mailkit/rewrite";
import type { AddressList, Services } from "@mailkit/sdk";
import { joinItem } from "@mailkit/sdk";

export function rewriteHost(services: Services, compilers: Compilers, setting: (name: string) => string | undefined): RewriteHost {
  return {
    lists: services.lists,
    trace: services.trace,
    setting,
    pattern: (source) => compilers.list("address", joinItem(source), undefined, { captures: true, caseful: true }) as AddressList,
  };
}
